-module(b_spread).
-export([main/1, part/5]).
%% The smallest value that reaches each node, GRAPH.csr, P partitions (contiguous blocks, P a power of 2), until nothing changes.
%% components: values are node numbers; bfs: 1 at the node to which the first edge leads, one more for each edge.
%% Values lie in an atomics array of each partition, so they change in place; each partition tells the others only of values
%% that are smaller than all that it told of the same node before.
-define(UNREACHED, 1000000000).
main([Mode, File, P]) -> u:run(fun() -> Pn = u:int(P),
    {ok, <<N:64/little, M:64/little, Rest/binary>>} = file:read_file(File),
    OffB = (N + 1) * 4, <<Off:OffB/binary, Adj/binary>> = Rest, <<Root:32/little, _/binary>> = Adj,
    io:format("# n ~w m ~w~n", [N, M]), Me = self(), B = N div Pn,
    Step = case Mode of "bfs" -> 1; "components" -> 0 end,
    Ws = [begin Lo = I * B,
          Ns = list_to_tuple([begin A = off(Off, V), binary:part(Adj, A * 4, (off(Off, V + 1) - A) * 4) end || V <- lists:seq(Lo, Lo + B - 1)]),
          spawn_link(?MODULE, part, [{Lo, B}, Ns, N, {Step, Root}, Me]) end || I <- lists:seq(0, Pn - 1)],
    [receive {ready, W} -> ok end || W <- Ws], T = list_to_tuple(Ws),
    u:t("time", fun() -> [W ! {start, T} || W <- Ws], [receive {done, W} -> ok end || W <- Ws] end),
    [W ! count || W <- Ws],
    u:r("check", lists:sum([receive {count, W, C} -> C end || W <- Ws]), n) end).
off(Off, I) -> <<X:32/little>> = binary:part(Off, I * 4, 4), X.
part({Lo, B}, Ns, N, {Step, Root}, Me) ->
    V = atomics:new(N, []), Q = atomics:new(N, []),
    First = case Step of
        0 -> [atomics:put(V, I + 1, I) || I <- lists:seq(0, N - 1)], lists:seq(Lo, Lo + B - 1);
        1 -> [atomics:put(V, I, ?UNREACHED) || I <- lists:seq(1, N)], atomics:put(V, Root + 1, 1), [Root || Root >= Lo, Root < Lo + B]
    end,
    Me ! {ready, self()},
    receive {start, Ws} -> rounds(1, First, {Lo, Lo + B, B, Ns, V, Q, Step, Ws}) end,
    Me ! {done, self()},
    receive count -> Me ! {count, self(), lists:sum([found(Step, I, atomics:get(V, I + 1)) || I <- lists:seq(Lo, Lo + B - 1)])} end.
found(0, I, X) -> case X of I -> 1; _ -> 0 end;
found(1, _, X) -> case X of ?UNREACHED -> 0; _ -> X end.
%% every partition sends every other one message a round: how many of its own nodes have changed, and values for the other's
rounds(K, Changed, {Lo, _, B, Ns, V, Q, Step, Ws} = S) ->
    {Own, Others} = spread(Changed, K, S, Ns, Lo, V, Q, Step, [], []),
    Self = self(), P = tuple_size(Ws), Me = Lo div B, C = length(Own) + length(Others),
    Out = split(lists:sort(Others), 0, B, V, P),
    [begin W = element(J + 1, Ws), W ! {K, Self, C, L} end || {J, L} <- lists:zip(lists:seq(0, P - 1), Out), J =/= Me],
    In = [receive {K, W, X, L} -> {X, L} end || W <- tuple_to_list(Ws), W =/= Self],
    case C + lists:sum([X || {X, _} <- In]) of
        0 -> ok;
        _ -> rounds(K + 1, lists:foldl(fun({_, L}, A) -> told(L, K, V, Q, A) end, Own, In), S)
    end.
spread([], _, _, _, _, _, _, _, Own, Others) -> {Own, Others};
spread([N | T], K, S, Ns, Lo, V, Q, Step, Own, Others) ->
    {O1, O2} = edges(element(N - Lo + 1, Ns), atomics:get(V, N + 1) + Step, K, element(2, S), Lo, V, Q, Own, Others),
    spread(T, K, S, Ns, Lo, V, Q, Step, O1, O2).
edges(<<U:32/little, R/binary>>, X, K, Hi, Lo, V, Q, Own, Others) ->
    case atomics:get(V, U + 1) of
        Y when Y =< X -> edges(R, X, K, Hi, Lo, V, Q, Own, Others);
        _ -> atomics:put(V, U + 1, X),
            case atomics:get(Q, U + 1) of
                K -> edges(R, X, K, Hi, Lo, V, Q, Own, Others);
                _ -> atomics:put(Q, U + 1, K),
                    if U < Lo; U >= Hi -> edges(R, X, K, Hi, Lo, V, Q, Own, [U | Others]);
                       true -> edges(R, X, K, Hi, Lo, V, Q, [U | Own], Others) end
            end
    end;
edges(<<>>, _, _, _, _, _, _, Own, Others) -> {Own, Others}.
%% the sorted nodes of each partition, with their values
split(_, P, _, _, P) -> [];
split(L, J, B, V, P) -> {Own, Rest} = take(L, (J + 1) * B, V, []), [Own | split(Rest, J + 1, B, V, P)].
take([U | T], Hi, V, A) when U < Hi -> take(T, Hi, V, [{U, atomics:get(V, U + 1)} | A]);
take(L, _, _, A) -> {A, L}.
told([], _, _, _, A) -> A;
told([{U, X} | T], K, V, Q, A) ->
    case atomics:get(V, U + 1) of
        Y when Y =< X -> told(T, K, V, Q, A);
        _ -> atomics:put(V, U + 1, X),
            case atomics:get(Q, U + 1) of
                K -> told(T, K, V, Q, A);
                _ -> atomics:put(Q, U + 1, K), told(T, K, V, Q, [U | A])
            end
    end.
