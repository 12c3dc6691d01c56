//! What functions need from outside: the variables that they capture.
//!
//! There are no variables outside functions in the result. A function that is called by its name takes what it
//! needs as further arguments; a function that is a value captures it. Because captured variables never change,
//! both mean the same. A function also needs what the functions that it calls need.

use std::collections::BTreeSet;

use ttvm_isa::limits;

use crate::{
    error::Errors,
    loops::{InPlace, kind_of},
    problem::Problem,
    tree::{Expression, ExpressionKind, Function, FunctionId, MAIN, Origin, Program, VariableId},
};

/// What was found out about all functions and variables.
#[derive(Debug)]
pub(crate) struct Needs {
    /// By the number of the function.
    pub functions: Vec<Need>,
    /// The function that sets each variable, by the variable's number.
    pub owners: Vec<Option<FunctionId>>,
}

/// What is known about a function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Need {
    /// Whether the program can come to it, or defines it at its top level.
    pub is_reached: bool,
    /// Whether it is called by its name.
    pub is_called: bool,
    /// Whether it is used as a value.
    pub is_value: bool,
    /// The variables of other functions that it needs.
    pub captured: BTreeSet<VariableId>,
    /// Its name as a value, if it captures something and is called by its name too.
    pub value_name: Option<String>,
    /// The functions that it calls or makes values of.
    mentioned: BTreeSet<FunctionId>,
    has_too_many: bool,
}

/// Finds out everything, and reports what cannot be.
pub(crate) fn find(program: &mut Program, in_place: &InPlace, errors: &mut Errors) -> Needs {
    let mut finder = Finder {
        program,
        in_place,
        functions: vec![Need::default(); program.functions.len()],
        owners: vec![None; program.variables.len()],
        work: Vec::new(),
    };
    finder.find_all();
    let Finder { functions, owners, .. } = finder;
    let mut needs = Needs { functions, owners };
    needs.close();
    needs.check_counts(program, errors);
    needs.check_assignments(program, errors);
    for (need, function) in needs.functions.iter_mut().zip(&program.functions) {
        if need.is_called && need.is_value && !need.captured.is_empty() {
            need.value_name = Some(program.function_names.fresh(&function.assembly_name, |_| false));
        }
    }
    needs
}

struct Finder<'p> {
    program: &'p Program,
    in_place: &'p InPlace,
    functions: Vec<Need>,
    owners: Vec<Option<FunctionId>>,
    work: Vec<FunctionId>,
}

impl<'p> Finder<'p> {
    fn find_all(&mut self) {
        self.reach(MAIN);
        for (id, function) in (0u32..).zip(&self.program.functions) {
            if function.is_global {
                self.reach(FunctionId(id));
            }
        }
        while let Some(id) = self.work.pop() {
            let function = self.program.function(id);
            self.own(id, &function.parameters);
            self.walk(id, &function.body);
        }
        // Only now is it known which variables are whose.
        for (id, need) in (0u32..).zip(&mut self.functions) {
            need.captured.retain(|variable| self.owners[variable.0 as usize] != Some(FunctionId(id)));
        }
    }

    fn reach(&mut self, function: FunctionId) {
        let need = &mut self.functions[function.0 as usize];
        if !need.is_reached {
            need.is_reached = true;
            self.work.push(function);
        }
    }

    fn own(&mut self, owner: FunctionId, variables: &[VariableId]) {
        for variable in variables {
            self.owners[variable.0 as usize] = Some(owner);
        }
    }

    fn read(&mut self, reader: FunctionId, variable: VariableId) {
        if self.program.variable(variable).inlined().is_none() {
            self.functions[reader.0 as usize].captured.insert(variable);
        }
    }

    fn mention(&mut self, by: FunctionId, function: FunctionId) {
        self.functions[by.0 as usize].mentioned.insert(function);
        self.reach(function);
    }

