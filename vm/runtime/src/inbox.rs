//! Messages that have arrived, in the order in which they are received.
//!
//! Two parts: `arrived`, which no receive has looked at, and `passed`, which some receive has looked at and not
//! taken. A receive walks `passed` and then `arrived`, oldest first (rules P46, P47); what it does not take moves
//! from `arrived` to `passed`. So a program that takes what comes never touches `passed`, and one that waits again
//! does not look twice at the same message.
//!
//! Not here: how messages arrive (`mailbox.rs`).

use std::collections::VecDeque;

use ttvm_value::{Ref, SharedValue};

use crate::{
    mailbox::{Chain, Node, Spares},
    signal::{Message, Signal},
};

/// Holes in `passed` before it is worth closing them.
const HOLES_MIN: usize = 32;

/// The private queue of a process.
pub(crate) struct Inbox {
    arrived: Chain,
    passed: Option<Box<Passed>>,
    count: u32,
    /// Bytes of all messages.
    bytes: u64,
    /// Of these, bytes of messages that are charged to the subtrees of their makers.
    charged: u64,
}

/// Messages that a receive did not take. Taken ones leave holes, so that positions stay what they are.
#[derive(Default)]
struct Passed {
    messages: VecDeque<Option<Message>>,
    holes: usize,
    /// Where the receive in progress is.
    position: usize,
    is_searching: bool,
    /// The newest ref of the process, and how many messages were there before it was made (rule P51).
    marker: Option<(Ref, usize)>,
}

