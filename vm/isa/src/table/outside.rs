//! The world outside, continued: data formats and cryptography. 0xC7-0xCD.

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
    } } }
    };
}
