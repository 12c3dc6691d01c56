//! Functions of `std/bsp` that the machine itself calls, loaded when the first group needs one.
//!
//! A function that folds is program code, and so is what calls it: coordinators never run programs.

use ttvm_engine::LoadedModule;
use ttvm_isa::Fault;
use ttvm_platform::sync::Arc;
use ttvm_value::SharedValue;

/// Where the functions are.
pub(crate) const PATH: &str = "std/bsp";

/// The functions.
pub(crate) struct Library {
    /// (f, list) -> the fold of a list that is not empty.
    pub fold: SharedValue,
    /// (f, list) -> the list of the folds of its beginnings.
    pub scan: SharedValue,
    /// (f, inbox) -> the list with the inbox's fold.
    pub combine: SharedValue,
    /// (f, g, state, inbox, id, count) -> f of the rest, the inbox combined by g.
    pub resume: SharedValue,
    /// (partition, id, count, plan) -> the result of a processor of a declared computation.
    pub compute: SharedValue,
    /// (state, inbox, id, count, plan, g or null) -> the same from a checkpoint, the inbox combined by g.
    pub resume_computation: SharedValue,
}

impl Library {
    /// Finds the functions in the module.
    pub fn new(module: &LoadedModule) -> Result<Self, Fault> {
        let function = |name: &str| exported(PATH, module, name);
        Ok(Self {
            fold: function("fold")?,
            scan: function("scan")?,
            combine: function("combine")?,
            resume: function("resume_combined")?,
            compute: function("compute")?,
            resume_computation: function("resume_computation")?,
        })
    }
}

/// The function that a module, found at a path, exports under a name.
pub(crate) fn exported(path: &str, module: &LoadedModule, name: &str) -> Result<SharedValue, Fault> {
    let functions = module.exported_functions();
    let found = functions.iter().find(|(known, _)| &**known == name);
    let found = found.map(|(_, function)| SharedValue::new(function.clone()).0);
    found.ok_or_else(|| Fault::Import { path: path.to_owned(), reason: format!("it has no `{name}`") })
}

/// What came of loading a module.
pub(crate) type Loaded = Result<Arc<LoadedModule>, Fault>;
