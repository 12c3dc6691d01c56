//! The registry: names of processes.
//!
//! One lock, held for one look-up or change, so that all of them are linearisable (rule P45).

use std::collections::BTreeMap;

use ttvm_isa::Text;
use ttvm_platform::sync::Mutex;
use ttvm_value::Pid;

/// The registry.
#[derive(Debug)]
pub(crate) struct Names(Mutex<BTreeMap<Text, Pid>>);

impl Names {
    /// Without names.
    pub fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Gives a process a name. The pid of whoever has it, if it is taken by another.
    pub fn register(&self, name: &Text, pid: Pid) -> Result<(), Pid> {
        let mut names = self.0.lock();
        match names.get(name) {
            Some(holder) if *holder != pid => Err(*holder),
            _ => {
                names.insert(name.clone(), pid);
                Ok(())
            }
        }
    }

    /// Takes a name away from whoever has it.
    pub fn unregister(&self, name: &str) -> Option<Pid> {
        self.0.lock().remove(name)
    }

    /// Takes a name away from a process, if it has it.
    pub fn release(&self, name: &str, pid: Pid) {
        let mut names = self.0.lock();
        if names.get(name) == Some(&pid) {
            names.remove(name);
        }
    }

    /// Who has a name.
    pub fn find(&self, name: &str) -> Option<Pid> {
        self.0.lock().get(name).copied()
    }

    /// All names, sorted.
    pub fn all(&self) -> Vec<Text> {
        self.0.lock().keys().cloned().collect()
    }
}

#[cfg(all(test, not(ttvm_model)))]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_holder() {
        // Rule P43.
        let (names, name) = (Names::new(), Text::from("shop"));
        let (first, second) = (Pid::new(1, 0), Pid::new(2, 1));
        assert_eq!(names.register(&name, first), Ok(()));
        assert_eq!(names.register(&name, first), Ok(()));
        assert_eq!(names.register(&name, second), Err(first));
        names.release("shop", second);
        assert_eq!(names.find("shop"), Some(first));
        names.release("shop", first);
        assert_eq!(names.find("shop"), None);
        assert_eq!(names.register(&name, second), Ok(()));
        assert_eq!(names.all(), [name]);
        assert_eq!(names.unregister("shop"), Some(second));
        assert_eq!(names.unregister("shop"), None);
    }
}
