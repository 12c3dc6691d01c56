//! Random Lisp programs together with what they must print, worked out by evaluating the same tree in Rust.
//!
//! Everything is an int. Functions call only those before them, and loops are bounded, so programs end. Shadowing,
//! captured variables, loops in place and as functions, assignments, errors and truth are what they are about.

use std::{collections::HashMap, fmt::Write as _};

/// A program as a tree.
enum Tree {
    Int(i64),
    Variable(String),
    /// `+`, `-`, `*`, `max`.
    Arithmetic(&'static str, Box<Tree>, Box<Tree>),
    If(Test, Box<Tree>, Box<Tree>),
    Let(String, Box<Tree>, Box<Tree>),
    /// `(let loop ((name 0) (sum start)) (if (< name count) (loop (+ name 1) body) sum))`, in place or not.
    Loop {
        counter: String,
        count: i64,
        sum: String,
        start: Box<Tree>,
        body: Box<Tree>,
        is_in_place: bool,
    },
    /// `((lambda-in-a-variable) argument)`.
    Closure {
        parameter: String,
        body: Box<Tree>,
        argument: Box<Tree>,
    },
    /// `(begin (define (inner parameter) body) (+ (inner a) (fold-left + 0 (map inner (list b)))))`.
    Inner {
        parameter: String,
        body: Box<Tree>,
        arguments: [Box<Tree>; 2],
    },
    /// `(try (begin (if test (error "e")) value) (catch e handler))`.
    Try(Test, Box<Tree>, Box<Tree>),
    /// `(let ((name value)) (set! name (+ name step)) name)`.
    Assign(String, Box<Tree>, Box<Tree>),
    Call(usize, Box<Tree>),
}

/// A condition; a value is true, even 0.
enum Test {
    Less(Box<Tree>, Box<Tree>),
    Value(Box<Tree>),
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
}

/// SplitMix64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    fn name(&mut self) -> String {
        ["a", "b", "c", "list", "x->y"][usize::try_from(self.below(5)).expect("it is below 5")].to_owned()
    }

    fn int(&mut self) -> i64 {
        i64::try_from(self.below(7)).expect("it is below 7") - 2
    }

    /// A tree whose variables are among those in scope; `functions` may be called.
    fn tree(&mut self, depth: u32, scope: &[String], functions: usize) -> Tree {
        let next = depth.saturating_sub(1);
        let with = |name: &String| scope.iter().chain([name]).cloned().collect::<Vec<_>>();
        let kind = if depth == 0 { self.below(3) } else { self.below(14) };
        match kind {
            0 => Tree::Int(self.int()),
            1 | 2 if scope.is_empty() => Tree::Int(self.int()),
            1 | 2 => {
                let index = self.below(u64::try_from(scope.len()).expect("it is short"));
                Tree::Variable(scope[usize::try_from(index).expect("it is below the length")].clone())
            }
            3 | 4 => {
                let [a, b] = self.two(next, scope, functions);
                let operator = ["+", "-", "max"][usize::try_from(self.below(3)).expect("it is below 3")];
                Tree::Arithmetic(operator, a, b)
            }
            5 | 6 => {
                let [a, b] = self.two(next, scope, functions);
                Tree::If(self.test(next, scope, functions), a, b)
            }
            7 => {
                let name = self.name();
                let value = Box::new(self.tree(next, scope, functions));
                let body = Box::new(self.tree(next, &with(&name), functions));
                Tree::Let(name, value, body)
            }
            8 | 9 => {
                let (counter, sum) = (self.name(), "sum".to_owned());
                let start = Box::new(self.tree(next, scope, functions));
                let mut inside = with(&counter);
                inside.push(sum.clone());
                let body = Box::new(self.tree(next, &inside, functions));
                Tree::Loop { counter, count: self.int(), sum, start, body, is_in_place: kind == 8 }
            }
            10 => {
                let parameter = self.name();
                let argument = Box::new(self.tree(next, scope, functions));
                let body = Box::new(self.tree(next, &with(&parameter), functions));
                Tree::Closure { parameter, body, argument }
            }
            11 => {
                let parameter = self.name();
                let arguments = self.two(next, scope, functions);
                let body = Box::new(self.tree(next, &with(&parameter), functions));
                Tree::Inner { parameter, body, arguments }
            }
            12 => {
                let [a, b] = self.two(next, scope, functions);
                Tree::Try(self.test(next, scope, functions), a, b)
            }
            _ if functions > 0 && self.below(2) == 0 => {
                let function = self.below(u64::try_from(functions).expect("they are few"));
                let argument = Box::new(self.tree(next, scope, functions));
                Tree::Call(usize::try_from(function).expect("it is small"), argument)
            }
            _ => {
                let [value, step] = self.two(next, scope, functions);
                Tree::Assign("place".to_owned(), value, step)
            }
        }
    }

    fn two(&mut self, depth: u32, scope: &[String], functions: usize) -> [Box<Tree>; 2] {
        [(); 2].map(|()| Box::new(self.tree(depth, scope, functions)))
    }

    fn test(&mut self, depth: u32, scope: &[String], functions: usize) -> Test {
        let next = depth.saturating_sub(1);
        match if depth == 0 { self.below(2) } else { self.below(6) } {
            0 | 5 => {
                let a = self.tree(next, scope, functions);
                Test::Less(Box::new(a), Box::new(self.tree(next, scope, functions)))
            }
            1 => Test::Value(Box::new(self.tree(next, scope, functions))),
            2 => Test::Not(Box::new(self.test(next, scope, functions))),
            3 => {
                let a = self.test(next, scope, functions);
                Test::And(Box::new(a), Box::new(self.test(next, scope, functions)))
            }
            _ => {
                let a = self.test(next, scope, functions);
                Test::Or(Box::new(a), Box::new(self.test(next, scope, functions)))
            }
        }
    }

    /// A function of one parameter that also uses the top-level value, for each place; what runs comes last.
    fn trees(&mut self) -> Vec<Tree> {
        let scope = ["n".to_owned(), "global".to_owned()];
        (0..4).map(|index| self.tree(4, &scope, index)).collect()
    }
}