impl Inbox {
    /// No messages.
    pub const fn new() -> Self {
        Self { arrived: Chain::new(), passed: None, count: 0, bytes: 0, charged: 0 }
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether it holds nothing, not even places for messages.
    #[inline(always)]
    pub fn is_blank(&self) -> bool {
        self.count == 0 && self.passed.is_none()
    }

    /// Bytes of all messages, as their senders found them.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Of these, the bytes that no subtree of whoever made the message is charged for (rule P85).
    pub fn uncharged_bytes(&self) -> u64 {
        self.bytes - self.charged
    }

    /// Adds a message that has arrived. `node` must hold a message.
    pub fn add(&mut self, node: Box<Node>) {
        match &node.signal {
            Signal::Message(message) => {
                self.bytes += u64::from(message.bytes);
                self.charged += message.charged_bytes();
            }
            Signal::Control(_) | Signal::Extension(_) => unreachable!("only messages are added"),
        }
        self.count += 1;
        self.arrived.push(node);
    }

    /// Notes that a message is not here any more.
    fn forget(&mut self, message: &Message) {
        self.count -= 1;
        self.bytes -= u64::from(message.bytes);
        self.charged -= message.charged_bytes();
    }

    /// Whether some receive has passed messages.
    #[inline(always)]
    pub fn has_passed(&self) -> bool {
        self.passed.is_some()
    }

    /// The first message, if no receive has passed any and one has arrived.
    #[inline(always)]
    pub fn first(&self) -> Option<&Message> {
        match self.arrived.first() {
            Some(Signal::Message(message)) if self.passed.is_none() => Some(message),
            _ => None,
        }
    }

    /// The message that the receive in progress looks at next; `None` when it has seen all. If every message it
    /// could take holds `reference`, what came before that was made is not looked at.
    pub fn current(&mut self, reference: Option<Ref>) -> Option<&Message> {
        if self.passed.is_some() && self.goes_on_with_passed(reference) {
            return self.passed.as_ref().and_then(|passed| passed.messages[passed.position].as_ref());
        }
        match self.arrived.first() {
            Some(Signal::Message(message)) => Some(message),
            Some(Signal::Control(_) | Signal::Extension(_)) => unreachable!("only messages are added"),
            None => None,
        }
    }

    /// Whether the message that the receive in progress looks at next is one that some receive has passed.
    #[inline(never)]
    fn goes_on_with_passed(&mut self, reference: Option<Ref>) -> bool {
        let Some(passed) = &mut self.passed else { return false };
        passed.begin(reference);
        passed.pass_holes();
        passed.position < passed.messages.len()
    }

    /// Leaves the current message where it is.
    pub fn pass(&mut self, spares: &mut Spares) {
        let passed = self.passed.get_or_insert_default();
        passed.is_searching = true;
        if passed.position < passed.messages.len() {
            passed.position += 1;
        } else if let Some(node) = self.arrived.pop() {
            passed.messages.push_back(Some(message_of(spares.open(node))));
            passed.position = passed.messages.len();
        }
    }

    /// Takes the current message; the receive is over.
    #[inline(always)]
    pub fn take(&mut self, spares: &mut Spares) -> Option<SharedValue> {
        if self.passed.is_some() {
            return self.take_passed(spares);
        }
        let node = self.arrived.pop()?;
        if let Signal::Message(message) = &node.signal {
            self.forget(message);
        }
        spares.open_message(node)
    }

    #[inline(never)]
    fn take_passed(&mut self, spares: &mut Spares) -> Option<SharedValue> {
        let message = match &mut self.passed {
            Some(passed) if passed.position < passed.messages.len() => passed.take(),
            _ => self.arrived.pop().map(|node| message_of(spares.open(node))),
        }?;
        self.forget(&message);
        self.finish();
        Some(message.value)
    }

    /// Ends the receive in progress without a message.
    #[inline]
    pub fn finish(&mut self) {
        if self.passed.is_some() {
            self.finish_search();
        }
    }

    fn finish_search(&mut self) {
        let Some(passed) = &mut self.passed else { return };
        passed.position = 0;
        passed.is_searching = false;
        passed.tidy();
        if passed.messages.is_empty() && passed.marker.is_none() {
            self.passed = None;
        }
    }

    /// Notes that a ref was made: messages that hold it come behind those that are there. What has arrived in the
    /// mailbox must have been added before.
    pub fn mark(&mut self, reference: Ref) {
        if self.count == 0 {
            // Whoever begins with the oldest message looks at nothing that came before.
            self.passed = None;
            return;
        }
        let passed = self.passed.get_or_insert_default();
        while let Some(message) = pop_message(&mut self.arrived) {
            passed.messages.push_back(Some(message));
        }
        passed.marker = Some((reference, passed.messages.len()));
    }

    /// Takes the oldest message that a limit may drop, whatever receive is in progress: none of the machine's own.
    pub fn take_oldest(&mut self) -> Option<Message> {
        if let Some(message) = self.passed.as_mut().and_then(|passed| passed.take_oldest()) {
            self.forget(&message);
            return Some(message);
        }
        while let Some(message) = pop_message(&mut self.arrived) {
            if !message.is_system {
                self.forget(&message);
                return Some(message);
            }
            // It keeps its place: behind all that was looked at, before the rest.
            self.passed.get_or_insert_default().messages.push_back(Some(message));
        }
        None
    }

    /// All messages, oldest first.
    #[cfg(test)]
    pub fn iter(&self) -> impl Iterator<Item = &Message> {
        let passed = self.passed.iter().flat_map(|passed| passed.messages.iter().flatten());
        let arrived = self.arrived.iter().filter_map(|signal| match signal {
            Signal::Message(message) => Some(message),
            Signal::Control(_) | Signal::Extension(_) => None,
        });
        passed.chain(arrived)
    }
}

fn pop_message(chain: &mut Chain) -> Option<Message> {
    chain.pop().map(|node| message_of(node.signal))
}

fn message_of(signal: Signal) -> Message {
    match signal {
        Signal::Message(message) => message,
        Signal::Control(_) | Signal::Extension(_) => unreachable!("only messages are added"),
    }
}

impl Passed {
    /// Begins the search, if it has not begun yet.
    fn begin(&mut self, reference: Option<Ref>) {
        if self.is_searching {
            return;
        }
        self.is_searching = true;
        self.position = match (self.marker, reference) {
            (Some((marked, position)), Some(reference)) if marked == reference => position,
            _ => 0,
        };
    }

    fn pass_holes(&mut self) {
        while let Some(None) = self.messages.get(self.position) {
            self.position += 1;
        }
    }

    fn take(&mut self) -> Option<Message> {
        let message = self.messages[self.position].take();
        self.holes += usize::from(message.is_some());
        message
    }

    fn take_oldest(&mut self) -> Option<Message> {
        let may_go = |place: &Option<Message>| place.as_ref().is_some_and(|message| !message.is_system);
        let place = self.messages.iter().position(may_go)?;
        let message = self.messages[place].take();
        self.holes += 1;
        self.tidy();
        message
    }

