-module(b_nbody).
-export([main/1]).
-define(PI, 3.141592653589793).
-define(SM, (4 * ?PI * ?PI)).
-define(DY, 365.24).
main([N]) -> u:run(fun() ->
    Bs = offset(bodies()),
    E1 = u:t("time", fun() -> energy(steps(u:int(N), Bs)) end),
    io:format("# energy at the start ~.9f~nR check ~.9f n~n", [energy(Bs), E1]) end).
%% body = {X,Y,Z,VX,VY,VZ,M}
bodies() -> [
  {0.0,0.0,0.0,0.0,0.0,0.0,?SM},
  {4.84143144246472090e+00,-1.16032004402742839e+00,-1.03622044471123109e-01,1.66007664274403694e-03*?DY,7.69901118419740425e-03*?DY,-6.90460016972063023e-05*?DY,9.54791938424326609e-04*?SM},
  {8.34336671824457987e+00,4.12479856412430479e+00,-4.03523417114321381e-01,-2.76742510726411899e-03*?DY,4.99852801234917238e-03*?DY,2.30417297573763929e-05*?DY,2.85885980666130812e-04*?SM},
  {1.28943695621391310e+01,-1.51111514016986312e+01,-2.23307578892655734e-01,2.96460137564761618e-03*?DY,2.37847173959480950e-03*?DY,-2.96589568540237556e-05*?DY,4.36624404335156298e-05*?SM},
  {1.53796971148509165e+01,-2.59193146099879641e+01,1.79258772950371181e-01,2.68067772490389322e-03*?DY,1.62824170038242295e-03*?DY,-9.51592254519715870e-05*?DY,5.15138902046611451e-05*?SM}].
offset(Bs = [{X,Y,Z,_,_,_,M}|R]) ->
    {PX,PY,PZ} = lists:foldl(fun({_,_,_,A,B,C,W},{D,E,F}) -> {D+A*W,E+B*W,F+C*W} end, {0.0,0.0,0.0}, Bs),
    [{X,Y,Z,-PX/?SM,-PY/?SM,-PZ/?SM,M}|R].
steps(0, Bs) -> Bs;
steps(N, Bs) -> steps(N - 1, advance(Bs)).
%% all pairs once: B against the Rest, then recurse on the updated Rest
advance([]) -> [];
advance([{X,Y,Z,VX,VY,VZ,M}|Rest]) -> pair(X,Y,Z,VX,VY,VZ,M,Rest,[]).
pair(X,Y,Z,VX,VY,VZ,M,[],Acc) ->
    [{X+0.01*VX,Y+0.01*VY,Z+0.01*VZ,VX,VY,VZ,M} | advance(lists:reverse(Acc))];
pair(X,Y,Z,VX,VY,VZ,M,[{X2,Y2,Z2,VX2,VY2,VZ2,M2}|T],Acc) ->
    DX = X - X2, DY = Y - Y2, DZ = Z - Z2,
    D2 = DX*DX + DY*DY + DZ*DZ,
    Mag = 0.01 / (D2 * math:sqrt(D2)),
    A = M2 * Mag, B = M * Mag,
    pair(X,Y,Z, VX - DX*A, VY - DY*A, VZ - DZ*A, M, T,
         [{X2,Y2,Z2, VX2 + DX*B, VY2 + DY*B, VZ2 + DZ*B, M2}|Acc]).
energy([]) -> 0.0;
energy([{X,Y,Z,VX,VY,VZ,M}|T]) ->
    0.5*M*(VX*VX+VY*VY+VZ*VZ) -
      lists:sum([M*M2/math:sqrt((X-X2)*(X-X2)+(Y-Y2)*(Y-Y2)+(Z-Z2)*(Z-Z2)) || {X2,Y2,Z2,_,_,_,M2} <- T]) + energy(T).
