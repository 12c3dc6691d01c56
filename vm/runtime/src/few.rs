//! A map that mostly has one entry or none, and then takes no memory of its own.
//!
//! Entries come out by rising key, so that what is done for each of them has one order. Not here: what is kept in such
//! maps (`state.rs`).

use std::{collections::BTreeMap, mem};

/// The map.
#[derive(Debug, Default)]
pub(crate) enum Few<K, V> {
    /// No entry.
    #[default]
    None,
    /// One.
    One(K, V),
    /// There were several once.
    More(BTreeMap<K, V>),
}

impl<K: Ord + Copy, V: Copy> Few<K, V> {
    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        match self {
            Self::One(known, value) if known == key => Some(value),
            Self::None | Self::One(..) => None,
            Self::More(map) => map.get(key),
        }
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        match self {
            Self::One(known, value) if known == key => Some(value),
            Self::None | Self::One(..) => None,
            Self::More(map) => map.get_mut(key),
        }
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::None => true,
            Self::One(..) => false,
            Self::More(map) => map.is_empty(),
        }
    }

    /// Adds an entry; gives the value that the key had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self {
            Self::None => {
                *self = Self::One(key, value);
                None
            }
            Self::One(known, present) if *known == key => Some(mem::replace(present, value)),
            Self::One(..) => {
                let Self::One(known, present) = mem::take(self) else { return None };
                *self = Self::More(BTreeMap::from([(known, present), (key, value)]));
                None
            }
            Self::More(map) => map.insert(key, value),
        }
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        match self {
            Self::One(known, value) if known == key => {
                let value = *value;
                *self = Self::None;
                Some(value)
            }
            Self::None | Self::One(..) => None,
            Self::More(map) => map.remove(key),
        }
    }

    /// Takes all entries out. What one entry consists of is read for itself: moving the map as a whole, right after it was
    /// written, costs more than all the rest.
    #[inline]
    pub fn take_each(&mut self, mut act: impl FnMut(K, V)) {
        match self {
            Self::None => {}
            Self::One(key, value) => {
                let (key, value) = (*key, *value);
                *self = Self::None;
                act(key, value);
            }
            Self::More(map) => mem::take(map).into_iter().for_each(|(key, value)| act(key, value)),
        }
    }

    /// The entries.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let (one, more) = match self {
            Self::None => (None, None),
            Self::One(key, value) => (Some((key, value)), None),
            Self::More(map) => (None, Some(map.iter())),
        };
        one.into_iter().chain(more.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a plain map.
        #[test]
        fn a_map_of_few_is_a_map(steps in prop::collection::vec((0u8..3, 0u8..4, any::<u8>()), 0..40)) {
            let (mut few, mut map) = (Few::default(), BTreeMap::new());
            for (step, key, value) in steps {
                match step {
                    0 => prop_assert_eq!(few.insert(key, value), map.insert(key, value)),
                    1 => prop_assert_eq!(few.remove(&key), map.remove(&key)),
                    _ => prop_assert_eq!(few.get_mut(&key), map.get_mut(&key)),
                }
                prop_assert_eq!(few.get(&key), map.get(&key));
                prop_assert!(few.iter().eq(map.iter()));
                prop_assert_eq!(few.is_empty(), map.is_empty());
            }
            let mut entries = Vec::new();
            few.take_each(|key, value| entries.push((key, value)));
            prop_assert!(few.is_empty());
            prop_assert!(entries.into_iter().eq(map));
        }
    }
}
