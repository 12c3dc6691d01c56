//! Finds, reads, assembles, verifies and links programs and the modules they import.
//!
//! A path is looked up relative to the importing file, then to the working directory, then in the standard
//! library, as written and with the extensions `.ttvm` and `.ttb`. Text and bytecode are told apart by
//! content. Each module is loaded once.

use std::{
    collections::HashMap,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use ttvm_assembler::{Diagnostic, assemble};
use ttvm_bytecode::{BodyKind, Module, ReadError, VerifyError, is_bytecode, read, verify};
use ttvm_engine::{LinkError, LoadMode, LoadedModule};
use ttvm_host::{Guard, NoPlace};
use ttvm_isa::{Fault, OpCode, Text, limits};

use crate::library;

/// Why a program or module cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// The system's words.
        #[source]
        error: io::Error,
    },
    /// No file or library module has the path.
    #[error("no module `{path}`: looked for {}", tried.join(", "))]
    NotFound {
        /// The importing module.
        importer: String,
        /// The path as written.
        path: String,
        /// Where it was looked for.
        tried: Vec<String>,
    },
    /// The text has errors.
    #[error("{name} has {} error{}", errors(diagnostics), if errors(diagnostics) == 1 { "" } else { "s" })]
    Assembly {
        /// The file.
        name: String,
        /// Its text.
        text: Vec<u8>,
        /// What is wrong.
        diagnostics: Vec<Diagnostic>,
    },
    /// The bytecode is damaged.
    #[error("{name}: {error}")]
    Read {
        /// The file.
        name: String,
        /// What is wrong, and where.
        #[source]
        error: ReadError,
    },
    /// The module breaks rules of the verifier.
    #[error("{name} cannot be run safely: {}", first(errors))]
    Verify {
        /// The file.
        name: String,
        /// What is wrong.
        errors: Vec<VerifyError>,
    },
    /// Modules do not fit together.
    #[error("{place}: {error}")]
    Link {
        /// `file:line` of the call that does not fit, or the importing file.
        place: String,
        /// What is missing.
        #[source]
        error: LinkError,
    },
    /// Modules import each other in a circle.
    #[error("Circular dependency detected: {path}")]
    Circular {
        /// The module with the import that closes the circle.
        importer: String,
        /// The path as written in the import that closes the circle.
        path: String,
    },
    /// The program may not read the file.
    #[error("{0}")]
    NotPermitted(Fault),
    /// There are as many processes as there can be.
    #[error("there are as many processes as there can be")]
    TooManyProcesses,
    /// Modules import modules that import modules, and so on, for too long.
    #[error("{importer} is the end of a chain of {NESTED_IMPORTS_MAX} imports, which may not be longer")]
    TooDeep {
        /// The last module of the chain.
        importer: String,
    },
}

/// How many modules may import one another in a chain. Loading them takes about 2 KiB of the thread's stack for each.
const NESTED_IMPORTS_MAX: usize = 500;

fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count()
}

fn first(errors: &[VerifyError]) -> String {
    errors.first().map_or_else(String::new, ToString::to_string)
}

/// A program ready to run.
#[derive(Clone)]
pub struct Program {
    /// The main module.
    pub module: Arc<LoadedModule>,
    /// Warnings of its text.
    pub warnings: Vec<Diagnostic>,
    /// Its text, for showing warnings; empty for bytecode.
    pub text: Vec<u8>,
}

/// A module found by its path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Found {
    File(PathBuf),
    Library(&'static str),
}

impl Program {
    /// The program's `.test` blocks: a number for [`crate::Machine::for_test`], and the title.
    #[must_use]
    pub fn tests(&self) -> Vec<(usize, String)> {
        let bodies = self.module.verified().module().bodies.iter().enumerate();
        bodies
            .filter(|(_, body)| body.kind == BodyKind::Test)
            .map(|(number, body)| (number, body.name.to_string()))
            .collect()
    }
}

