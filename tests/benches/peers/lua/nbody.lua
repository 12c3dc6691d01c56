-- The orbits of the sun and four planets, N steps. Arguments: N. The answer is the energy at the end.
local N = tonumber(arg[1])
local sqrt, PI = math.sqrt, math.pi
local SM, DY = 4*PI*PI, 365.24
local bodies = {
 {x=0,y=0,z=0,vx=0,vy=0,vz=0,mass=SM},
 {x=4.84143144246472090e+00,y=-1.16032004402742839e+00,z=-1.03622044471123109e-01,vx=1.66007664274403694e-03*DY,vy=7.69901118419740425e-03*DY,vz=-6.90460016972063023e-05*DY,mass=9.54791938424326609e-04*SM},
 {x=8.34336671824457987e+00,y=4.12479856412430479e+00,z=-4.03523417114321381e-01,vx=-2.76742510726411899e-03*DY,vy=4.99852801234917238e-03*DY,vz=2.30417297573763929e-05*DY,mass=2.85885980666130812e-04*SM},
 {x=1.28943695621391310e+01,y=-1.51111514016986312e+01,z=-2.23307578892655734e-01,vx=2.96460137564761618e-03*DY,vy=2.37847173959480950e-03*DY,vz=-2.96589568540237556e-05*DY,mass=4.36624404335156298e-05*SM},
 {x=1.53796971148509165e+01,y=-2.59193146099879641e+01,z=1.79258772950371181e-01,vx=2.68067772490389322e-03*DY,vy=1.62824170038242295e-03*DY,vz=-9.51592254519715870e-05*DY,mass=5.15138902046611451e-05*SM}}
local function advance(bs, n, dt)
  for i = 1, n do
    local bi = bs[i]; local x,y,z,m = bi.x,bi.y,bi.z,bi.mass; local vx,vy,vz = bi.vx,bi.vy,bi.vz
    for j = i+1, n do
      local bj = bs[j]; local dx,dy,dz = x-bj.x,y-bj.y,z-bj.z
      local d2 = dx*dx+dy*dy+dz*dz; local mag = dt/(d2*sqrt(d2)); local bm = bj.mass*mag
      vx = vx-dx*bm; vy = vy-dy*bm; vz = vz-dz*bm
      bm = m*mag; bj.vx = bj.vx+dx*bm; bj.vy = bj.vy+dy*bm; bj.vz = bj.vz+dz*bm
    end
    bi.vx,bi.vy,bi.vz = vx,vy,vz; bi.x = x+dt*vx; bi.y = y+dt*vy; bi.z = z+dt*vz
  end
end
local function energy(bs, n)
  local e = 0
  for i = 1, n do local b = bs[i]; e = e + 0.5*b.mass*(b.vx^2+b.vy^2+b.vz^2)
    for j = i+1, n do local c = bs[j]; e = e - b.mass*c.mass/sqrt((b.x-c.x)^2+(b.y-c.y)^2+(b.z-c.z)^2) end end
  return e
end
local px,py,pz = 0,0,0
for _, b in ipairs(bodies) do px=px+b.vx*b.mass; py=py+b.vy*b.mass; pz=pz+b.vz*b.mass end
bodies[1].vx, bodies[1].vy, bodies[1].vz = -px/SM, -py/SM, -pz/SM
local e0 = energy(bodies, 5)
local t0 = os.clock(); for _ = 1, N do advance(bodies, 5, 0.01) end
print(string.format("R time %.9f s", os.clock()-t0)); print(string.format("# energy at the start %.9f", e0)); print(string.format("R check %.9f n", energy(bodies,5)))