    /// Changes the positions of the search and of the marker.
    fn move_positions(&mut self, place: impl Fn(&VecDeque<Option<Message>>, usize) -> usize) {
        self.position = place(&self.messages, self.position);
        if let Some((_, position)) = &mut self.marker {
            *position = place(&self.messages, *position);
        }
    }

    /// Removes the holes at both ends, and all of them when there are many. What the search in progress has not seen
    /// stays before it.
    fn tidy(&mut self) {
        while let Some(None) = self.messages.front() {
            self.messages.pop_front();
            self.holes -= 1;
            self.move_positions(|_, position| position.saturating_sub(1));
        }
        while let Some(None) = self.messages.back() {
            self.messages.pop_back();
            self.holes -= 1;
        }
        if self.holes > HOLES_MIN && self.holes * 2 > self.messages.len() {
            self.move_positions(|messages, position| {
                messages.iter().take(position).filter(|place| place.is_some()).count()
            });
            self.messages.retain(Option::is_some);
            self.holes = 0;
        }
        self.move_positions(|messages, position| position.min(messages.len()));
        if self.messages.is_empty() && self.messages.capacity() > HOLES_MIN {
            self.messages = VecDeque::new();
        }
    }
}

#[cfg(all(test, not(ttvm_model)))]
mod tests {
    use proptest::prelude::*;
    use ttvm_value::Value;

    use super::*;

    fn add(inbox: &mut Inbox, number: i64) {
        inbox.add(Node::new(Signal::message(SharedValue::new(Value::Int(number)).0, 0)));
    }

    fn number(message: &Message) -> i64 {
        int(&message.value)
    }

    fn int(value: &SharedValue) -> i64 {
        match value.to_value() {
            Value::Int(number) => number,
            other => panic!("{other:?}"),
        }
    }

    /// Receives the oldest message that is wanted, as the engine does.
    fn receive(inbox: &mut Inbox, reference: Option<Ref>, is_wanted: impl Fn(i64) -> bool) -> (Option<i64>, usize) {
        let mut looked_at = 0;
        loop {
            match inbox.current(reference) {
                None => {
                    inbox.finish();
                    return (None, looked_at);
                }
                Some(message) => {
                    looked_at += 1;
                    if is_wanted(number(message)) {
                        return (inbox.take(&mut Spares::default()).map(|value| int(&value)), looked_at);
                    }
                    inbox.pass(&mut Spares::default());
                }
            }
        }
    }

    #[test]
    fn the_oldest_message_that_matches_is_taken_and_the_others_keep_their_places() {
        // Rules P46 and P47.
        let mut inbox = Inbox::new();
        (1..=5).for_each(|number| add(&mut inbox, number));
        assert_eq!(receive(&mut inbox, None, |number| number == 3).0, Some(3));
        assert_eq!(receive(&mut inbox, None, |number| number > 3).0, Some(4));
        assert_eq!(inbox.iter().map(number).collect::<Vec<_>>(), [1, 2, 5]);
        assert_eq!(inbox.len(), 3);
        for expected in [1, 2, 5] {
            assert_eq!(receive(&mut inbox, None, |_| true).0, Some(expected));
        }
        assert_eq!(inbox.len(), 0);
    }

    #[test]
    fn a_receive_that_waits_does_not_look_twice_at_a_message() {
        let mut inbox = Inbox::new();
        (0..3).for_each(|number| add(&mut inbox, number));
        while inbox.current(None).is_some() {
            inbox.pass(&mut Spares::default());
        }
        add(&mut inbox, 7);
        assert_eq!(inbox.current(None).map(number), Some(7));
        assert_eq!(inbox.take(&mut Spares::default()).map(|value| int(&value)), Some(7));
        assert_eq!(inbox.current(None).map(number), Some(0), "the next receive begins anew");
    }

    #[test]
    fn an_answer_is_found_at_once_behind_a_hundred_thousand_messages() {
        // Rule P51, counted in messages looked at.
        let mut inbox = Inbox::new();
        (0..100_000).for_each(|number| add(&mut inbox, number));
        for round in 0..100 {
            let reference = Ref(round);
            inbox.mark(reference);
            add(&mut inbox, -1);
            assert_eq!(receive(&mut inbox, Some(reference), |number| number < 0), (Some(-1), 1));
        }
        assert_eq!(inbox.len(), 100_000);
    }

