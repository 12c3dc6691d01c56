//! Ticks and what they stand on, compared with simple models.
//!
//! What one program can show is in `tests/cases/supersteps/ticks` and `tests/cases/std`. Here: the ring and the cache do
//! what a few lines of Rust do, and neither the number of shards nor where a run of ticks is cut changes a world.

use std::collections::BTreeSet;

use proptest::prelude::*;
use ttvm_assembler::assemble;
use ttvm_tests::{Ending, MachineTier, Program};

/// What the program prints when it is given this input.
fn printed(text: &str, input: String, tier: &MachineTier) -> String {
    let assembly = assemble("a.ttvm", text.as_bytes());
    assert!(assembly.is_ok(), "{:?}", assembly.diagnostics);
    let mut program = Program::alone(assembly.module);
    program.input = input;
    let (observed, _) = tier.run_and_count(&program);
    assert_eq!(observed.ending, Ending::Normal, "{}: {}{}", tier.name, observed.stdout, observed.stderr);
    observed.stdout
}

/// The hash of `std/ring`, for ints that are not negative and strs.
mod hash {
    fn mix(number: u32) -> u32 {
        let number = (number ^ (number >> 16)).wrapping_mul(0x045D_9F3B);
        let number = (number ^ (number >> 16)).wrapping_mul(0x045D_9F3B);
        number ^ (number >> 16)
    }

    pub fn of_text(text: &str) -> u32 {
        mix(text.bytes().fold(0x811C_9DC5, |state, byte| (state ^ u32::from(byte)).wrapping_mul(0x0100_0193)))
    }

    pub fn of_number(number: u32) -> u32 {
        mix(number)
    }

    pub fn of_place(shard: &str, replica: u32) -> u32 {
        mix(mix(of_text(shard).wrapping_add(0x9E37_79B9)) ^ mix(replica))
    }
}

/// The owner of a place on the circle: the shard of the nearest place at or behind it, found by looking at all.
fn owner<'a>(shards: &BTreeSet<&'a str>, virtual_nodes: u32, hash: u32) -> &'a str {
    let places =
        shards.iter().flat_map(|shard| (1..=virtual_nodes).map(|number| (hash::of_place(shard, number), *shard)));
    let nearest = places.min_by_key(|(place, shard)| (place.wrapping_sub(hash), *shard));
    nearest.map_or("", |(_, shard)| shard)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    // Rules: S16
    #[test]
    fn a_ring_gives_nodes_to_the_nearest_places_and_a_new_shard_takes_only_its_part(
        names in proptest::collection::btree_set("[a-zäß]{1,6}", 1..12),
        new in "[A-Z]{1,6}",
        first in 0_u32..1_000_000,
        words in proptest::collection::vec("[a-z0-9]{0,12}", 0..20),
    ) {
        let virtual_nodes = 128;
        let numbers = first..first + 400;
        let nodes: Vec<String> = numbers.clone().map(|n| n.to_string()).chain(words.iter().map(|w| format!("{w:?}"))).collect();
        let hashes = numbers.map(hash::of_number).chain(words.iter().map(|word| hash::of_text(word)));
        let hashes: Vec<u32> = hashes.collect();
        let input = format!("[{:?}, {virtual_nodes}, {new:?}, [{}]]", names.iter().collect::<Vec<_>>(), nodes.join(", "));
        let output = printed(include_str!("ticks/ring.ttvm"), input, &MachineTier::new(1, 0, true));

        let shards: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let more: BTreeSet<&str> = shards.iter().copied().chain([new.as_str()]).collect();
        let owners = |shards| -> Vec<&str> { hashes.iter().map(|hash| owner(shards, virtual_nodes, *hash)).collect() };
        let (before, after) = (owners(&shards), owners(&more));
        prop_assert_eq!(output, format!("{}\n{}\n1\n", json(&before), json(&after)));

        let moved = before.iter().zip(&after).filter(|(before, after)| before != after);
        prop_assert!(moved.clone().all(|(_, after)| *after == new));
        let (moved, fair) = (moved.count(), hashes.len() / more.len());
        prop_assert!(moved <= fair * 2 + 10 && moved + 10 >= fair / 2, "{moved} moved, {fair} would be fair");
    }

    // Rules: S17
    #[test]
    fn a_cache_forgets_what_was_least_recently_used(
        capacity in 0_usize..6,
        operations in proptest::collection::vec((0_u8..4, 0_u8..8), 0..120),
    ) {
        let mut model: Vec<(u8, usize)> = Vec::new();
        let mut expected = String::new();
        for (number, (operation, key)) in operations.iter().enumerate() {
            let known = model.iter().position(|(known, _)| known == key).map(|place| (place, model[place]));
            if let (Some((place, _)), 0..=2) = (known, operation) {
                model.remove(place);
            }
            match (operation, known) {
                (0, _) => model.push((*key, number)),
                (1, Some((_, entry))) => model.push(entry),
                _ => {}
            }
            model.drain(..model.len().saturating_sub(capacity));
            let value = model.iter().find(|(known, _)| known == key).map(|(_, value)| *value);
            let keys: Vec<u8> = model.iter().map(|(key, _)| *key).collect();
            let shown = value.map_or("null".to_owned(), |value| value.to_string());
            expected += &format!("[{}, {}, {shown}, {keys:?}]\n", model.len(), u8::from(value.is_some()));
        }
        let operations: Vec<String> = operations.iter().map(|(operation, key)| format!("[{operation}, {key}]")).collect();
        let input = format!("[{capacity}, [{}]]", operations.join(", "));
        prop_assert_eq!(printed(include_str!("ticks/cache.ttvm"), input, &MachineTier::new(1, 0, true)), expected);
    }

    // Rules: S15 S18 S5
    #[test]
    fn neither_the_number_of_shards_nor_where_a_run_of_ticks_is_cut_changes_a_world(
        shards in 1_u32..9,
        first in 0_u32..5,
        second in 0_u32..5,
        resolves in any::<bool>(),
        schedulers in 1_u32..4,
        seed in 0_u64..100,
    ) {
        let tier = match schedulers {
            1 => MachineTier::new(1, seed, true),
            2 => MachineTier::new(2, 0, false),
            _ => MachineTier::new(8, 0, false),
        };
        let input = format!("[{shards}, {first}, {second}, {resolves}]");
        prop_assert_eq!(printed(include_str!("ticks/split.ttvm"), input, &tier), "[1, 1]\n[1, 1]\n1\n1\n");
    }
}

fn json(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("[{}]", words.join(","))
}
