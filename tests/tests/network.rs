//! Sockets and databases: programs with real peers on the loopback interface, run by the whole machine.
//!
//! Who owns what, what happens when owners end, errors and time-outs. Everything is closed when a program has ended.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket},
    thread,
    time::{Duration, Instant},
};

use ttvm_tests::{MachineTier, failing, printed, talking_tiers};

/// What a program prints that needs nobody outside, the same in every tier.
fn check(text: &str, expected: &str) {
    for tier in talking_tiers() {
        assert_eq!(printed(text, 0, &tier), expected, "{}", tier.name);
    }
}

// Rules: L3.79
#[test]
fn a_client_talks_with_a_real_server() {
    for tier in talking_tiers() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = server.local_addr().expect("it is bound").port();
        let peer = thread::spawn(move || {
            let (mut stream, _) = server.accept().expect("the program connects");
            let mut heard = [0; 5];
            stream.read_exact(&mut heard).expect("the program sends 5 bytes");
            stream.write_all(&heard).expect("the program listens");
            stream.write_all(&[255]).expect("the program listens");
        });
        let text = "PUSH_STR localhost\nPUSH_INT PORT\nTCP_CONNECT\nSTORE c\nLOAD c\nTYPE_OF\nPRINT\n\
            LOAD c\nPUSH_STR \"d\u{ed}as\"\nTCP_SEND\nPRINT\nLOAD c\nPUSH_INT 5\nTCP_RECV\nPRINT\n\
            LOAD c\nPUSH_INT 5\nTCP_RECV\nPRINT\nLOAD c\nPUSH_INT 5\nTCP_RECV\nPRINT\n\
            LOAD c\nSOCKET_INFO\nDUP\nGET_FIELD peer_host\nPRINT\nKEYS\nPRINT\nLOAD c\nTCP_CLOSE\n";
        let printed = printed(text, port, &tier);
        assert_eq!(printed, "resource\n5\nd\u{ed}as\nBytes(1)\nnull\n127.0.0.1\n[host, port, peer_host, peer_port]\n");
        peer.join().expect("the peer was content");
    }
}

// Rules: L3.79
#[test]
fn a_server_talks_with_a_real_client() {
    for tier in talking_tiers() {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let peer = thread::spawn(move || {
            let begin = Instant::now();
            let mut stream = loop {
                match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                    Ok(stream) => break stream,
                    Err(error) => assert!(begin.elapsed() < Duration::from_secs(300), "{error}"),
                }
            };
            stream.write_all(b"ping").expect("the program listens");
            let mut heard = String::new();
            stream.read_to_string(&mut heard).expect("the program closes");
            heard
        });
        let text = "PUSH_INT PORT\nTCP_LISTEN\nTCP_ACCEPT\nSTORE c\nLOAD c\nPUSH_INT 100\nTCP_RECV\nPRINT\n\
            LOAD c\nPUSH_STR pong\nTCP_SEND\nPRINT\nLOAD c\nTCP_CLOSE\n";
        assert_eq!(printed(text, port, &tier), "ping\n4\n");
        assert_eq!(peer.join().expect("the peer was content"), "pong");
    }
}

// Rules: L3.79
#[test]
fn connections_work_over_ipv6_too() {
    let text = "PUSH_INT 0\nTCP_LISTEN \"::1\"\nSTORE l\nPUSH_STR \"::1\"\nLOAD l\nSOCKET_INFO\nGET_FIELD port\nTCP_CONNECT\n\
        STORE c\nLOAD l\nTCP_ACCEPT\nPUSH_STR six\nTCP_SEND\nPRINT\nLOAD c\nPUSH_INT 9\nTCP_RECV\nPRINT\n";
    check(text, "3\nsix\n");
}

