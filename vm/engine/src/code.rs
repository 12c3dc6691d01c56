//! Loaded code: a module's register code with its constants as values, and the descriptors that frames and
//! calls point to.
//!
//! Everything here is made once, when a module is loaded (exact-mode code: when a function first needs it),
//! and never changed afterwards, so that any thread may run it. Rules, cited by the interpreter:
//!
//! * C1: descriptors live in boxed slices owned by their [`CodeUnit`] and are reached by raw pointers, which
//!   are valid as long as the [`LoadedModule`]; a process keeps every module it has frames of alive.
//! * C2: register code was lowered from a verified module: every slot is below the function's `frame_cells`,
//!   every jump, site, function and constant number is in range.

use std::{
    collections::HashMap,
    ptr,
    sync::{Arc, OnceLock},
};

use ttvm_bytecode::{BodyKind, Captured, VerifiedModule};
use ttvm_isa::{Fault, Text};
use ttvm_lowering::{
    CallSite, Callee, Constant, Instruction, Op, Origin, Receive, RegisterModule, Results, lower, lower_exact,
};
use ttvm_value::{FunctionObject, FunctionRef, LiteralPool, Value};

/// A module ready to run.
#[repr(transparent)]
pub struct LoadedModule {
    data: ModuleData,
}

/// What function values and functions of a module need of it.
pub(crate) struct ModuleData {
    pub lowered: RegisterModule,
    pub constants: Vec<Value>,
    /// Functions in the order of `lowered.functions`.
    pub functions: Box<[FunctionCode]>,
    objects: Box<[FunctionObject]>,
    /// Modules of the `.import` directives, by prefix.
    imports: HashMap<Text, Arc<LoadedModule>>,
    unit: CodeUnit,
    /// Where a process returns to from its first function.
    pub entry_site: Box<Site>,
    /// Where a process returns to whose first function is label code, which may leave any number of values.
    pub label_site: Box<Site>,
    // After everything that holds literals.
    _literals: LiteralPool,
}

/// Code and its tables; a module has one, and one more for each function lowered for exact mode.
#[derive(Default)]
pub(crate) struct CodeUnit {
    code: Vec<Instruction>,
    origins: Vec<Origin>,
    pub sites: Box<[Site]>,
    receives: Vec<Receive>,
}

/// How calls to a function may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Convention {
    /// In fixed slots, leaving one value.
    One,
    /// In fixed slots, leaving nothing.
    Nothing,
    /// Runs in exact mode: may leave any number of values unless it owns its operand stack.
    Exact,
}

/// A function to be called: the descriptor that calls and frames point to.
#[repr(C)]
pub(crate) struct FunctionCode {
    pub entry: *const Instruction,
    pub constants: *const Value,
    pub sites: *const Site,
    pub frame_cells: u32,
    /// Index in `lowered.functions`.
    pub number: u32,
    pub parameters: u16,
    /// The slot after the last variable.
    pub temporaries: u16,
    /// Captures are bound by their names when a closure is called.
    pub binds_by_name: bool,
    pub convention: Convention,
    /// This is exact-mode code.
    pub is_exact: bool,
    pub owns_stack: bool,
    pub module: *const ModuleData,
    unit: *const CodeUnit,
    /// The same function's code for exact mode.
    exact: OnceLock<Box<ExactFunction>>,
}

struct ExactFunction {
    function: FunctionCode,
    unit: CodeUnit,
    starts: ttvm_lowering::ExactCode,
}

/// A call: how the caller goes on. Frame headers point here (a continuation descriptor).
#[repr(C)]
pub(crate) struct Site {
    /// Where the caller goes on.
    pub code: *const Instruction,
    /// The caller.
    pub function: *const FunctionCode,
    /// Distance from the caller's frame to the callee's, in cells.
    pub frame_cells: u32,
    /// Slot of the result; 0 if none is expected.
    pub destination: u32,
    /// Whom it calls; null for calls through values and for the outermost frame.
    pub callee: *const FunctionCode,
    /// What the lowering says about it; null for the outermost frame.
    pub lowered: *const CallSite,
}

// SAFETY: C1: descriptors and literals are never changed after loading; `OnceLock` orders the exact-mode code.
unsafe impl Send for LoadedModule {}
// SAFETY: as above.
unsafe impl Sync for LoadedModule {}

