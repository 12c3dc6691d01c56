//! The world outside, continued: data formats and cryptography, databases, network, and who owns a resource.

macro_rules! table_outside {
    ($next:ident $chain:tt $callback:ident { $($rows:tt)* }) => {
        chain! { $chain $callback { $($rows)*
    family "Data formats and cryptography" {
        CSV_PARSE  = 0xC7 CsvParse {}                        "str -> list" inputs next "Reads CSV: a list of rows, each a list of strs.";
        CSV_WRITE  = 0xC8 CsvWrite {}                        "list -> str" result next "Writes a list of rows as CSV.";
        COMPRESS   = 0xC9 Compress { format: OptionalText }  "data -> bytes" inputs next "Compresses a str or bytes as gzip or, if written so, as zstd.";
        DECOMPRESS = 0xCA Decompress {}                      "bytes -> str/bytes" result next "What was compressed, by whatever format it is; a str if it is UTF-8.";
        HASH       = 0xCB Hash { algorithm: OptionalText }   "data -> str" inputs next "The sha256 or, if written so, the blake3 of a str or bytes, in hexadecimal digits.";
        ENCRYPT    = 0xCC Encrypt {}                         "data key -> bytes" inputs next "Encrypts a str or bytes with a passphrase so that changes are noticed.";
        DECRYPT    = 0xCD Decrypt {}                         "bytes key -> str/bytes" inputs next "What was encrypted; an error if the key is another or the data was changed.";
    }
    family "Databases and resources" {
        DB_CONNECT = 0xC2 DbConnect {}                       "path -> db" free next "Opens an SQLite database, making it if there is none; :memory: is one in memory.";
        DB_QUERY   = 0xC3 DbQuery { parameters: OptionalCount } "db sql v1 .. vn -> list" result next "The rows of a query, an object each. With a written n, n parameters lie above sql.";
        DB_EXEC    = 0xCE DbExec { parameters: OptionalCount }  "db sql v1 .. vn -> int" free next "Runs a statement and pushes how many rows it changed; without parameters, any number of statements.";
        GIVE_AWAY  = 0xCF GiveAway {}                        "resource target ->" free next "Makes another process the owner of a connection, socket or database of the current one.";
    }
    family "Network" {
        DNS_RESOLVE = 0x2E DnsResolve { timeout: OptionalCount } "name -> list" result next "The addresses of a host, as strs. A written number is the time-out in milliseconds.";
        SOCKET_INFO = 0x2F SocketInfo {}                        "conn -> obj" free next "Where a connection or socket lies: {host, port, peer_host, peer_port}, null where there is none.";
        HTTP_GET    = 0x7F HttpGet { timeout: OptionalCount }    "url -> obj" result next "What an HTTP server has at a URL: {status, headers, body}. A written number is the time-out in milliseconds.";
        HTTP_POST   = 0xB7 HttpPost { timeout: OptionalCount }   "url body -> obj" result next "Sends a str or bytes to an HTTP server and pushes its answer: {status, headers, body}.";
        TCP_CONNECT = 0xF4 TcpConnect { timeout: OptionalCount } "host port -> conn" free next "Connects to a server. A written number is the time-out in milliseconds.";
        TCP_LISTEN  = 0xF5 TcpListen { address: OptionalText }   "port -> conn" free next "Accepts connections on 127.0.0.1 or the written address from now on; port 0 is any free one.";
        TCP_ACCEPT  = 0xF6 TcpAccept { timeout: OptionalCount }  "conn -> conn" free next "Waits for the next connection of a client.";
        TCP_SEND    = 0xF7 TcpSend { timeout: OptionalCount }    "conn data -> int" inputs next "Sends a str or bytes, all of it, and pushes how many bytes that were.";
        TCP_RECV    = 0xF8 TcpRecv { timeout: OptionalCount }    "conn n -> str/bytes/null" result next "Waits for data and pushes up to n bytes of it, a str if they are UTF-8; null at the end.";
        TCP_CLOSE   = 0xF9 TcpClose {}                           "conn ->" free next "Closes a connection, socket or database.";
        UDP_BIND    = 0xFA UdpBind { address: OptionalText }     "port -> sock" free next "Opens a socket for datagrams on 127.0.0.1 or the written address; port 0 is any free one.";
        UDP_SEND    = 0xFB UdpSend { timeout: OptionalCount }    "sock host port data -> int" inputs next "Sends a str or bytes as one datagram and pushes its length.";
        UDP_RECV    = 0xFC UdpRecv { timeout: OptionalCount }    "sock n -> obj" result next "Waits for a datagram and pushes {data, host, port} with up to n bytes of it.";
    } } }
    };
}