// Rules: L3.79
#[test]
fn what_cannot_be_is_an_error_that_names_it() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let taken = free.local_addr().expect("it is bound").port();
    let text = [
        failing("a", &format!("PUSH_INT {taken}\nTCP_LISTEN")),
        failing("b", "PUSH_INT 65536\nTCP_LISTEN"),
        failing("c", "PUSH_INT 0\nTCP_LISTEN \"nowhere\""),
        failing("d", "PUSH_STR x\nPUSH_INT 1\nTCP_RECV"),
        failing("e", "PUSH_INT 0\nTCP_LISTEN\nPUSH_INT 1\nTCP_RECV"),
        failing("f", "PUSH_INT 0\nTCP_LISTEN\nPUSH_STR x\nTCP_SEND"),
        failing("g", "PUSH_INT 0\nTCP_LISTEN\nDUP\nTCP_CLOSE\nDUP\nTCP_CLOSE\nTCP_ACCEPT"),
    ]
    .concat();
    let expected = format!(
        "host\nTCP_LISTEN: cannot listen on 127.0.0.1:{taken}: Address already in use (os error 98)\n\
         argument\nTCP_LISTEN: a port is from 0 to 65535, not 65536\n\
         argument\nTCP_LISTEN: \"nowhere\" is no IP address\n\
         type\nTCP_RECV expects a resource but got Str(\"x\")\n\
         argument\nTCP_RECV: this is no connection\n\
         argument\nTCP_SEND: this is no connection\n\
         host\nTCP_ACCEPT: #Conn<3> is closed\n"
    );
    check(&text, &expected);
    drop(free);
    let refused = failing("a", &format!("PUSH_STR \"127.0.0.1\"\nPUSH_INT {taken}\nTCP_CONNECT"));
    let message = format!("TCP_CONNECT: cannot connect to 127.0.0.1:{taken}: Connection refused (os error 111)");
    check(&refused, &format!("host\n{message}\n"));
}

// Rules: L3.79 L3.80
#[test]
fn a_written_time_out_ends_a_wait() {
    let text = [
        failing("a", "PUSH_INT 0\nTCP_LISTEN\nTCP_ACCEPT 20"),
        "PUSH_INT 0\nTCP_LISTEN\nSTORE l\nPUSH_STR \"127.0.0.1\"\nLOAD l\nSOCKET_INFO\nGET_FIELD port\nTCP_CONNECT 300000\nSTORE c\n"
            .to_owned(),
        failing("b", "LOAD c\nPUSH_INT 1\nTCP_RECV 20"),
        failing("c", "PUSH_INT 0\nUDP_BIND\nPUSH_INT 1\nUDP_RECV 20"),
        "LOAD l\nTCP_ACCEPT 300000\nPUSH_STR late\nTCP_SEND 300000\nPOP\nLOAD c\nPUSH_INT 9\nTCP_RECV 300000\nPRINT\n".to_owned(),
    ]
    .concat();
    let expected = "host\nTCP_ACCEPT: timed out after 20 ms\nhost\nTCP_RECV: timed out after 20 ms\n\
        host\nUDP_RECV: timed out after 20 ms\nlate\n";
    check(&text, expected);
}

// Rules: L3.80
#[test]
fn datagrams_go_to_a_real_peer_and_come_back() {
    for tier in talking_tiers() {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = server.local_addr().expect("it is bound").port();
        let peer = thread::spawn(move || {
            let mut bytes = [0; 100];
            let (count, from) = server.recv_from(&mut bytes).expect("the program sends");
            server.send_to(&bytes[..count], from).expect("the program listens");
        });
        let text = "PUSH_INT 0\nUDP_BIND\nSTORE s\nLOAD s\nPUSH_STR localhost\nPUSH_INT PORT\nPUSH_STR hello\nUDP_SEND\nPRINT\n\
            LOAD s\nPUSH_INT 4\nUDP_RECV\nDUP\nGET_FIELD data\nPRINT\nDUP\nGET_FIELD port\nPUSH_INT PORT\nEQ\nPRINT\nKEYS\nPRINT\n";
        assert_eq!(printed(text, port, &tier), "5\nhell\n1\n[data, host, port]\n");
        peer.join().expect("the peer was content");
    }
}

// Rules: L3.78
#[test]
fn names_are_resolved_to_addresses() {
    let text = "PUSH_STR \"127.0.0.1\"\nDNS_RESOLVE\nPRINT\nPUSH_STR \"::1\"\nDNS_RESOLVE 300000\nPRINT\n".to_owned()
        + &failing("a", "PUSH_STR \"no such host\"\nDNS_RESOLVE\nPRINT")
            .replace("ERROR_MESSAGE\n", "ERROR_MESSAGE\nPUSH_INT 0\nPUSH_INT 40\nSUBSTR\n");
    check(&text, "[127.0.0.1]\n[::1]\nhost\nDNS_RESOLVE: cannot resolve no such host\n");
}

