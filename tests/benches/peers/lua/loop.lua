-- The sum of (i * 7 + 3) mod 11 for i from 0 to N - 1. Arguments: N.
local N = tonumber(arg[1])
local t0 = os.clock(); local acc = 0
for i = 0, N-1 do acc = acc + (i*7+3) % 11 end
print(string.format("R time %.9f s", os.clock()-t0)); print(string.format("R check %d n", acc))
