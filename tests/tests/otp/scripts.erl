%% Reads the scripts of tests/tests/otp.rs and has a module play them one after the other.
-module(scripts).
-export([play/2]).

%% Calls Player:conduct/1 for each script of a file, each in a process of its own.
play(Player, File) ->
    % Far above what it takes.
    spawn(fun() -> timer:sleep(600000), halt(2) end),
    {ok, Scripts} = file:consult(File),
    [conducted(Player, Script) || Script <- Scripts].

conducted(Player, Script) ->
    {Pid, Ref} = spawn_monitor(fun() -> Player:conduct(Script) end),
    receive
        {'DOWN', Ref, process, Pid, normal} -> ok;
        {'DOWN', Ref, process, Pid, Reason} -> io:format("~p~n", [Reason])
    end.