/// Why verified modules do not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkError {
    /// A prefix has no module.
    MissingModule {
        /// The prefix.
        prefix: Text,
    },
    /// A module does not export the function.
    MissingExport {
        /// The prefix.
        prefix: Text,
        /// The function.
        name: Text,
        /// What the module exports.
        exports: Vec<Text>,
    },
    /// A function takes another number of parameters.
    WrongArity {
        /// The prefix.
        prefix: Text,
        /// The function.
        name: Text,
        /// What the call gives.
        given: u32,
        /// What the function takes.
        takes: usize,
    },
    /// There is no memory for the constants.
    Memory(Fault),
}

impl std::fmt::Display for LinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::MissingModule { prefix } => write!(f, "no module was loaded for the prefix `{prefix}`"),
            Self::MissingExport { prefix, name, exports } => {
                write!(f, "`{prefix}` exports no function `{name}`; it exports: {}", exports.join(", "))
            }
            Self::WrongArity { prefix, name, given, takes } => {
                let plural = if *takes == 1 { "" } else { "s" };
                write!(f, "`{prefix}.{name}` takes {takes} argument{plural}, but the call gives {given}")
            }
            Self::Memory(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for LinkError {}

/// How a module is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadMode {
    /// Functions run in fixed slots wherever they can.
    Ordinary,
    /// Every function runs in exact mode: slow, one step for each stack instruction. For traces and tests.
    Exact,
}

impl LoadedModule {
    /// Lowers and links a module. `imports` holds the modules of its `.import` directives by prefix, `number`
    /// tells modules of one program apart.
    ///
    /// # Errors
    /// [`LinkError`] when an import does not offer what the module calls.
    pub fn load(
        verified: VerifiedModule,
        imports: HashMap<Text, Arc<LoadedModule>>,
        number: u32,
        mode: LoadMode,
    ) -> Result<Arc<Self>, LinkError> {
        let lowered = lower(verified);
        check_imports(&lowered, &imports)?;
        let mut literals = LiteralPool::new();
        let constants = make_constants(&lowered, &mut literals).map_err(LinkError::Memory)?;
        let mut module = Arc::new(Self {
            data: ModuleData {
                lowered,
                constants,
                functions: Box::default(),
                objects: Box::default(),
                imports,
                unit: CodeUnit::default(),
                entry_site: Box::new(Site::outermost()),
                label_site: Box::new(Site::outermost()),
                _literals: literals,
            },
        });
        let address = &raw const module.data;
        Arc::get_mut(&mut module).expect("nobody else has the new module yet").data.link(address, number, mode);
        Ok(module)
    }

    /// The verified module it was made from.
    #[must_use]
    pub fn verified(&self) -> &VerifiedModule {
        &self.data.lowered.verified
    }

    /// The modules that it is linked with, by the prefixes of its `.import` directives, in no order.
    pub fn imports(&self) -> impl Iterator<Item = (&Text, &LoadedModule)> {
        self.data.imports.iter().map(|(prefix, module)| (prefix, &**module))
    }

    pub(crate) fn data(&self) -> &ModuleData {
        &self.data
    }

    /// The number of the function that an exported or other `.fn` name stands for.
    #[must_use]
    pub fn function_named(&self, name: &str) -> Option<usize> {
        self.data.body_function(|body| body.kind == BodyKind::Function && &*body.name == name)
    }

    /// The number of the function that runs the test with this index among the module's bodies.
    #[must_use]
    pub fn test_function(&self, body: usize) -> Option<usize> {
        let module = self.data.lowered.verified.module();
        let start = module.bodies.get(body).filter(|body| body.kind == BodyKind::Test)?.start;
        self.data.body_function(|body| body.start == start)
    }

    /// The `.fn` with this name, as a value.
    #[must_use]
    pub fn entry_named(&self, name: &str) -> Option<Value> {
        self.function_named(name).map(|number| self.data.function_value(number))
    }

