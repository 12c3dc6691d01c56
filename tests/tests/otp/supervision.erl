%% The scripts about supervisors of tests/tests/otp.rs, played by OTP's supervisor; supervision.ttvm does the same on this
%% machine and says how.
-module(supervision).
-behaviour(supervisor).
-export([conduct/1, init/1, start_worker/3, start_supervisor/2]).

%% What is known of the tree: ids of living workers by pid, pids of workers and of supervisors by id, and of the present step
%% the events and the ends, newest first, and whether the tree has ended.
-record(state, {number, root, root_ref, ids = #{}, workers = #{}, supervisors = #{}, events = [], ends = [], over = false}).

conduct([Number, Tree, Steps]) ->
    process_flag(trap_exit, true),
    {ok, Root} = start_supervisor(self(), Tree),
    State = #state{number = Number, root = Root, root_ref = erlang:monitor(process, Root)},
    step(0, "start root", "ok", State, Steps).

step(At, Did, Result, Before, Steps) ->
    {State, Children} = quiet(Before),
    Line = [integer_to_list(State#state.number), $., integer_to_list(At), $ , Did, ": ", Result],
    Parts = [Line | [lists:join(" ; ", Part) ||
        Part <- [lists:reverse(State#state.events), lists:reverse(State#state.ends), Children]]],
    io:put_chars([lists:join(" @ ", Parts), $\n]),
    case Steps of
        [[Op, Who | Rest] | More] when not State#state.over ->
            {NewResult, NewState} = act(list_to_atom(Op), Who, Rest, State#state{events = [], ends = []}),
            step(At + 1, [Op, $ , Who], NewResult, NewState, More);
        _ -> ok
    end.

act(Op, Who, [Reason], State) when Op =:= 'end'; Op =:= exit ->
    case State#state.workers of
        #{Who := Pid} ->
            case Op of
                'end' -> Pid ! {'end', reason(Reason)};
                exit -> exit(Pid, reason(Reason))
            end,
            receive {'DOWN', _, process, Pid, Why} -> {"ok", ended(Pid, Why, State)} end;
        _ -> {"none", State}
    end;
act(Op, Who, [What], State) ->
    case State#state.supervisors of
        #{Who := Pid} -> ask(Op, Pid, What, State);
        _ -> {"none", State}
    end.

ask(exit_supervisor, Pid, Reason, #state{root = Pid, root_ref = Ref} = State) ->
    exit(Pid, reason(Reason)),
    receive {'DOWN', Ref, process, Pid, Why} -> {Reason, State#state{over = [["root ended ", show(Why)]]}} end;
ask(exit_supervisor, Pid, Reason, State) ->
    Ref = erlang:monitor(process, Pid),
    exit(Pid, reason(Reason)),
    receive {'DOWN', Ref, process, Pid, _} -> {Reason, State} end;
ask(count, Pid, _, State) ->
    Counts = supervisor:count_children(Pid),
    Keys = [specs, active, supervisors, workers],
    {lists:join(" ", [integer_to_list(proplists:get_value(Key, Counts)) || Key <- Keys]), State};
ask(both, Pid, Ids, #state{workers = Workers} = State) ->
    sys:suspend(Pid),
    [begin
        Ref = erlang:monitor(process, Worker),
        exit(Worker, kill),
        receive {'DOWN', Ref, process, Worker, _} -> ok end
     end || Id <- Ids, Worker <- [maps:get(Id, Workers, none)], is_pid(Worker)],
    sys:resume(Pid),
    {"ok", State};
ask(Op, Pid, What, State) ->
    Answer = case Op of
        terminate -> supervisor:terminate_child(Pid, What);
        terminate_pid -> supervisor:terminate_child(Pid, maps:get(What, State#state.workers, none));
        start_another -> supervisor:start_child(Pid, What);
        restart -> supervisor:restart_child(Pid, What);
        delete -> supervisor:delete_child(Pid, What);
        start -> supervisor:start_child(Pid, specification(self(), What))
    end,
    case Answer of
        {error, _} -> {"refused", State};
        _ -> {"ok", State}
    end.

quiet(State) ->
    #state{root_ref = Ref, ids = Ids, workers = Workers, events = Events} = State,
    receive
        {started, Id, Pid} ->
            erlang:monitor(process, Pid),
            quiet(State#state{ids = Ids#{Pid => Id}, workers = Workers#{Id => Pid}, events = [["start ", Id] | Events]});
        {stopping, Id, Reason} ->
            quiet(State#state{events = [["stop ", Id, " ", show(Reason)] | Events]});
        {'DOWN', Ref, process, _, Reason} ->
            quiet(State#state{over = [["root ended ", show(Reason)]]});
        {'DOWN', _, process, Pid, Reason} ->
            quiet(ended(Pid, Reason, State));
        {'EXIT', _, _} ->
            quiet(State)
    after 0 -> look(State)
    end.

ended(Pid, Reason, #state{ids = Ids, workers = Workers, ends = Ends} = State) ->
    case maps:take(Pid, Ids) of
        {Id, OtherIds} ->
            OtherWorkers = case Workers of #{Id := Pid} -> maps:remove(Id, Workers); _ -> Workers end,
            State#state{ids = OtherIds, workers = OtherWorkers, ends = [[Id, " ", show(Reason)] | Ends]};
        error -> State
    end.

look(#state{over = false, ids = Ids} = State) ->
    Found = children_of(State#state.root),
    Running = is_list(Found) andalso lists:sort([Pid || {_, Pid, worker, _} <- Found, is_pid(Pid)]),
    case Running =:= lists:sort(maps:keys(Ids)) of
        true ->
            Supervisors = maps:from_list([{Id, Pid} || {Id, Pid, supervisor, _} <- Found, is_pid(Pid)]),
            % Those that are all alike have no id but the one they were started with.
            Lines = [[maps:get(Pid, Ids, Id), " ", Word] || {Id, Pid, _, Word} <- Found],
            {State#state{supervisors = Supervisors#{"root" => State#state.root}}, Lines};
        false -> not_yet(State)
    end;
look(#state{over = Children, ids = Ids} = State) when map_size(Ids) =:= 0 -> {State, Children};
look(State) -> not_yet(State).

not_yet(State) ->
    erlang:yield(),
    quiet(State).

%% {Id, Pid, Type, State} of all children below a supervisor; none if it is not quiet.
children_of(Supervisor) ->
    case process_info(Supervisor, links) of
        {links, Links} ->
            case lists:all(fun is_process_alive/1, Links) of
                true -> children_of_living(Supervisor);
                false -> none
            end;
        undefined -> none
    end.

children_of_living(Supervisor) ->
    try
        % OTP gives them in no order that is promised.
        lists:append([below(Child) || Child <- lists:sort(supervisor:which_children(Supervisor))])
    catch
        exit:_ -> none;
        throw:none -> none
    end.

below({Id, Pid, supervisor, _}) when is_pid(Pid) ->
    case children_of(Pid) of
        none -> throw(none);
        Children -> [{Id, Pid, supervisor, "running"} | Children]
    end;
below({Id, Pid, Type, _}) when is_pid(Pid) -> [{Id, Pid, Type, "running"}];
below({Id, undefined, Type, _}) -> [{Id, undefined, Type, "stopped"}];
below({Id, restarting, Type, _}) -> [{Id, restarting, Type, "restarting"}].

%% A reason from a script.
reason([Char | _] = Text) when is_integer(Char) -> list_to_atom(Text);
reason(List) -> list_to_tuple([reason(Part) || Part <- List]).

show({{nocatch, Thrown}, Stack}) when is_list(Stack) -> ["error ", show(Thrown)];
show(Atom) when is_atom(Atom) -> atom_to_list(Atom);
show(Tuple) when is_tuple(Tuple) -> [$[, lists:join(", ", [show(Part) || Part <- tuple_to_list(Tuple)]), $]].

%% A tree: ["supervisor", strategy, intensity, auto_shutdown, children].
start_supervisor(Conductor, Tree) -> supervisor:start_link(?MODULE, {Conductor, Tree}).

init({Conductor, ["supervisor", Strategy, Intensity, AutoShutdown, Children]}) ->
    Flags = #{strategy => list_to_atom(Strategy), intensity => Intensity, period => 3600,
        auto_shutdown => list_to_atom(AutoShutdown)},
    {ok, {Flags, [specification(Conductor, Child) || Child <- Children]}}.

%% A child: [id, "worker" or "alike" or a tree, restart, shutdown, whether it traps exits, significant].
specification(Conductor, [Id, What, Restart, Shutdown, Traps, Significant]) ->
    {Start, Type} = case What of
        "alike" -> {{?MODULE, start_worker, [Conductor]}, worker};
        "worker" -> {{?MODULE, start_worker, [Conductor, Id, Traps]}, worker};
        _ -> {{?MODULE, start_supervisor, [Conductor, What]}, supervisor}
    end,
    #{id => Id, start => Start, type => Type, restart => list_to_atom(Restart), significant => Significant,
        shutdown => if is_integer(Shutdown) -> Shutdown; true -> list_to_atom(Shutdown) end}.

start_worker(Conductor, Id, Traps) ->
    Starter = self(),
    Pid = spawn_link(fun() -> worker(Starter, Conductor, Id, Traps) end),
    receive {running, Pid} -> {ok, Pid} end.

worker(Starter, Conductor, Id, Traps) ->
    process_flag(trap_exit, Traps),
    Conductor ! {started, Id, self()},
    Starter ! {running, self()},
    receive
        {'end', return} -> ok;
        {'end', error} -> throw(failed);
        {'end', Reason} -> exit(Reason);
        {'EXIT', _, Reason} ->
            Conductor ! {stopping, Id, Reason},
            exit(Reason)
    end.
