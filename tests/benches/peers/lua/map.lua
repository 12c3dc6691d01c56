-- Puts N keys (seq or rand) into a table, then looks each up and sums the values. Arguments: KEYS N.
local mode, N = arg[1], tonumber(arg[2])
local function key_seq(i) return i end
local function key_rand(i) return (i * 2654435761) % 4294967296 end
local key = mode == "seq" and key_seq or key_rand
local t, acc = {}, 0
local t0 = os.clock(); for i = 0, N-1 do t[key(i)] = i end
print(string.format("R insert %.9f s", os.clock()-t0))
t0 = os.clock(); for i = 0, N-1 do acc = acc + t[key(i)] end
print(string.format("R lookup %.9f s", os.clock()-t0)); print(string.format("R check %.0f n", acc))