    /// The code at a label outside bodies, as a function without parameters, if the program may start it by its
    /// name: then the verifier has made a region of it.
    #[must_use]
    pub fn label_named(&self, name: &str) -> Option<Value> {
        let verified = &self.data.lowered.verified;
        let label = verified.module().labels.iter().find(|label| label.body.is_none() && &*label.name == name)?;
        let is_wanted = |function: &ttvm_bytecode::Function| {
            let region = &verified.regions()[function.region as usize];
            let has_place = function.region != 0 && region.body.is_none() && region.entry == label.at;
            has_place && function.parameters.is_empty() && function.captured == Captured::Nothing
        };
        verified.functions().iter().position(is_wanted).map(|number| self.data.function_value(number))
    }

    /// The functions that `.export` directives name, as values.
    #[must_use]
    pub fn exported_functions(&self) -> Vec<(Text, Value)> {
        let module = self.data.lowered.verified.module();
        let function = |name: &Text| {
            let number = self.function_named(name).expect("V3: exports name functions");
            (name.clone(), self.data.function_value(number))
        };
        module.exports.iter().map(function).collect()
    }
}

fn check_imports(lowered: &RegisterModule, imports: &HashMap<Text, Arc<LoadedModule>>) -> Result<(), LinkError> {
    for site in &lowered.sites {
        let Callee::Import { prefix, name, arguments } = &site.callee else { continue };
        let module = imports.get(prefix).ok_or_else(|| LinkError::MissingModule { prefix: prefix.clone() })?;
        let bytecode = module.verified().module();
        let takes = bytecode.bodies.iter().find(|body| body.kind == BodyKind::Function && body.name == *name);
        let (Some(body), true) = (takes, bytecode.exports.contains(name)) else {
            let exports = bytecode.exports.clone();
            return Err(LinkError::MissingExport { prefix: prefix.clone(), name: name.clone(), exports });
        };
        if *arguments != u32::MAX && *arguments as usize != body.parameters.len() {
            let (prefix, name) = (prefix.clone(), name.clone());
            return Err(LinkError::WrongArity { prefix, name, given: *arguments, takes: body.parameters.len() });
        }
    }
    Ok(())
}

fn make_constants(lowered: &RegisterModule, literals: &mut LiteralPool) -> Result<Vec<Value>, Fault> {
    let make = |constant: &Constant, literals: &mut LiteralPool| {
        let index = match constant {
            Constant::Null => return Ok(Value::Null),
            Constant::Bool(flag) => return Ok(Value::Bool(*flag)),
            Constant::Float(float) => return Ok(Value::Float(float.get())),
            Constant::Integer(integer) => match literals.add_integer(integer)? {
                Ok(small) => return Ok(Value::Int(small)),
                Err(index) => index,
            },
            Constant::Text(text) => literals.add_text(text)?,
        };
        // SAFETY: the pool lies in the module behind the constants; values of a module's constants live in
        // processes, which keep the module alive (C1).
        Ok(unsafe { literals.get(index) })
    };
    lowered.constants.iter().map(|constant| make(constant, literals)).collect()
}

impl ModuleData {
    /// The loaded module that this is the data of.
    pub fn loaded(&self) -> &LoadedModule {
        // SAFETY: `LoadedModule` is transparent over its data, and data lies nowhere else.
        unsafe { &*ptr::from_ref(self).cast() }
    }

    /// Makes functions and sites, which point at each other and at `address`, where this module lies.
    fn link(&mut self, address: *const Self, number: u32, mode: LoadMode) {
        self.unit = CodeUnit {
            code: std::mem::take(&mut self.lowered.code),
            origins: std::mem::take(&mut self.lowered.origins),
            sites: self.lowered.sites.iter().map(Site::unlinked).collect(),
            receives: std::mem::take(&mut self.lowered.receives),
        };
        let captured = self.lowered.verified.functions().iter().map(|function| function.captured == Captured::Unknown);
        let objects = self.lowered.functions.iter().zip(captured).map(|(function, names_captures)| FunctionObject {
            instruction: self.lowered.verified.regions()[function.region as usize].entry,
            parameters: function.parameters.clone(),
            module: number,
            names_captures,
            code: 0,
        });
        self.objects = objects.collect();
        let numbers = 0..u32::try_from(self.lowered.functions.len()).expect("V10 bounds the number of functions");
        self.functions = numbers.map(|number| FunctionCode::new(self, address, number, mode)).collect();
        for (object, function) in self.objects.iter_mut().zip(&self.functions) {
            object.code = ptr::from_ref(function) as usize;
        }
        let code = self.unit.code.as_ptr();
        let mut sites = std::mem::take(&mut self.unit.sites);
        for (site, lowered) in sites.iter_mut().zip(&self.lowered.sites) {
            self.link_site(site, lowered, code, &self.functions[lowered.function as usize]);
        }
        self.unit.sites = sites;
        let sites = self.unit.sites.as_ptr();
        for function in &mut self.functions {
            function.sites = sites;
        }
        static STOP: [Instruction; 1] = [Instruction::new(Op::Stop, 0, 0, 0)];
        *self.entry_site = Site { function: &raw const self.functions[0], ..Site::outermost() };
        *self.label_site = Site { function: &raw const self.functions[0], code: STOP.as_ptr(), ..Site::outermost() };
    }