    #[test]
    fn a_receive_that_waits_goes_on_behind_messages_that_a_limit_drops_and_holds_no_place_for_them() {
        let mut inbox = Inbox::new();
        inbox.add(Node::new(Signal::system_message(SharedValue::new(Value::Int(-1)).0)));
        for number in 0..10_000 {
            add(&mut inbox, number);
            while inbox.current(None).is_some() {
                inbox.pass(&mut Spares::default());
            }
            if inbox.len() > 10 {
                assert!(inbox.take_oldest().is_some());
            }
        }
        assert_eq!(
            inbox.iter().map(number).collect::<Vec<_>>(),
            [-1, 9991, 9992, 9993, 9994, 9995, 9996, 9997, 9998, 9999]
        );
        assert!(inbox.passed.as_ref().is_some_and(|passed| passed.messages.len() <= 10 + 2 * HOLES_MIN));
        add(&mut inbox, 7);
        assert_eq!(inbox.current(None).map(number), Some(7), "all others were looked at");
    }

    #[test]
    fn what_a_limit_drops_is_never_the_machines_own() {
        let mut inbox = Inbox::new();
        inbox.add(Node::new(Signal::system_message(SharedValue::new(Value::Int(1)).0)));
        add(&mut inbox, 2);
        inbox.add(Node::new(Signal::system_message(SharedValue::new(Value::Int(3)).0)));
        assert_eq!(inbox.take_oldest().map(|message| number(&message)), Some(2));
        assert!(inbox.take_oldest().is_none());
        assert_eq!(receive(&mut inbox, None, |_| true).0, Some(1));
        assert_eq!(receive(&mut inbox, None, |_| true).0, Some(3));
        assert_eq!((inbox.len(), inbox.bytes()), (0, 0));
    }

    #[test]
    fn a_marker_of_another_ref_hides_nothing() {
        let mut inbox = Inbox::new();
        add(&mut inbox, 1);
        inbox.mark(Ref(1));
        add(&mut inbox, 2);
        assert_eq!(receive(&mut inbox, Some(Ref(2)), |_| true).0, Some(1));
    }

    proptest! {
        /// Against a plain vector: whatever is added, marked and received, the same messages come in the same order.
        #[test]
        fn an_inbox_is_a_list_from_which_the_first_match_is_taken(
            steps in prop::collection::vec((0u8..7, 0i64..8), 0..400)
        ) {
            let mut inbox = Inbox::new();
            let mut model: Vec<i64> = Vec::new();
            let mut marked: Option<(Ref, usize)> = None;
            for (index, (step, wanted)) in steps.into_iter().enumerate() {
                match step {
                    0..=2 => {
                        add(&mut inbox, wanted);
                        model.push(wanted);
                    }
                    3 => {
                        let reference = Ref(index as u64);
                        inbox.mark(reference);
                        marked = Some((reference, model.len()));
                    }
                    5 => {
                        let oldest = inbox.take_oldest().map(|message| number(&message));
                        prop_assert_eq!(oldest, if model.is_empty() { None } else { Some(model.remove(0)) });
                        if let Some((_, from)) = &mut marked {
                            *from = from.saturating_sub(1);
                        }
                    }
                    4 if marked.is_some() => {
                        let (reference, from) = marked.unwrap_or((Ref(0), 0));
                        let place = model.iter().skip(from).position(|number| *number == wanted).map(|place| place + from);
                        let expected = place.map(|place| model.remove(place));
                        prop_assert_eq!(receive(&mut inbox, Some(reference), |number| number == wanted).0, expected);
                        if let Some((_, from)) = &mut marked {
                            *from = (*from).min(model.len());
                        }
                    }
                    _ => {
                        let place = model.iter().position(|number| *number == wanted);
                        let expected = place.map(|place| model.remove(place));
                        prop_assert_eq!(receive(&mut inbox, None, |number| number == wanted).0, expected);
                        if let (Some((_, from)), Some(place)) = (&mut marked, place)
                            && place < *from
                        {
                            *from -= 1;
                        }
                    }
                }
                prop_assert_eq!(inbox.len(), model.len());
                prop_assert_eq!(inbox.iter().map(number).collect::<Vec<_>>(), model.clone());
            }
        }
    }
}