fn write(tree: &Tree, out: &mut String) {
    let text = match tree {
        Tree::Int(int) => int.to_string(),
        Tree::Variable(name) => name.clone(),
        Tree::Arithmetic(operator, a, b) => format!("({operator} {} {})", show(a), show(b)),
        Tree::If(test, a, b) => format!("(if {} {} {})", show_test(test), show(a), show(b)),
        Tree::Let(name, value, body) => format!("(let (({name} {})) {})", show(value), show(body)),
        Tree::Loop { counter, count, sum, start, body, is_in_place } => {
            let again = format!("(loop (+ {counter} 1) {})", show(body));
            let again = if *is_in_place { again } else { format!("(+ 0 {again})") };
            format!("(let loop (({counter} 0) ({sum} {})) (if (< {counter} {count}) {again} {sum}))", show(start))
        }
        Tree::Closure { parameter, body, argument } => {
            format!("(let ((f (lambda ({parameter}) {}))) (f {}))", show(body), show(argument))
        }
        Tree::Inner { parameter, body, arguments } => format!(
            "(let () (define (inner {parameter}) {}) (+ (inner {}) (fold-left + 0 (map inner (cons {} '())))))",
            show(body),
            show(&arguments[0]),
            show(&arguments[1])
        ),
        Tree::Try(test, value, handler) => {
            format!("(try (when {} (error \"e\")) {} (catch e {}))", show_test(test), show(value), show(handler))
        }
        Tree::Assign(name, value, step) => {
            format!("(let* (({name} {}) (step {})) (set! {name} (+ {name} step)) {name})", show(value), show(step))
        }
        Tree::Call(function, argument) => format!("(f{function} {})", show(argument)),
    };
    out.push_str(&text);
}

fn show(tree: &Tree) -> String {
    let mut text = String::new();
    write(tree, &mut text);
    text
}

