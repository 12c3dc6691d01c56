//! The instructions that ask the world outside the machine for something.
//!
//! Engines do not perform them: they stop with the operation and its arguments, and whoever drives the
//! engine answers with a value or a fault.

use crate::{opcode::OpCode, operand::Text};

macro_rules! define_host_operations {
    ($( $variant:ident $mnemonic:literal $arguments:literal $result:ident; )*) => {
        /// An instruction answered from outside the engine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum HostOperation {
            $( #[doc = concat!("`", $mnemonic, "`")] $variant, )*
        }

        impl HostOperation {
            /// Every operation, in the order of their numbers.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),* ];

            /// The operation an instruction asks for, if it is one.
            #[must_use]
            pub const fn of(op: &OpCode) -> Option<Self> {
                match op {
                    $( OpCode::$variant { .. } => Some(Self::$variant), )*
                    _ => None,
                }
            }

            /// The instruction's mnemonic.
            #[must_use]
            pub const fn mnemonic(self) -> &'static str {
                match self { $( Self::$variant => $mnemonic, )* }
            }

            /// How many arguments it takes from the stack, in the order they were pushed, and at least: databases' also
            /// take parameters ([`OpCode::effect`]). What is written in the instruction follows them
            /// ([`OpCode::host_operand`]).
            #[must_use]
            pub const fn arguments(self) -> usize {
                match self { $( Self::$variant => $arguments, )* }
            }

            /// Whether it leaves a value; otherwise the answer's value is dropped.
            #[must_use]
            pub const fn has_result(self) -> bool {
                match self { $( Self::$variant => define_host_operations!(@$result), )* }
            }
        }
    };
    (@value) => { true };
    (@nothing) => { false };
}

/// What is written in a host operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostOperand<'a> {
    /// A format, an algorithm, an address.
    Text(&'a Text),
    /// Milliseconds.
    Count(u32),
}

impl OpCode {
    /// What is written in a host operation, which becomes its last argument.
    #[must_use]
    pub const fn host_operand(&self) -> Option<HostOperand<'_>> {
        match self {
            Self::Compress { format: Some(text) }
            | Self::Hash { algorithm: Some(text) }
            | Self::TcpListen { address: Some(text) }
            | Self::UdpBind { address: Some(text) } => Some(HostOperand::Text(text)),
            Self::DnsResolve { timeout: Some(count) }
            | Self::HttpGet { timeout: Some(count) }
            | Self::HttpPost { timeout: Some(count) }
            | Self::TcpConnect { timeout: Some(count) }
            | Self::TcpAccept { timeout: Some(count) }
            | Self::TcpSend { timeout: Some(count) }
            | Self::TcpRecv { timeout: Some(count) }
            | Self::UdpSend { timeout: Some(count) }
            | Self::UdpRecv { timeout: Some(count) } => Some(HostOperand::Count(*count)),
            _ => None,
        }
    }
}

impl HostOperation {
    /// Whether it is about a resource or the network: then it is started and answers later, and what it makes belongs
    /// to the process that asked.
    #[must_use]
    pub const fn is_started(self) -> bool {
        // They are the last of the list below, as a test says.
        self as u8 >= Self::DbConnect as u8
    }
}

define_host_operations! {
    ReadLine "READ_LINE" 0 value;
    ReadChar "READ_CHAR" 0 value;
    ReadInput "READ_INPUT" 0 value;
    GetEnv "GET_ENV" 1 value;
    SetEnv "SET_ENV" 2 nothing;
    GetArgs "GET_ARGS" 0 value;
    Exec "EXEC" 2 value;
    ExecCapture "EXEC_CAPTURE" 2 value;
    GetTime "GET_TIME" 0 value;
    Sleep "SLEEP" 1 nothing;
    FormatTime "FORMAT_TIME" 2 value;
    MonotonicTime "MONOTONIC_TIME" 0 value;
    ReadFile "READ_FILE" 1 value;
    WriteFile "WRITE_FILE" 2 nothing;
    AppendFile "APPEND_FILE" 2 nothing;
    ReadBytes "READ_BYTES" 1 value;
    WriteBytes "WRITE_BYTES" 2 nothing;
    FileExists "FILE_EXISTS" 1 value;
    FileSize "FILE_SIZE" 1 value;
    DeleteFile "DELETE_FILE" 1 nothing;
    ListDir "LIST_DIR" 1 value;
    JsonParse "JSON_PARSE" 1 value;
    JsonStringify "JSON_STRINGIFY" 1 value;
    CsvParse "CSV_PARSE" 1 value;
    CsvWrite "CSV_WRITE" 1 value;
    Compress "COMPRESS" 1 value;
    Decompress "DECOMPRESS" 1 value;
    Hash "HASH" 1 value;
    Encrypt "ENCRYPT" 2 value;
    Decrypt "DECRYPT" 2 value;
    DbConnect "DB_CONNECT" 1 value;
    DbQuery "DB_QUERY" 2 value;
    DbExec "DB_EXEC" 2 value;
    DnsResolve "DNS_RESOLVE" 1 value;
    SocketInfo "SOCKET_INFO" 1 value;
    HttpGet "HTTP_GET" 1 value;
    HttpPost "HTTP_POST" 2 value;
    TcpConnect "TCP_CONNECT" 2 value;
    TcpListen "TCP_LISTEN" 1 value;
    TcpAccept "TCP_ACCEPT" 1 value;
    TcpSend "TCP_SEND" 2 value;
    TcpRecv "TCP_RECV" 2 value;
    TcpClose "TCP_CLOSE" 1 nothing;
    UdpBind "UDP_BIND" 1 value;
    UdpSend "UDP_SEND" 4 value;
    UdpRecv "UDP_RECV" 2 value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::info::InstructionInfo;

    #[test]
    fn arguments_and_results_agree_with_the_table() {
        for (number, operation) in HostOperation::ALL.iter().enumerate() {
            let info = InstructionInfo::of_mnemonic(operation.mnemonic()).expect("a host operation is an instruction");
            let has_parameters = matches!(operation, HostOperation::DbQuery | HostOperation::DbExec);
            let parameters = if has_parameters { 2 } else { 0 };
            assert_eq!(info.effect.pops as usize, operation.arguments() + parameters, "{}", info.mnemonic);
            let is_resource = ["Databases and resources", "Network"].contains(&info.family);
            assert_eq!(operation.is_started(), is_resource, "{}", info.mnemonic);
            assert_eq!(info.effect.pushes == 1, operation.has_result(), "{}", info.mnemonic);
            assert_eq!(*operation as usize, number);
        }
    }
}