/// Loads programs and modules.
#[derive(Clone)]
pub struct Loader {
    mode: LoadMode,
    loaded: HashMap<Found, Arc<LoadedModule>>,
    /// Modules whose `.import`s are being loaded.
    loading: Vec<Found>,
    /// Directories of modules, by source name, so that paths in them are relative to the right place.
    directories: HashMap<Text, PathBuf>,
    next_number: u32,
    /// Where the first program that was loaded lies.
    main_directory: PathBuf,
    /// The instruction for which files are read, and what decides whether it may.
    reader: (&'static str, Guard),
}

impl Default for Loader {
    fn default() -> Self {
        Self::new(LoadMode::Ordinary)
    }
}

impl Loader {
    /// A loader that has loaded nothing yet.
    #[must_use]
    pub fn new(mode: LoadMode) -> Self {
        Self {
            mode,
            loaded: HashMap::new(),
            loading: Vec::new(),
            directories: HashMap::new(),
            next_number: 0,
            main_directory: PathBuf::new(),
            reader: ("IMPORT", Guard::open()),
        }
    }

    /// From now on reads files for an instruction of a process, as far as that may.
    pub(crate) fn read_for(&mut self, operation: &'static str, guard: Guard) {
        self.reader = (operation, guard);
    }

    fn is_file(&self, path: &Path) -> Result<bool, LoadError> {
        let (operation, guard) = &self.reader;
        guard.is_file(operation, path).map_err(LoadError::NotPermitted)
    }

    /// Loads a program from a file.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn load_file(&mut self, path: &Path) -> Result<Program, LoadError> {
        let name = path.display().to_string();
        let bytes = self.read_file(path)?;
        let directory = path.parent().map(Path::to_path_buf).unwrap_or_default();
        if self.next_number == 0 {
            self.main_directory.clone_from(&directory);
        }
        self.directories.insert(Text::from(name.as_str()), directory);
        self.load_program(&name, bytes)
    }

