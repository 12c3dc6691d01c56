-- Builds the list of the ints 1 to N, maps x * 2 + 1 over it and sums the result, R times. Arguments: MODE N R.
-- mode cons: linked {head, tail} cells; mode array: plain arrays
local mode, N, R = arg[1], tonumber(arg[2]), tonumber(arg[3])
local t0 = os.clock(); local acc = 0
for _ = 1, R do
  if mode == "cons" then
    local l = nil; for i = N, 1, -1 do l = {i, l} end
    local head = {false, nil}; local p = head            -- map keeps the order
    while l do local c = {l[1]*2+1, nil}; p[2] = c; p = c; l = l[2] end
    l = head[2]; local s = 0; while l do s = s + l[1]; l = l[2] end; acc = acc + s
  else
    local a = {}; for i = 1, N do a[i] = i end
    local b = {}; for i = 1, N do b[i] = a[i]*2+1 end
    local s = 0; for i = 1, N do s = s + b[i] end; acc = acc + s
  end
end
print(string.format("R time %.9f s", os.clock()-t0)); print(string.format("R check %.0f n", acc))
