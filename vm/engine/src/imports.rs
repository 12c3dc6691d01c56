//! `IMPORT` and `EXPORT`: running a module's main code in a frame of its own and handing over what it exports.
//!
//! Finding and loading files is the driver's part: a run ends with [`crate::Outcome::Import`] and goes on
//! after [`Process::import`], [`Process::bind_import`] or [`Process::fail`].

use std::sync::Arc;

use ttvm_isa::{Fault, Text};
use ttvm_value::Value;

use crate::{
    code::{LoadedModule, Site},
    frames,
    kernel::Outcome,
    process::{ImportInProgress, Process},
};

impl Process {
    /// Whether the module with this key has been run by this process, so that [`Process::bind_import`] will do.
    #[must_use]
    pub fn has_imported(&self, key: &str) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.imported.contains_key(key))
    }

    /// Whether the module with this key is being run, so that importing it again would go in a circle.
    #[must_use]
    pub fn is_importing(&self, key: &str) -> bool {
        self.rare.iter().any(|rare| rare.imports.iter().any(|import| &*import.key == key))
    }

    /// Copies what a module that was run before exports into the importing frame.
    ///
    /// # Panics
    /// Unless [`Process::has_imported`].
    pub fn bind_import(&mut self, key: &str) {
        let exports = self.rare.as_ref().and_then(|rare| rare.imported.get(key));
        let exports = exports.expect("the driver asks has_imported first").clone();
        self.reductions -= 1;
        self.bind(&exports);
    }

    /// Begins to run a module's main code. When it ends, its exports are copied into the importing frame. A fault
    /// that is not caught is what the process ends with.
    pub fn import(&mut self, key: &str, module: Arc<LoadedModule>) -> Option<Outcome> {
        let main = &module.data().functions[0];
        let frame = self.frame() + self.function().frame_cells as usize;
        if let Err(fault) = self.frames.grow(frame + main.frame_cells as usize + 1) {
            return self.raise(fault).err();
        }
        let site = Box::new(Site {
            code: self.pc,
            function: self.function,
            frame_cells: self.function().frame_cells,
            destination: 0,
            callee: main,
            lowered: std::ptr::null(),
        });
        let header = self.cell(frame);
        // SAFETY: F2: the stack has room above the newest frame, and the cell holds nothing (F1).
        unsafe { frames::set_header(header, &raw const *site) };
        self.reductions -= 1;
        self.pc = main.entry;
        self.function = main;
        self.set_frame(frame);
        let import = ImportInProgress { frame, key: Text::from(key), exports: Vec::new(), module, _site: site };
        self.rare_mut().imports.push(import);
        None
    }

    /// Ends the module being run. `false` if none is: the process itself ends.
    pub(crate) fn finish_import(&mut self) -> bool {
        let Some(mut import) = self.rare.as_mut().and_then(|rare| rare.imports.pop()) else { return false };
        self.keep(&import.module);
        self.unwind_to(import.frame);
        self.pop_frame();
        for (name, function) in import.module.exported_functions() {
            if !import.exports.iter().any(|(known, _)| *known == name) {
                import.exports.push((name, function));
            }
        }
        self.bind(&import.exports);
        self.rare_mut().imported.insert(import.key, import.exports);
        true
    }

    pub(crate) fn export(&mut self, name: &str, value: Value) {
        // Outside an import there is nobody to export to.
        let Some(import) = self.rare.as_mut().and_then(|rare| rare.imports.last_mut()) else { return };
        match import.exports.iter_mut().find(|(known, _)| &**known == name) {
            Some((_, known)) => *known = value,
            None => import.exports.push((Text::from(name), value)),
        }
    }

    fn bind(&mut self, exports: &[(Text, Value)]) {
        for (name, value) in exports {
            match self.function().lowered().slot_of(name) {
                Some(slot) => {
                    self.note_variable(slot);
                    let cell = self.cell(self.frame() + usize::from(slot));
                    // SAFETY: C2: every variable has a slot.
                    unsafe { frames::set(cell, value.clone()) };
                }
                None => self.note_unnamed(name, value),
            }
        }
    }
}

/// What the driver says when modules import each other in a circle.
#[must_use]
pub fn circular(path: &str) -> Fault {
    Fault::CircularDependency { path: path.to_owned() }
}