    /// Loads a program from text or bytecode. Modules it imports are looked for in the working directory.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn load_bytes(&mut self, name: &str, bytes: &[u8]) -> Result<Program, LoadError> {
        self.load_program(name, bytes.to_vec())
    }

    /// Loads an assembled module as a program.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn load_module(&mut self, module: Module) -> Result<Program, LoadError> {
        let name = module.source.to_string();
        let module = self.link(&name, module)?;
        Ok(Program { module, warnings: Vec::new(), text: Vec::new() })
    }

    fn read_file(&self, path: &Path) -> Result<Vec<u8>, LoadError> {
        let (operation, guard) = &self.reader;
        match guard.open_file(operation, path) {
            Ok(file) => read_whole(path, file),
            Err(NoPlace::NotPermitted(fault)) => Err(LoadError::NotPermitted(fault)),
            Err(NoPlace::System(error)) => Err(LoadError::Io { path: path.display().to_string(), error }),
        }
    }

    fn load_program(&mut self, name: &str, bytes: Vec<u8>) -> Result<Program, LoadError> {
        let (mut module, warnings) = parse(name, &bytes)?;
        let is_text = !is_bytecode(&bytes);
        // Compiled programs keep the name of their source; paths are relative to where the file is now.
        if let Some(directory) = self.directories.get(name).cloned() {
            module.source = self.register(&module.source, directory, Path::new(name));
        }
        let module = self.link(name, module)?;
        Ok(Program { module, warnings, text: if is_text { bytes } else { Vec::new() } })
    }

    /// Notes in which directory the module with this source name lies. If a module elsewhere has the same name, as
    /// compiled ones may, it gets another: the one it would have where it is now, or that of its file.
    fn register(&mut self, source: &str, directory: PathBuf, file: &Path) -> Text {
        let file_name = Path::new(source).file_name().unwrap_or_default();
        let beside = shorten(&directory.join(file_name));
        let names = [source.to_owned(), beside, file.display().to_string()];
        let is_free = |name: &&String| {
            self.directories.get(name.as_str()).is_none_or(|known| is_same_directory(known, &directory))
        };
        let name = Text::from(names.iter().find(is_free).unwrap_or(&names[2]).as_str());
        self.directories.insert(name.clone(), directory);
        name
    }

    fn link(&mut self, name: &str, module: Module) -> Result<Arc<LoadedModule>, LoadError> {
        let verified = verify(module).map_err(|errors| LoadError::Verify { name: name.to_owned(), errors })?;
        let mut imports = HashMap::new();
        let source = verified.module().source.clone();
        for import in &verified.module().imports {
            let (_, found) = self.find(&source, &import.path)?;
            imports.insert(import.prefix.clone(), self.load_found(&source, &import.path, &found)?);
        }
        let number = self.next_number;
        self.next_number += 1;
        let module = Arc::clone(verified.module());
        LoadedModule::load(verified, imports, number, self.mode)
            .map_err(|error| LoadError::Link { place: place_of(&module, &error), error })
    }

    /// The file of the program that `SPAWN` names: `examples/<name>`, then `<name>`, each in the working directory and
    /// then beside the main program.
    ///
    /// Where it may not be looked there is none: a name may mean other things than a file. One that ends as files do cannot.
    ///
    /// # Errors
    /// [`LoadError::NotPermitted`]
    pub(crate) fn find_program(&self, name: &str) -> Result<Option<PathBuf>, LoadError> {
        let is_whole = name.ends_with(".ttvm") || name.ends_with(".ttb");
        let extensions: &[&str] = if is_whole { &[""] } else { &[".ttvm", ".ttb"] };
        let below = ["examples/", ""];
        let directories = [PathBuf::new(), self.main_directory.clone()];
        let candidates = below.iter().flat_map(|below| directories.iter().map(move |directory| (below, directory)));
        let candidates = candidates.flat_map(|(below, directory)| {
            extensions.iter().map(move |extension| directory.join(format!("{below}{name}{extension}")))
        });
        let mut refused = None;
        for candidate in candidates {
            match self.is_file(&candidate) {
                Ok(true) => return Ok(Some(candidate)),
                Ok(false) => {}
                Err(error) => refused = Some(error),
            }
        }
        refused.filter(|_| is_whole).map_or(Ok(None), Err)
    }

    /// Where the module of an import is, and a key that is the same for every path to it.
    pub(crate) fn find(&self, importer: &str, path: &str) -> Result<(String, Found), LoadError> {
        let relative = self.directories.get(importer).cloned().unwrap_or_default();
        let mut tried = Vec::new();
        let mut refused = None;
        for directory in [relative, PathBuf::new()] {
            for extension in ["", ".ttvm", ".ttb"] {
                let candidate = directory.join(format!("{path}{extension}"));
                let shown = candidate.display().to_string();
                match self.is_file(&candidate) {
                    Ok(true) => {
                        let key = fs::canonicalize(&candidate).unwrap_or(candidate);
                        return Ok((key.display().to_string(), Found::File(key)));
                    }
                    Ok(false) => {}
                    // The first, whose path is as it was written.
                    Err(error) => {
                        refused.get_or_insert(error);
                    }
                }
                if !tried.contains(&shown) {
                    tried.push(shown);
                }
            }
        }
        if let Some(module) = library::find(path) {
            return Ok((format!("library:{}", module.path), Found::Library(module.path)));
        }
        if let Some(error) = refused {
            return Err(error);
        }
        tried.push("the standard library".to_owned());
        Err(LoadError::NotFound { importer: importer.to_owned(), path: path.to_owned(), tried })
    }

    /// Loads the module at a place, once.
    pub(crate) fn load_found(
        &mut self,
        importer: &str,
        path: &str,
        found: &Found,
    ) -> Result<Arc<LoadedModule>, LoadError> {
        if let Some(module) = self.loaded.get(found) {
            return Ok(Arc::clone(module));
        }
        if self.loading.contains(found) {
            return Err(LoadError::Circular { importer: importer.to_owned(), path: path.to_owned() });
        }
        if self.loading.len() >= NESTED_IMPORTS_MAX {
            return Err(LoadError::TooDeep { importer: importer.to_owned() });
        }
        self.loading.push(found.clone());
        let result = self.load_new(found);
        self.loading.pop();
        let module = result?;
        self.loaded.insert(found.clone(), Arc::clone(&module));
        Ok(module)
    }

    fn load_new(&mut self, found: &Found) -> Result<Arc<LoadedModule>, LoadError> {
        let (name, bytes) = match found {
            Found::File(file) => {
                let directory = file.parent().map(Path::to_path_buf).unwrap_or_default();
                let name = self.register(&shorten(file), directory, file);
                (name.to_string(), self.read_file(file)?)
            }
            Found::Library(module) => {
                let text = library::find(module).map_or("", |module| module.text);
                ((*module).to_owned(), text.as_bytes().to_vec())
            }
        };
        let (mut module, _) = parse(&name, &bytes)?;
        if let Found::File(file) = found {
            let directory = file.parent().map(Path::to_path_buf).unwrap_or_default();
            module.source = self.register(&module.source, directory, file);
        }
        self.link(&name, module)
    }
}