    fn link_site(&self, site: &mut Site, lowered: &CallSite, code: *const Instruction, caller: &FunctionCode) {
        site.lowered = lowered;
        site.function = caller;
        // Where a call returns to lies within the code or, after a call that never returns, just behind it.
        site.code = code.wrapping_add(lowered.return_to as usize);
        site.callee = match &lowered.callee {
            Callee::Function(number) => &raw const self.functions[*number as usize],
            Callee::Import { prefix, name, .. } => {
                let module = &self.imports[prefix];
                let number = module.function_named(name).expect("check_imports found the function");
                &raw const module.data.functions[number]
            }
            Callee::Value => ptr::null(),
        };
    }

    fn body_function(&self, is_wanted: impl Fn(&ttvm_bytecode::Body) -> bool) -> Option<usize> {
        let verified = &self.lowered.verified;
        verified.functions().iter().position(|function| {
            let region = &verified.regions()[function.region as usize];
            region.body.is_some_and(|body| is_wanted(&verified.module().bodies[body as usize]))
                && function.captured == Captured::Nothing
        })
    }

    /// A function of the module as a value.
    pub fn function_value(&self, number: usize) -> Value {
        // SAFETY: the object lies in a boxed slice of the module, which processes keep alive (C1).
        Value::Function(unsafe { FunctionRef::new(&self.objects[number]) })
    }
}

impl CodeUnit {
    /// Where the register instruction at `at`, an instruction of this unit, comes from.
    fn origin(&self, at: *const Instruction) -> Option<Origin> {
        self.origins.get(self.index_of(at)).copied()
    }

    fn index_of(&self, at: *const Instruction) -> usize {
        (at as usize).wrapping_sub(self.code.as_ptr() as usize) / size_of::<Instruction>()
    }
}

impl Site {
    fn unlinked(lowered: &CallSite) -> Self {
        Self {
            frame_cells: u32::from(lowered.frame_cells),
            destination: u32::from(lowered.destination),
            lowered,
            ..Self::outermost()
        }
    }

    fn outermost() -> Self {
        static FINISH: [Instruction; 1] = [Instruction::new(Op::Finish, 0, 0, 0)];
        Self {
            code: FINISH.as_ptr(),
            function: ptr::null(),
            frame_cells: 1,
            // The cell where the frame's header was.
            destination: 1,
            callee: ptr::null(),
            lowered: ptr::null(),
        }
    }

    /// What the lowering says about the call; none for the outermost frame.
    pub fn call(&self) -> Option<&CallSite> {
        // SAFETY: C1: set once by `link_site` to an element of a vector that is not changed any more.
        unsafe { self.lowered.as_ref() }
    }
}

impl FunctionCode {
    fn new(data: &ModuleData, module: *const ModuleData, number: u32, mode: LoadMode) -> Self {
        let lowered = &data.lowered.functions[number as usize];
        let is_exact = lowered.is_exact || mode == LoadMode::Exact;
        static ENTER_EXACT: [Instruction; 1] = [Instruction::new(Op::EnterExact, 0, 0, 0)];
        let code = data.unit.code.as_ptr();
        Self {
            entry: if is_exact { ENTER_EXACT.as_ptr() } else { code.wrapping_add(lowered.entry as usize) },
            constants: data.constants.as_ptr(),
            sites: ptr::null(),
            frame_cells: lowered.frame_cells,
            number,
            parameters: u16::try_from(lowered.parameters.len()).expect("V1: PARAMETERS_MAX"),
            temporaries: lowered.temporaries,
            binds_by_name: data.lowered.verified.functions()[number as usize].captured == Captured::Unknown,
            convention: match lowered.results {
                _ if is_exact => Convention::Exact,
                Results::One => Convention::One,
                Results::None => Convention::Nothing,
            },
            is_exact: false,
            owns_stack: lowered.owns_stack,
            module,
            unit: &raw const data.unit,
            exact: OnceLock::new(),
        }
    }

