//! What makes two programs the same to a checkpoint: a hash of what they do.

use std::collections::HashMap;

use ttvm_bytecode::{BodyKind, Module, write};
use ttvm_engine::LoadedModule;
use ttvm_isa::Text;

use super::error::CheckpointError;

/// The hash of a program.
pub(crate) type Digest = [u8; blake3::OUT_LEN];

/// The hash of a module and those it is linked with. Comments, names of files and tests at the end do not count.
pub(crate) fn digest(module: &LoadedModule) -> Result<Digest, CheckpointError> {
    Digester::default().digest(module)
}

/// Hashes each module once: they may import one another in many ways.
#[derive(Default)]
struct Digester {
    known: HashMap<*const LoadedModule, Digest>,
}

impl Digester {
    /// Calls itself for modules that are imported; the loader has limited how deeply.
    fn digest(&mut self, module: &LoadedModule) -> Result<Digest, CheckpointError> {
        if let Some(digest) = self.known.get(&std::ptr::from_ref(module)) {
            return Ok(*digest);
        }
        let bytes = write(&essence(module.verified().module()));
        let bytes = bytes.map_err(|error| CheckpointError::TooLarge(format!("the program: {error}")))?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(blake3::hash(&bytes).as_bytes());
        let mut imports: Vec<_> = module.imports().collect();
        imports.sort_by_key(|(prefix, _)| *prefix);
        for (prefix, import) in imports {
            hasher.update(blake3::hash(prefix.as_bytes()).as_bytes());
            hasher.update(&self.digest(import)?);
        }
        let digest = *hasher.finalize().as_bytes();
        self.known.insert(std::ptr::from_ref(module), digest);
        Ok(digest)
    }
}

/// The module without what no computation can see: whoever runs one by itself begins it with a body at the end.
fn essence(module: &Module) -> Module {
    let mut module = module.clone();
    while let Some(body) = module.bodies.pop_if(|body| body.kind == BodyKind::Test) {
        if (body.end as usize) < module.code.len() {
            module.bodies.push(body);
            break;
        }
        module.code.truncate(body.start as usize);
        let number = module.bodies.len();
        module.labels.retain(|label| label.body.is_none_or(|owner| (owner as usize) < number));
    }
    module.source = Text::from("");
    module.lines = vec![0; module.code.len()];
    module
}
