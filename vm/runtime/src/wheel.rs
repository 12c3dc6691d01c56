//! A timer wheel: setting and cancelling take constant time (Varghese and Lauck, "Hashed and hierarchical timing
//! wheels", SOSP 1987).
//!
//! Time is in ticks, written in digits of 6 bits. A timer lies on the level of the highest digit in which its
//! deadline differs from the present, in the slot of that digit; so a lower level is always due earlier, and slots
//! before the present's digit are empty. When the present reaches a slot of a higher level, its timers come down.
//! Timers with equal deadlines come out in the order in which they were set (rule P52): they come down in order,
//! and always before one could be set directly on the lower level.

/// Bits of a digit.
const DIGIT_BITS: u32 = 6;

/// Slots of a level.
const SLOTS: usize = 1 << DIGIT_BITS;

/// Levels: as many as 64 bits have digits.
const LEVELS: usize = u64::BITS.div_ceil(DIGIT_BITS) as usize;

const NONE: u32 = u32::MAX;

/// A timer that was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TimerKey {
    entry: u32,
    generation: u32,
}

/// The wheel.
pub(crate) struct Wheel<T> {
    /// The last tick that is over.
    now: u64,
    levels: Vec<Level>,
    entries: Vec<Entry<T>>,
    /// The first free entry.
    free: u32,
}

struct Level {
    /// The bit of each slot that has timers.
    occupied: u64,
    slots: [Slot; SLOTS],
}

/// A list of entries.
#[derive(Clone, Copy)]
struct Slot {
    first: u32,
    last: u32,
}

const EMPTY: Slot = Slot { first: NONE, last: NONE };

struct Entry<T> {
    deadline: u64,
    generation: u32,
    previous: u32,
    next: u32,
    level: u8,
    slot: u8,
    value: Option<T>,
}

impl<T> Wheel<T> {
    /// Without timers, at tick 0.
    pub fn new() -> Self {
        let levels = (0..LEVELS).map(|_| Level { occupied: 0, slots: [EMPTY; SLOTS] }).collect();
        Self { now: 0, levels, entries: Vec::new(), free: NONE }
    }

    /// How many timers are set.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.entries.iter().filter(|entry| entry.value.is_some()).count()
    }

    /// Sets a timer; one for a tick that is over fires with the next tick. `None` if there are 4 thousand million.
    pub fn set(&mut self, deadline: u64, value: T) -> Option<TimerKey> {
        let entry = if self.free == NONE {
            let entry = u32::try_from(self.entries.len()).ok().filter(|entry| *entry != NONE)?;
            let (previous, next) = (NONE, NONE);
            self.entries.push(Entry { deadline, generation: 0, previous, next, level: 0, slot: 0, value: None });
            entry
        } else {
            let entry = self.free;
            self.free = self.entries[entry as usize].next;
            entry
        };
        let record = &mut self.entries[entry as usize];
        record.deadline = deadline.max(self.now.saturating_add(1));
        record.value = Some(value);
        let generation = record.generation;
        self.link(entry);
        Some(TimerKey { entry, generation })
    }

    /// Cancels a timer that has not fired; gives its value and deadline.
    pub fn cancel(&mut self, key: TimerKey) -> Option<(T, u64)> {
        let record = self.entries.get(key.entry as usize)?;
        if record.generation != key.generation || record.value.is_none() {
            return None;
        }
        let deadline = record.deadline;
        self.unlink(key.entry);
        Some((self.release(key.entry), deadline))
    }

    /// The first tick at which there is something to do, if any timer is set. No timer fires before it.
    pub fn next_tick(&self) -> Option<u64> {
        self.next_slot().map(|(_, _, tick)| tick)
    }

    /// Goes on to a tick and hands over what is due, in order.
    pub fn advance(&mut self, to: u64, mut fire: impl FnMut(T)) {
        while let Some((level, slot, tick)) = self.next_slot().filter(|(_, _, tick)| *tick <= to) {
            self.now = tick;
            let mut entry = self.levels[level].slots[slot].first;
            self.levels[level].slots[slot] = EMPTY;
            self.levels[level].occupied &= !(1 << slot);
            while entry != NONE {
                let next = self.entries[entry as usize].next;
                if self.entries[entry as usize].deadline == tick {
                    fire(self.release(entry));
                } else {
                    self.link(entry);
                }
                entry = next;
            }
        }
        self.now = self.now.max(to);
    }

    /// The slot that is due first, and when the present reaches it.
    fn next_slot(&self) -> Option<(usize, usize, u64)> {
        let level = self.levels.iter().position(|level| level.occupied != 0)?;
        let slot = self.levels[level].occupied.trailing_zeros();
        let bits = DIGIT_BITS * level as u32;
        // The digits above this one are the present's, those below are 0.
        let above = self.now.checked_shr(bits + DIGIT_BITS).map_or(0, |high| high << (bits + DIGIT_BITS));
        Some((level, slot as usize, above | u64::from(slot) << bits))
    }

    /// Puts an entry, whose deadline lies ahead, at the end of its slot's list.
    fn link(&mut self, entry: u32) {
        let deadline = self.entries[entry as usize].deadline;
        debug_assert!(deadline > self.now);
        let level = (u64::BITS - 1 - (deadline ^ self.now).leading_zeros()) / DIGIT_BITS;
        let slot = (deadline >> (DIGIT_BITS * level)) as usize % SLOTS;
        let list = &mut self.levels[level as usize];
        let last = list.slots[slot].last;
        list.slots[slot].last = entry;
        list.occupied |= 1 << slot;
        if last == NONE {
            list.slots[slot].first = entry;
        } else {
            self.entries[last as usize].next = entry;
        }
        let record = &mut self.entries[entry as usize];
        (record.previous, record.next) = (last, NONE);
        (record.level, record.slot) = (level as u8, slot as u8);
    }

    fn unlink(&mut self, entry: u32) {
        let Entry { previous, next, level, slot, .. } = self.entries[entry as usize];
        let (level, slot) = (&mut self.levels[usize::from(level)], usize::from(slot));
        match previous {
            NONE => level.slots[slot].first = next,
            previous => self.entries[previous as usize].next = next,
        }
        match next {
            NONE => level.slots[slot].last = previous,
            next => self.entries[next as usize].previous = previous,
        }
        if level.slots[slot].first == NONE {
            level.occupied &= !(1 << slot);
        }
    }

    /// Frees an entry that is in no list.
    fn release(&mut self, entry: u32) -> T {
        let record = &mut self.entries[entry as usize];
        record.generation = record.generation.wrapping_add(1);
        record.next = self.free;
        self.free = entry;
        record.value.take().expect("a timer that is set has a value")
    }
}