    /// The module it belongs to.
    #[inline(always)]
    pub fn module(&self) -> &ModuleData {
        // SAFETY: C1: a function lies in its module.
        unsafe { &*self.module }
    }

    /// Another function of the module.
    ///
    /// # Safety
    /// There is a function with this number (C2).
    #[inline(always)]
    pub unsafe fn sibling(&self, number: u32) -> *const Self {
        // SAFETY: the caller's promise.
        unsafe { self.module().functions.as_ptr().add(number as usize) }
    }

    /// The stack instruction that a register instruction of this function comes from.
    pub fn origin(&self, at: *const Instruction) -> Origin {
        // SAFETY: C1: units live as long as the module.
        unsafe { &*self.unit }.origin(at).unwrap_or(Origin { pc: u32::MAX, temporaries: 0 })
    }

    /// The index of a register instruction of this function in its unit.
    pub fn index_of(&self, at: *const Instruction) -> u32 {
        // SAFETY: C1: units live as long as the module.
        u32::try_from(unsafe { &*self.unit }.index_of(at)).unwrap_or(u32::MAX)
    }

    /// The register instruction with this index.
    pub fn instruction(&self, index: u32) -> *const Instruction {
        // SAFETY: C1: units live as long as the module.
        unsafe { &*self.unit }.code.as_ptr().wrapping_add(index as usize)
    }

    /// A receive table of this function.
    pub fn receive(&self, number: u32) -> &Receive {
        // SAFETY: C1: units live as long as the module.
        unsafe { &(&*self.unit).receives[number as usize] }
    }

    /// What the lowering says about the function.
    pub fn lowered(&self) -> &ttvm_lowering::RegisterFunction {
        &self.module().lowered.functions[self.number as usize]
    }

    /// The function's exact-mode code, made at the first call.
    pub fn exact(&self) -> &Self {
        if self.is_exact {
            return self;
        }
        &self.exact.get_or_init(|| ExactFunction::make(self)).function
    }

    /// Where the exact-mode code of a stack instruction begins.
    pub fn exact_start(&self, pc: u32) -> *const Instruction {
        let exact = self.exact.get_or_init(|| ExactFunction::make(self));
        exact.unit.code.as_ptr().wrapping_add(exact.starts.start_of(pc) as usize)
    }

    /// The exact-mode call of the stack instruction at `pc`.
    pub fn exact_site(&self, pc: u32) -> Option<&Site> {
        let exact = self.exact.get_or_init(|| ExactFunction::make(self));
        exact.unit.sites.iter().find(|site| site.call().is_some_and(|call| call.pc == pc))
    }
}

impl ExactFunction {
    fn make(ordinary: &FunctionCode) -> Box<Self> {
        let data = ordinary.module();
        let mut starts = lower_exact(&data.lowered, ordinary.number);
        let unit = CodeUnit {
            code: std::mem::take(&mut starts.code),
            origins: std::mem::take(&mut starts.origins),
            sites: starts.sites.iter().map(Site::unlinked).collect(),
            receives: std::mem::take(&mut starts.receives),
        };
        let function = FunctionCode {
            entry: unit.code.as_ptr(),
            constants: data.constants.as_ptr(),
            sites: ptr::null(),
            frame_cells: starts.frame_cells.max(ordinary.frame_cells),
            is_exact: true,
            convention: Convention::Exact,
            unit: ptr::null(),
            exact: OnceLock::new(),
            ..*ordinary
        };
        let mut made = Box::new(Self { function, unit, starts });
        let function = &raw const made.function;
        let mut sites = std::mem::take(&mut made.unit.sites);
        for (site, lowered) in sites.iter_mut().zip(&made.starts.sites) {
            data.link_site(site, lowered, made.unit.code.as_ptr(), &made.function);
            site.function = function;
        }
        made.unit.sites = sites;
        made.function.sites = made.unit.sites.as_ptr();
        made.function.unit = &raw const made.unit;
        made
    }
}