/// Starts `owner`, which tells main of its resource, and keeps it.
const OWNER: &str = "
    .fn owner
        PUSH_INT 0
        TCP_LISTEN
        STORE listener
        LOAD listener
        WHEREIS main
        SEND
        LOAD listener
        TCP_ACCEPT
    .end
        REGISTER main
        MAKE_FUNCTION owner
        SPAWN_MONITOR
        STORE ref
        STORE pid
        RECEIVE
        STORE listener
        LOAD listener
        SOCKET_INFO
        GET_FIELD port
        STORE port
";

// Rules: L3.89 P44
#[test]
fn what_a_process_owns_is_closed_before_anybody_learns_of_its_end() {
    let text = OWNER.to_owned()
        + "PUSH_STR boom\nLOAD pid\nEXIT_PROCESS\n.receive\ncase down ^ref _ R -> gone\n.end\ngone:\nLOAD R\nPRINT\n\
           LOAD port\nTCP_LISTEN\nTYPE_OF\nPRINT\n"
        + &failing("a", "LOAD listener\nTCP_ACCEPT");
    check(&text, "boom\nresource\nhost\nTCP_ACCEPT: #Conn<1> is closed\n");
}

// Rules: L3.89
#[test]
fn whoever_waits_for_what_is_closed_meanwhile_gets_an_error() {
    let text = OWNER.to_owned()
        + "PUSH_INT 20\nSLEEP\nLOAD listener\nTCP_CLOSE\n.receive\ncase down ^ref _ R -> gone\n.end\ngone:\nLOAD R\nERROR_MESSAGE\nPRINT\n";
    for tier in [MachineTier::new(1, 0, false), MachineTier::new(2, 0, false)] {
        assert_eq!(printed(&text, 0, &tier), "TCP_ACCEPT: #Conn<1> is closed\n", "{}", tier.name);
    }
}

// Rules: L3.89
#[test]
fn what_is_given_away_stays_open_until_its_new_owner_ends() {
    let text = "
        .fn owner
            PUSH_INT 0
            TCP_LISTEN
            STORE listener
            LOAD listener
            WHEREIS main
            GIVE_AWAY
            LOAD listener
            WHEREIS main
            SEND
        .end
            REGISTER main
            MAKE_FUNCTION owner
            SPAWN_MONITOR
            STORE ref
            POP
            RECEIVE
            STORE listener
            .receive
              case down ^ref _ _ -> gone
            .end
        gone:
            LOAD listener
            SOCKET_INFO
            GET_FIELD host
            PRINT
    ";
    check(text, "127.0.0.1\n");
    let wrong = [
        failing("a", "PUSH_INT 1\nSELF\nGIVE_AWAY"),
        failing("b", "PUSH_INT 0\nTCP_LISTEN\nPUSH_STR nobody\nGIVE_AWAY"),
        failing("c", "PUSH_INT 0\nTCP_LISTEN\nDUP\nTCP_CLOSE\nSELF\nGIVE_AWAY"),
        OWNER.to_owned(),
        failing("d", "LOAD listener\nSELF\nGIVE_AWAY"),
        "LOAD listener\nTCP_CLOSE\n".to_owned(),
    ];
    let expected = "type\nGIVE_AWAY expects a resource but got Int(1)\n\
        noproc\nGIVE_AWAY: noproc: there is no process \"nobody\"\n\
        host\nGIVE_AWAY: #Conn<2> is closed\n\
        host\nGIVE_AWAY: #Conn<3> belongs to another process\n";
    check(&wrong.concat(), expected);
}