/// The first call that a link error is about.
fn place_of(module: &Module, error: &LinkError) -> String {
    let is_meant = |op: &OpCode| match (op, error) {
        (
            OpCode::CallImport { prefix, name, count },
            LinkError::WrongArity { prefix: wrong_prefix, name: wrong_name, given, .. },
        ) => prefix == wrong_prefix && name == wrong_name && count == given,
        (
            OpCode::CallImport { prefix, name, .. } | OpCode::LoadImport { prefix, name },
            LinkError::MissingExport { prefix: wrong_prefix, name: wrong_name, .. },
        ) => prefix == wrong_prefix && name == wrong_name,
        _ => false,
    };
    let call = module.code.iter().position(is_meant).and_then(|call| u32::try_from(call).ok());
    call.map_or_else(|| module.source.to_string(), |call| module.place(call))
}

fn is_same_directory(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| fs::canonicalize(if path.as_os_str().is_empty() { Path::new(".") } else { path }).ok();
    one == other || whole(one).is_some_and(|one| whole(other) == Some(one))
}

/// A file's path as people read it: relative to the working directory where it lies below it.
fn shorten(file: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.as_deref().and_then(|here| file.strip_prefix(here).ok());
    relative.unwrap_or(file).display().to_string()
}

/// All bytes of a program's or module's file.
fn read_whole(path: &Path, file: fs::File) -> Result<Vec<u8>, LoadError> {
    let failed = |error| LoadError::Io { path: path.display().to_string(), error };
    let max = limits::SOURCE_BYTES_MAX.max(limits::FILE_BYTES_MAX);
    let mut bytes = Vec::new();
    // Devices and pipes do not say how long they are: what counts is what comes.
    file.take(max + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > max {
        return Err(failed(io::Error::other(format!("the file has more than {max} bytes"))));
    }
    Ok(bytes)
}

/// Text or bytecode to a module, with the warnings of text.
fn parse(name: &str, bytes: &[u8]) -> Result<(Module, Vec<Diagnostic>), LoadError> {
    if is_bytecode(bytes) {
        return match read(bytes) {
            Ok(module) => Ok((module, Vec::new())),
            Err(error) => Err(LoadError::Read { name: name.to_owned(), error }),
        };
    }
    let assembly = assemble(name, bytes);
    if assembly.has_errors() {
        let diagnostics = assembly.diagnostics;
        return Err(LoadError::Assembly { name: name.to_owned(), text: bytes.to_vec(), diagnostics });
    }
    Ok((assembly.module, assembly.diagnostics))
}
