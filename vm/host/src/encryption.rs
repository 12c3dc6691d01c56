//! `ENCRYPT` and `DECRYPT`: data under a passphrase, so that nobody without it can read it or change it unnoticed.
//!
//! The layout is fixed by its version, costs of the key derivation included: a header that named them could ask the
//! reader for any amount of memory.
//! ```text
//! "TTVE"  version 1  kind (0 bytes, 1 str)  salt [16]  nonce [24]  XChaCha20-Poly1305 of the data, with its tag [16]
//! ```
//! The key is Argon2id of passphrase and salt, with 19 MiB, 2 passes, 1 lane (what OWASP recommends). All before the
//! encrypted data is authenticated with it.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use ttvm_isa::{Fault, HostOperation};
use ttvm_platform::entropy;
use ttvm_value::Value;

use crate::arguments::{bad_argument, host_fault, mismatch, new_bytes, new_text, text_or_bytes};

const MAGIC: &[u8; 4] = b"TTVE";
const VERSION: u8 = 1;
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
const PREFIX_BYTES: usize = MAGIC.len() + 2;
const HEADER_BYTES: usize = PREFIX_BYTES + SALT_BYTES + NONCE_BYTES;

const KIND_BYTES: u8 = 0;
const KIND_STR: u8 = 1;

const MEMORY_KIBIBYTES: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// `ENCRYPT`
pub(crate) fn encrypt(operation: HostOperation, [data, passphrase]: [Value; 2]) -> Result<Value, Fault> {
    let kind = if matches!(data, Value::Str(_)) { KIND_STR } else { KIND_BYTES };
    let plain = text_or_bytes(operation, &data)?;
    let mut sealed = MAGIC.to_vec();
    sealed.extend([VERSION, kind]);
    let mut random = [0; SALT_BYTES + NONCE_BYTES];
    entropy::fill(&mut random).map_err(|error| host_fault(operation, error))?;
    sealed.extend(random);
    let header = Header::of(&sealed);
    let cipher = cipher(operation, &passphrase, header.salt)?;
    let encrypted = cipher.encrypt(&header.nonce, Payload { msg: plain, aad: &sealed });
    sealed.extend(encrypted.map_err(|_| bad_argument(operation, "the data is too long".to_owned()))?);
    new_bytes(&sealed)
}

/// `DECRYPT`
pub(crate) fn decrypt(operation: HostOperation, [data, passphrase]: [Value; 2]) -> Result<Value, Fault> {
    let Value::Bytes(sealed) = &data else { return Err(mismatch(operation, "bytes", &data)) };
    if sealed.len() < HEADER_BYTES || !sealed.starts_with(MAGIC) {
        return Err(bad_argument(operation, "the data was not made by ENCRYPT".to_owned()));
    }
    let version = sealed[MAGIC.len()];
    if version != VERSION {
        return Err(bad_argument(operation, format!("the data has version {version}, known is {VERSION}")));
    }
    let (before, encrypted) = sealed.split_at(HEADER_BYTES);
    let header = Header::of(before);
    let cipher = cipher(operation, &passphrase, header.salt)?;
    let plain = cipher.decrypt(&header.nonce, Payload { msg: encrypted, aad: before });
    let changed = || bad_argument(operation, "the key is another, or the data was changed".to_owned());
    let plain = plain.map_err(|_| changed())?;
    if header.kind == KIND_STR {
        // What was authenticated was a str.
        new_text(std::str::from_utf8(&plain).map_err(|_| changed())?)
    } else {
        new_bytes(&plain)
    }
}

/// What stands before the encrypted data, in parts.
struct Header<'a> {
    kind: u8,
    salt: &'a [u8],
    nonce: XNonce,
}

impl<'a> Header<'a> {
    /// The parts of [`HEADER_BYTES`] bytes.
    fn of(bytes: &'a [u8]) -> Self {
        let (prefix, rest) = bytes.split_at(PREFIX_BYTES);
        let (salt, nonce) = rest.split_at(SALT_BYTES);
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().expect("callers give a whole header");
        Self { kind: prefix[PREFIX_BYTES - 1], salt, nonce: XNonce::from(nonce) }
    }
}

fn cipher(operation: HostOperation, passphrase: &Value, salt: &[u8]) -> Result<XChaCha20Poly1305, Fault> {
    let passphrase = text_or_bytes(operation, passphrase)?;
    let parameters = Params::new(MEMORY_KIBIBYTES, PASSES, LANES, None).expect("these are within Argon2's bounds");
    let mut key = [0; 32];
    let derived =
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters).hash_password_into(passphrase, salt, &mut key);
    derived.map_err(|error| bad_argument(operation, format!("the key cannot be used: {error}")))?;
    Ok(XChaCha20Poly1305::new(&key.into()))
}
