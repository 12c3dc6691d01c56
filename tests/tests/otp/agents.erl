%% The scripts of tests/tests/otp.rs, played by processes of Erlang/OTP; agents.ttvm does the same on this machine and says
%% how. Both print the same of what means the same: an atom for a str, a tuple for a list, and of the reasons of errors
%% what agents.ttvm calls them.
-module(agents).
-export([conduct/1]).

conduct([Number, Count, Steps]) ->
    Conductor = self(),
    Pids = [element(1, spawn_monitor(fun() -> agent(Conductor, #{}) end)) || _ <- lists:seq(1, Count)],
    {AllPids, Dead, _, Lines} = lists:foldl(fun step/2, {Pids, [], 0, []}, lists:zip(lists:seq(1, length(Steps)), Steps)),
    [io:put_chars([integer_to_list(Number), $., Line, $\n]) || Line <- lists:reverse(Lines)],
    [begin
        exit(Pid, kill),
        receive {'DOWN', _, process, Pid, _} -> ok end
     end || Pid <- AllPids -- Dead].

step({At, [Who, Actions]}, {Pids, Dead, Round, Lines}) ->
    Actor = actor_of(Who, Pids),
    case lists:member(Actor, Pids) andalso not lists:member(Actor, Dead) of
        false -> {Pids, Dead, Round, Lines};
        true ->
            Actor ! {do, Pids, Actions},
            {Did, NewPids, Ends} = receive
                {done, Done, false} -> {Done, Pids, []};
                {done, Done, Spawned} -> erlang:monitor(process, Spawned), {Done, Pids ++ [Spawned], []};
                {'DOWN', _, process, Actor, Reason} -> {"", Pids, [{Actor, Reason}]}
            end,
            {NewRound, NewEnds} = quiet(Actor, NewPids, Dead, Round, Ends),
            NewDead = [Pid || {Pid, _} <- NewEnds] ++ Dead,
            Said = case lists:member(Actor, NewDead) of true -> ""; false -> Did end,
            Ended = [[name_of(Pid, NewPids), " ", show(Reason)] || {Pid, Reason} <- lists:reverse(NewEnds)],
            Line = io_lib:format("~w ~s: ~s ! ~s", [At, name_of(Actor, NewPids), Said, lists:join(" ; ", Ended)]),
            {NewPids, NewDead, NewRound, [Line | Lines]}
    end.

quiet(Actor, Pids, Dead, LastRound, Ends) ->
    Round = LastRound + 1,
    AllDead = [Pid || {Pid, _} <- Ends] ++ Dead,
    case lists:member(Actor, AllDead) of
        true -> ask_all(Round, Pids);
        false -> Actor ! {ask, Round, Pids}
    end,
    case answers(Round, Pids -- AllDead, true) of
        {ended, Pid, Reason} -> quiet(Actor, Pids, Dead, Round, [{Pid, Reason} | Ends]);
        true -> {Round, Ends};
        false -> erlang:yield(), quiet(Actor, Pids, Dead, Round, Ends)
    end.

answers(_, [], IsQuiet) -> IsQuiet;
answers(Round, [Pid | Pids], IsQuiet) ->
    receive
        {answer, Round, Pid, HasNoDeadTie} -> answers(Round, Pids, IsQuiet andalso HasNoDeadTie);
        {'DOWN', _, process, Dead, Reason} -> {ended, Dead, Reason}
    end.

ask_all(Round, Pids) -> [Pid ! {question, Round} || Pid <- Pids].

actor_of(Number, Pids) when is_integer(Number) -> item(Number, Pids);
actor_of(Name, _) -> whereis(list_to_atom(Name)).

item(Number, List) when Number < length(List) -> lists:nth(Number + 1, List);
item(_, _) -> none.

name_of(Pid, Pids) ->
    case lists:takewhile(fun(Other) -> Other =/= Pid end, Pids) of
        Pids -> "other";
        Before -> [$p | integer_to_list(length(Before))]
    end.

%% A reason from a script.
reason([Char | _] = Text) when is_integer(Char) -> list_to_atom(Text);
reason(List) when is_list(List) -> list_to_tuple([reason(Part) || Part <- List]);
reason(Other) -> Other.

%% A reason as text.
show({badarith, Stack}) when is_list(Stack) -> "error Division by zero";
show({{nocatch, Thrown}, Stack}) when is_list(Stack) -> ["error ", show(Thrown)];
show(Atom) when is_atom(Atom) -> atom_to_list(Atom);
show(Number) when is_integer(Number) -> integer_to_list(Number);
show(Tuple) when is_tuple(Tuple) -> [$[, lists:join(", ", [show(Part) || Part <- tuple_to_list(Tuple)]), $]].

%% process_info/2 names who is watched by name by that name, which may be somebody else's by now: of those there must not be
%% more than of the processes that are known to be watched so and live.
has_no_dead_tie(Slots) ->
    [{links, Links}, {monitors, Monitors}] = process_info(self(), [links, monitors]),
    ByName = length([Name || {process, {Name, _}} <- Monitors]),
    Living = length([Pid || {{by_name, _}, Pid} <- maps:to_list(Slots), is_pid(Pid), is_process_alive(Pid)]),
    ByName =< Living andalso
        lists:all(fun is_process_alive/1, Links ++ [Pid || {process, Pid} <- Monitors, is_pid(Pid)]).

dying(error) -> error(badarith);
dying(throw) -> throw(thrown);
dying(Reason) -> exit(Reason).

agent(Conductor, Slots) ->
    receive
        {ask, Round, Pids} ->
            ask_all(Round, Pids),
            agent(Conductor, Slots);
        {question, Round} ->
            Conductor ! {answer, Round, self(), has_no_dead_tie(Slots)},
            agent(Conductor, Slots);
        {do, Pids, Actions} ->
            case acts(Actions, {Conductor, Pids}, Slots, false, []) of
                return -> ok;
                {NewSlots, Spawned, Done} ->
                    Conductor ! {done, lists:join(" ~ ", Done), Spawned},
                    agent(Conductor, NewSlots)
            end
    end.

acts([], _, Slots, Spawned, Done) -> {Slots, Spawned, lists:reverse(Done)};
acts([["end", Reason] | _], _, _, _, _) -> dying(reason(Reason));
acts([["return"] | _], _, _, _, _) -> return;
acts([[Action | Operands] | Actions], {_, Pids} = World, Slots, Spawned, Done) ->
    Target = case Operands of [Number | _] when is_integer(Number) -> item(Number, Pids); _ -> none end,
    IsUnknown = is_integer(hd(Operands ++ [none])) andalso Target =:= none,
    Outcome = try
        case IsUnknown of
            true -> "unknown";
            false -> act(list_to_atom(Action), Target, Operands, Slots, World)
        end
    catch
        error:noproc -> "noproc";
        error:badarg -> "badarg"
    end,
    case Outcome of
        {by_name, Slot, Ref, Pid} ->
            acts(Actions, World, Slots#{Slot => Ref, {by_name, Ref} => Pid}, Spawned, ["ok" | Done]);
        {unwatched, Ref} -> acts(Actions, World, maps:remove({by_name, Ref}, Slots), Spawned, ["ok" | Done]);
        {slot, Slot, Ref} -> acts(Actions, World, Slots#{Slot => Ref}, Spawned, ["ok" | Done]);
        {spawned, Pid} -> acts(Actions, World, Slots, Pid, ["ok" | Done]);
        {spawned, Pid, Slot, Ref} -> acts(Actions, World, Slots#{Slot => Ref}, Pid, ["ok" | Done]);
        Text when is_list(Text) -> acts(Actions, World, Slots, Spawned, [Text | Done]);
        _ -> acts(Actions, World, Slots, Spawned, ["ok" | Done])
    end.

act(send, Target, [_, Tag], _, _) -> Target ! {m, self(), Tag};
act(exit, Target, [_, Reason], _, _) -> exit(Target, reason(Reason));
act(link, Target, _, _, _) -> link(Target);
act(unlink, Target, _, _, _) -> unlink(Target);
act(monitor, Target, [_, Slot], _, _) -> {slot, Slot, erlang:monitor(process, Target)};
act(monitor_name, _, [Name, Slot], _, _) ->
    Pid = whereis(list_to_atom(Name)),
    {by_name, Slot, erlang:monitor(process, list_to_atom(Name)), Pid};
act(demonitor, _, [Slot], Slots, _) -> unwatch(maps:get(Slot, Slots, none), []);
act(flush, _, [Slot], Slots, _) -> unwatch(maps:get(Slot, Slots, none), [flush]);
act(trap, _, [Traps], _, _) -> process_flag(trap_exit, Traps);
act(spawn, _, ["link"], _, {Conductor, _}) -> {spawned, spawn_link(fun() -> agent(Conductor, #{}) end)};
act(spawn, _, ["monitor", Slot], _, {Conductor, _}) ->
    {Pid, Ref} = spawn_monitor(fun() -> agent(Conductor, #{}) end),
    {spawned, Pid, Slot, Ref};
act(spawn_dying, _, ["link", Reason], _, _) ->
    Pid = spawn_link(fun() -> dying(reason(Reason)) end),
    Ref = erlang:monitor(process, Pid),
    receive {'DOWN', Ref, process, Pid, _} -> ok end;
act(spawn_dying, _, ["monitor", Reason], _, _) ->
    {Pid, Ref} = spawn_monitor(fun() -> dying(reason(Reason)) end),
    receive {'DOWN', Ref, process, Pid, Why} -> lists:flatten(show(Why)) end;
act(alive, Target, _, _, _) -> atom_to_list(is_process_alive(Target));
act(register, _, [Name], _, _) -> register(list_to_atom(Name), self());
act(unregister, _, [Name], _, _) -> unregister(list_to_atom(Name));
act(whereis, _, [Name], _, {_, Pids}) -> name_of(whereis(list_to_atom(Name)), Pids);
act(send_name, _, [Name, Tag], _, _) -> list_to_atom(Name) ! {m, self(), Tag};
act(timer, Target, [_, Slot, Tag, Time], _, _) -> {slot, Slot, erlang:send_after(Time, Target, {m, self(), Tag})};
act(timer_name, _, [Name, Slot, Tag, Time], _, _) ->
    {slot, Slot, erlang:send_after(Time, list_to_atom(Name), {m, self(), Tag})};
act(cancel, _, [Slot], Slots, _) -> cancelled(maps:get(Slot, Slots, none));
act(fire, Target, [_, Tag, Time], _, _) ->
    Timer = erlang:send_after(Time, Target, {m, self(), Tag}),
    fired(Timer, Time);
act(fire_name, _, [Name, Tag, Time], _, _) ->
    Timer = erlang:send_after(Time, list_to_atom(Name), {m, self(), Tag}),
    fired(Timer, Time);
act(take, _, _, _, _) -> receive {m, _, Tag} -> Tag after 0 -> "nothing" end;
act(take_tag, _, [Tag], _, _) -> receive {m, _, Tag} -> Tag after 0 -> "nothing" end;
act(take_exit, Target, _, _, _) ->
    receive {'EXIT', Target, Reason} -> ["exit ", show(Reason)] after 0 -> "nothing" end;
act(take_down, _, [Slot], Slots, _) ->
    Ref = maps:get(Slot, Slots, none),
    receive {'DOWN', Ref, process, _, Reason} -> ["down ", show(Reason)] after 0 -> "nothing" end;
act(take_either, Target, _, _, _) ->
    receive
        {'EXIT', Target, Reason} -> ["exit ", show(Reason)];
        {m, _, Tag} -> Tag
    after 0 -> "nothing"
    end;
act(drain, _, _, Slots, {_, Pids}) -> [$[, lists:join(" | ", drained(Slots, Pids)), $]].

unwatch(Ref, Options) ->
    erlang:demonitor(Ref, Options),
    {unwatched, Ref}.

%% Waits for a timer that is set after another and for later, then asks for the first.
fired(Timer, Time) ->
    erlang:send_after(Time + 2, self(), {fired, Timer}),
    receive {fired, Timer} -> ok end,
    cancelled(Timer).

cancelled(Timer) ->
    case erlang:cancel_timer(Timer) of
        false -> "over";
        _ -> "left"
    end.

drained(Slots, Pids) ->
    receive
        {m, From, Tag} -> [["m ", name_of(From, Pids), " ", Tag] | drained(Slots, Pids)];
        {'EXIT', From, Reason} -> [["exit ", name_of(From, Pids), " ", show(Reason)] | drained(Slots, Pids)];
        {'DOWN', Ref, process, From, Reason} ->
            Slot = hd([Slot || {Slot, Known} <- maps:to_list(Slots), Known =:= Ref] ++ ["?"]),
            [["down ", from(Slot, From, Pids), " ", Slot, " ", show(Reason)] | drained(Slots, Pids)]
    after 0 -> []
    end.

%% Who is watched by name is told by name; slots that begin with n are for that, and a ref may have lost its slot.
from([$n | _], _, _) -> "named";
from("?", _, _) -> "?";
from(_, From, Pids) -> name_of(From, Pids).
