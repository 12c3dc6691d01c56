-- Recursive Fibonacci numbers. Arguments: N.
local N = tonumber(arg[1])
local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end
local t0 = os.clock(); local v = fib(N); print(string.format("R time %.9f s", os.clock()-t0)); print("R check "..string.format("%d",v).." n")
