//! The registry: names of processes.
//!
//! One lock, held for one look-up or change, so that all of them are linearisable (rule P45).

use std::collections::BTreeMap;

use ttvm_isa::Text;
use ttvm_platform::sync::Mutex;
use ttvm_value::Pid;

/// Why a process does not get a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// This one has it.
    #[error("it is the name of process {0}")]
    Taken(Pid),
    /// There are as many names as there may be.
    #[error("there may be {0} names at most")]
    TooMany(u64),
}

/// The registry.
#[derive(Debug)]
pub(crate) struct Names {
    names: Mutex<BTreeMap<Text, Pid>>,
    /// How many there may be (rule P81).
    max: u64,
}

impl Names {
    /// Without names; there may be so many.
    pub fn new(max: u64) -> Self {
        Self { names: Mutex::new(BTreeMap::new()), max }
    }

    /// Gives a process a name.
    pub fn register(&self, name: &Text, pid: Pid) -> Result<(), NameError> {
        let mut names = self.names.lock();
        match names.get(name) {
            Some(holder) if *holder != pid => Err(NameError::Taken(*holder)),
            None if names.len() as u64 >= self.max => Err(NameError::TooMany(self.max)),
            Some(_) | None => {
                names.insert(name.clone(), pid);
                Ok(())
            }
        }
    }

    /// Takes a name away from whoever has it.
    pub fn unregister(&self, name: &str) -> Option<Pid> {
        self.names.lock().remove(name)
    }

    /// Takes a name away from a process, if it has it.
    pub fn release(&self, name: &str, pid: Pid) {
        let mut names = self.names.lock();
        if names.get(name) == Some(&pid) {
            names.remove(name);
        }
    }

    /// Who has a name.
    pub fn find(&self, name: &str) -> Option<Pid> {
        self.names.lock().get(name).copied()
    }

    /// All names, sorted.
    pub fn all(&self) -> Vec<Text> {
        self.names.lock().keys().cloned().collect()
    }
}

#[cfg(all(test, not(ttvm_model)))]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_holder() {
        // Rule P43.
        let (names, name) = (Names::new(1), Text::from("shop"));
        let (first, second) = (Pid::new(1, 0), Pid::new(2, 1));
        assert_eq!(names.register(&name, first), Ok(()));
        assert_eq!(names.register(&name, first), Ok(()));
        assert_eq!(names.register(&name, second), Err(NameError::Taken(first)));
        assert_eq!(names.register(&Text::from("store"), second), Err(NameError::TooMany(1)));
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