#[cfg(all(test, not(ttvm_model)))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fired(wheel: &mut Wheel<u32>, to: u64) -> Vec<u32> {
        let mut fired = Vec::new();
        wheel.advance(to, |value| fired.push(value));
        fired
    }

    #[test]
    fn a_timer_fires_at_its_tick_and_not_before() {
        for deadline in [1, 63, 64, 65, 4095, 4096, 1 << 20, (1 << 36) + 5, u64::MAX - 1] {
            let mut wheel = Wheel::new();
            assert!(wheel.set(deadline, 7).is_some());
            assert_eq!(fired(&mut wheel, deadline - 1), []);
            assert!(wheel.next_tick().is_some_and(|tick| tick <= deadline));
            assert_eq!(fired(&mut wheel, deadline), [7]);
            assert_eq!((wheel.len(), wheel.next_tick()), (0, None));
        }
    }

    #[test]
    fn a_cancelled_timer_says_when_it_would_have_fired_and_does_not() {
        let mut wheel = Wheel::new();
        let key = wheel.set(100, 1).expect("there is room");
        let other = wheel.set(100, 2).expect("there is room");
        assert_eq!(wheel.cancel(key), Some((1, 100)));
        assert_eq!(wheel.cancel(key), None);
        assert_eq!(fired(&mut wheel, 200), [2]);
        assert_eq!(wheel.cancel(other), None);
        let again = wheel.set(300, 3).expect("there is room");
        assert_eq!(wheel.cancel(key), None, "the entry is another timer's now");
        assert_eq!(wheel.cancel(again), Some((3, 300)));
    }

    proptest! {
        /// Against a sorted list (rule P52).
        #[test]
        fn timers_fire_by_deadline_and_equal_ones_in_the_order_set(
            steps in prop::collection::vec((0u8..4, 0u64..10_000), 0..300)
        ) {
            let mut wheel = Wheel::new();
            let mut model: Vec<(u64, u32, TimerKey)> = Vec::new();
            let mut now = 0;
            for (index, (step, number)) in (0u32..).zip(steps) {
                match step {
                    0 | 1 => {
                        let deadline = now + 1 + if step == 0 { number } else { number % 70 };
                        let key = wheel.set(deadline, index).expect("there is room");
                        model.push((deadline, index, key));
                    }
                    2 if !model.is_empty() => {
                        let (deadline, value, key) = model.remove(number as usize % model.len());
                        prop_assert_eq!(wheel.cancel(key), Some((value, deadline)));
                    }
                    _ => {
                        now += number / 10;
                        let mut due: Vec<_> = model.extract_if(.., |(deadline, _, _)| *deadline <= now).collect();
                        due.sort_by_key(|(deadline, value, _)| (*deadline, *value));
                        let due: Vec<u32> = due.into_iter().map(|(_, value, _)| value).collect();
                        prop_assert_eq!(fired(&mut wheel, now), due);
                    }
                }
                prop_assert_eq!(wheel.len(), model.len());
            }
        }
    }
}