fn show_test(test: &Test) -> String {
    match test {
        Test::Less(a, b) => format!("(< {} {})", show(a), show(b)),
        Test::Value(value) => show(value),
        Test::Not(test) => format!("(not {})", show_test(test)),
        Test::And(a, b) => format!("(and {} {})", show_test(a), show_test(b)),
        Test::Or(a, b) => format!("(or {} {})", show_test(a), show_test(b)),
    }
}

type Scope = HashMap<String, i64>;

fn with(scope: &Scope, pairs: &[(&String, i64)]) -> Scope {
    let mut scope = scope.clone();
    scope.extend(pairs.iter().map(|(name, value)| ((*name).clone(), *value)));
    scope
}

/// What a tree is worth.
fn value(tree: &Tree, scope: &Scope, functions: &[Tree]) -> i64 {
    let of = |tree: &Tree| value(tree, scope, functions);
    match tree {
        Tree::Int(int) => *int,
        Tree::Variable(name) => scope[name],
        Tree::Arithmetic(operator, a, b) => match *operator {
            "+" => of(a) + of(b),
            "-" => of(a) - of(b),
            _ => of(a).max(of(b)),
        },
        Tree::If(test, a, b) => of(if holds(test, scope, functions) { a } else { b }),
        Tree::Let(name, bound, body) => value(body, &with(scope, &[(name, of(bound))]), functions),
        Tree::Loop { counter, count, sum, start, body, .. } => {
            let mut total = of(start);
            for round in 0..*count {
                total = value(body, &with(scope, &[(counter, round), (sum, total)]), functions);
            }
            total
        }
        Tree::Closure { parameter, body, argument } => {
            value(body, &with(scope, &[(parameter, of(argument))]), functions)
        }
        Tree::Inner { parameter, body, arguments } => {
            arguments.iter().map(|argument| value(body, &with(scope, &[(parameter, of(argument))]), functions)).sum()
        }
        Tree::Try(test, tried, handler) => of(if holds(test, scope, functions) { handler } else { tried }),
        Tree::Assign(_, bound, step) => of(bound) + of(step),
        Tree::Call(function, argument) => {
            let scope = Scope::from([("n".to_owned(), of(argument)), ("global".to_owned(), GLOBAL)]);
            value(&functions[*function], &scope, functions)
        }
    }
}

fn holds(test: &Test, scope: &Scope, functions: &[Tree]) -> bool {
    match test {
        Test::Less(a, b) => value(a, scope, functions) < value(b, scope, functions),
        Test::Value(_) => true,
        Test::Not(test) => !holds(test, scope, functions),
        Test::And(a, b) => holds(a, scope, functions) && holds(b, scope, functions),
        Test::Or(a, b) => holds(a, scope, functions) || holds(b, scope, functions),
    }
}

/// The top-level value.
const GLOBAL: i64 = 3;

/// The program with this seed.
pub(crate) fn program(seed: u64) -> String {
    let trees = Random(seed).trees();
    // Computed, so that it is a variable and no constant.
    let mut text = format!("(define global (car '({GLOBAL})))\n");
    for (index, tree) in trees.iter().enumerate() {
        writeln!(text, "(define (f{index} n) {})", show(tree)).expect("writing to a String cannot fail");
    }
    for (index, argument) in [(0, 1), (1, 0), (2, 5), (3, -1)] {
        writeln!(text, "(print (f{index} {argument}))").expect("writing to a String cannot fail");
    }
    text + "(print (map f3 '(0 2)))\n"
}

/// What it prints.
pub(crate) fn expected(seed: u64) -> String {
    let trees = Random(seed).trees();
    let call = |index: usize, argument: i64| {
        let scope = Scope::from([("n".to_owned(), argument), ("global".to_owned(), GLOBAL)]);
        value(&trees[index], &scope, &trees)
    };
    let lines = [call(0, 1), call(1, 0), call(2, 5), call(3, -1)].map(|value| format!("{value}\n"));
    format!("{}[{}, {}]\n", lines.concat(), call(3, 0), call(3, 2))
}