    /// Notes what an expression of the function `owner` needs.
    fn walk(&mut self, owner: FunctionId, expression: &'p Expression) {
        match &expression.kind {
            ExpressionKind::Variable(variable) => self.read(owner, *variable),
            ExpressionKind::Assign { variable, .. } => self.read(owner, *variable),
            ExpressionKind::Store { variable, .. } | ExpressionKind::Try { variable, .. } => {
                self.own(owner, &[*variable]);
            }
            ExpressionKind::Function(function) => {
                self.mention(owner, *function);
                self.functions[function.0 as usize].is_value = true;
            }
            ExpressionKind::Loop { function, .. } if self.in_place[function.0 as usize] => {
                let entered: &Function = self.program.function(*function);
                self.own(owner, &entered.parameters);
                self.walk(owner, &entered.body);
            }
            ExpressionKind::Call { function, .. } if self.in_place[function.0 as usize] => {}
            ExpressionKind::Loop { function, .. } | ExpressionKind::Call { function, .. } => {
                self.mention(owner, *function);
                self.functions[function.0 as usize].is_called = true;
            }
            ExpressionKind::Constant(_)
            | ExpressionKind::Branch { .. }
            | ExpressionKind::And(_)
            | ExpressionKind::Or(_)
            | ExpressionKind::Not(_)
            | ExpressionKind::Sequence(_)
            | ExpressionKind::While { .. }
            | ExpressionKind::CallValue { .. }
            | ExpressionKind::Builtin { .. }
            | ExpressionKind::Fields { .. }
            | ExpressionKind::Field { .. }
            | ExpressionKind::FieldOr { .. } => {}
        }
        expression.for_each_part(&mut |part, _| self.walk(owner, part));
    }
}

impl Needs {
    /// Adds to each function's needs those of the functions it mentions, until nothing changes. Sets stop growing
    /// at the limit, which keeps the work small for hostile programs.
    fn close(&mut self) {
        let mut mentioned_by = vec![Vec::new(); self.functions.len()];
        for (id, need) in (0u32..).zip(&self.functions) {
            for mentioned in &need.mentioned {
                mentioned_by[mentioned.0 as usize].push(FunctionId(id));
            }
        }
        let mut work: Vec<FunctionId> = (0u32..)
            .zip(&self.functions)
            .filter(|(_, need)| !need.captured.is_empty())
            .map(|(id, _)| FunctionId(id))
            .collect();
        while let Some(id) = work.pop() {
            let captured: Vec<VariableId> = self.functions[id.0 as usize].captured.iter().copied().collect();
            for by in &mentioned_by[id.0 as usize] {
                let need = &mut self.functions[by.0 as usize];
                let before = need.captured.len();
                let foreign = captured.iter().filter(|variable| self.owners[variable.0 as usize] != Some(*by));
                need.captured.extend(foreign.take(limits::PARAMETERS_MAX as usize + 1));
                if need.captured.len() > limits::PARAMETERS_MAX as usize {
                    need.has_too_many = true;
                }
                if need.captured.len() > before && before <= limits::PARAMETERS_MAX as usize {
                    work.push(*by);
                }
            }
        }
    }

    fn check_counts(&self, program: &Program, errors: &mut Errors) {
        let count_max = limits::PARAMETERS_MAX as usize;
        for ((id, need), function) in (0u32..).zip(&self.functions).zip(&program.functions) {
            let what = if function.arity > count_max {
                "parameters"
            } else if need.has_too_many || need.captured.len() > count_max {
                "values from around it"
            } else if need.is_called && need.captured.len() + function.arity > count_max {
                "parameters and values from around it"
            } else {
                continue;
            };
            let problem =
                Problem::TooManyValues { kind: kind_of(program, FunctionId(id)), name: function.name.clone(), what };
            errors.report(function.span, problem);
        }
    }

    /// A variable that a function captures never changes.
    fn check_assignments(&self, program: &Program, errors: &mut Errors) {
        let mut reported = BTreeSet::new();
        for ((id, need), function) in (0u32..).zip(&self.functions).zip(&program.functions) {
            for captured in &need.captured {
                let variable = program.variable(*captured);
                if variable.assignments.is_empty() || !reported.insert(*captured) {
                    continue;
                }
                for assignment in &variable.assignments {
                    let problem = Problem::CapturedAssigned {
                        name: variable.name.clone(),
                        kind: kind_of(program, FunctionId(id)),
                        function: function.name.clone(),
                        is_loop: function.origin == Origin::Loop,
                    };
                    errors.report_related(*assignment, problem, &[(function.span, "captured here")]);
                }
            }
        }
    }
}