// Rules: L3.87
#[test]
fn a_database_keeps_what_it_is_given_in_its_types() {
    let text = "PUSH_STR \":memory:\"\nDB_CONNECT\nSTORE db\nLOAD db\nTYPE_OF\nPRINT\n\
        LOAD db\nPUSH_STR \"create table t (i integer, f real, s text, b blob, n); insert into t (i) values (0)\"\nDB_EXEC\nPRINT\n\
        LOAD db\nPUSH_STR \"insert into t values (?, ?, ?, ?, ?)\"\nPUSH_INT -9223372036854775808\nPUSH_FLOAT 0.5\n\
        PUSH_STR \"it's\"\nPUSH_STR xyz\nBYTES_OF\nNULL\nDB_EXEC 5\nPRINT\n\
        LOAD db\nPUSH_STR \"select * from t where s = ?\"\nPUSH_STR \"it's\"\nDB_QUERY 1\nPRINT\n\
        LOAD db\nPUSH_STR \"select count(*) as c, ? as p from t\"\nTRUE\nDB_QUERY 1\nPRINT\n\
        LOAD db\nPUSH_STR \"select 1 where 0\"\nDB_QUERY\nPRINT\nLOAD db\nPUSH_STR \"update t set i = 1\"\nDB_EXEC\nPRINT\n";
    let rows = "[{i: -9223372036854775808, f: 0.5, s: it's, b: Bytes(3), n: null}]";
    check(text, &format!("resource\n1\n1\n{rows}\n[{{c: 2, p: 1}}]\n[]\n2\n"));
}

// Rules: L3.87
#[test]
fn a_transaction_that_is_rolled_back_has_changed_nothing() {
    let text = "PUSH_STR \":memory:\"\nDB_CONNECT\nSTORE db\nLOAD db\nPUSH_STR \"create table t (i)\"\nDB_EXEC\nPOP\n\
        LOAD db\nPUSH_STR \"begin; insert into t values (1)\"\nDB_EXEC\nPRINT\nLOAD db\nPUSH_STR rollback\nDB_EXEC\nPOP\n\
        LOAD db\nPUSH_STR \"select * from t\"\nDB_QUERY\nPRINT\n";
    check(text, "1\n[]\n");
}

// Rules: L3.87
#[test]
fn errors_of_a_database_are_in_its_own_words() {
    let text = [
        "PUSH_STR \":memory:\"\nDB_CONNECT\nSTORE db\n".to_owned(),
        failing("a", "LOAD db\nPUSH_STR \"select * from nowhere\"\nDB_QUERY"),
        failing("b", "LOAD db\nPUSH_STR \"select ?\"\nDB_QUERY"),
        failing("c", "LOAD db\nPUSH_STR \"select ?\"\nMAKE_LIST 0\nDB_QUERY 1"),
        failing("d", "LOAD db\nPUSH_STR \"select ?\"\nPUSH_INT 9223372036854775808\nDB_QUERY 1"),
        failing("e", "PUSH_STR \"/nowhere/at/all.db\"\nDB_CONNECT"),
        failing("f", "LOAD db\nDUP\nTCP_CLOSE\nPUSH_STR \"select 1\"\nDB_QUERY"),
    ];
    let expected = "host\nDB_QUERY: no such table: nowhere\n\
        host\nDB_QUERY: Wrong number of parameters passed to query. Got 0, needed 1\n\
        argument\nDB_QUERY: List([]) cannot be a parameter\n\
        argument\nDB_QUERY: 9223372036854775808 does not fit in the 64 bits of a database's ints\n\
        host\nDB_CONNECT: unable to open database file: /nowhere/at/all.db\n\
        host\nDB_QUERY: #Database<1> is closed\n";
    check(&text.concat(), expected);
}

// Rules: L3.89
#[test]
fn a_process_that_is_killed_in_a_long_query_ends_soon() {
    let text = "
        .fn count
            PUSH_STR \":memory:\"
            DB_CONNECT
            PUSH_STR \"with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n\"
            DB_QUERY
        .end
            MAKE_FUNCTION count
            SPAWN_MONITOR
            STORE ref
            STORE pid
            PUSH_INT 100
            SLEEP
            PUSH_STR enough
            LOAD pid
            EXIT_PROCESS
            .receive
              case down ^ref _ R -> gone
            .end
        gone:
            LOAD R
            PRINT
    ";
    for tier in [MachineTier::new(1, 0, false), MachineTier::new(2, 0, false)] {
        // The query has no end.
        assert_eq!(printed(text, 0, &tier), "enough\n");
    }
}
