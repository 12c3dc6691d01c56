//! A program with its surroundings: the modules beside it, its arguments and its input.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use ttvm_bytecode::{Module, VerifiedModule, verify};
use ttvm_machine::LIBRARY;

/// A program ready to be run by a tier.
#[derive(Clone, Debug)]
pub struct Program {
    /// The main module.
    pub module: Module,
    /// The words after the program on the command line.
    pub arguments: Vec<String>,
    /// What stdin gives.
    pub input: String,
    /// Whether what is merely suspicious is an error.
    pub is_strict: bool,
    /// Where the paths of modules begin; none where there are no modules.
    pub root: Option<PathBuf>,
}

/// Why a text or file is not a program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// There is no such file.
    #[error("cannot read {path}: {problem}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        problem: String,
    },
    /// The assembler refuses it.
    #[error("{path}: {problems}")]
    NotAssembled {
        /// The file.
        path: String,
        /// All errors.
        problems: String,
    },
    /// The verifier refuses it.
    #[error("{problems}")]
    NotVerified {
        /// All errors, each with its place.
        problems: String,
    },
}

impl Program {
    /// A program without arguments, input and modules.
    #[must_use]
    pub fn alone(module: Module) -> Self {
        Self { module, arguments: Vec::new(), input: String::new(), is_strict: false, root: None }
    }

    /// The module that `importer` (a source name) means by `path`: a file beside it, or else a module of the
    /// standard library.
    ///
    /// # Errors
    /// Every kind of [`LoadError`].
    pub fn load(&self, importer: &str, path: &str) -> Result<Module, LoadError> {
        let source = beside(importer, path);
        let Some(root) = &self.root else {
            return Err(LoadError::Unreadable { path: source, problem: "there are no files here".to_owned() });
        };
        match (fs::read(root.join(&source)), LIBRARY.iter().find(|module| module.path == path)) {
            (Ok(text), _) => assemble(&source, &text),
            (Err(_), Some(module)) => assemble(module.path, module.text.as_bytes()),
            (Err(error), None) => Err(LoadError::Unreadable { path: source, problem: error.to_string() }),
        }
    }
}

/// The path from the root of what `importer` calls `path`.
fn beside(importer: &str, path: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let directory = Path::new(importer).parent().unwrap_or(Path::new(""));
    for component in directory.join(path).components() {
        match component {
            Component::ParentDir => {
                parts.pop();
            }
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    parts.join("/")
}

/// Assembles a text; warnings are let pass.
///
/// # Errors
/// [`LoadError::NotAssembled`] with all errors.
pub(crate) fn assemble(source: &str, text: &[u8]) -> Result<Module, LoadError> {
    let assembly = ttvm_assembler::assemble(source, text);
    if assembly.is_ok() {
        return Ok(assembly.module);
    }
    let problems: Vec<String> = assembly.diagnostics.iter().map(ToString::to_string).collect();
    Err(LoadError::NotAssembled { path: source.to_owned(), problems: problems.join("; ") })
}

/// Verifies a module.
///
/// # Errors
/// [`LoadError::NotVerified`] with all errors.
pub(crate) fn verified(module: Module) -> Result<VerifiedModule, LoadError> {
    verify(module).map_err(|errors| {
        let problems: Vec<String> = errors.iter().map(ToString::to_string).collect();
        LoadError::NotVerified { problems: problems.join("; ") }
    })
}
