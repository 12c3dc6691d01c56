//! The first words of instructions: the table's mnemonics and their old spellings.

use std::{collections::HashMap, sync::LazyLock};

use ttvm_isa::{InstructionInfo, info::INSTRUCTIONS};

/// The word that marks the next instruction; it looks like a mnemonic but is none.
pub(crate) const LABEL: &str = "LABEL";

/// Old spellings and the mnemonics they stand for.
const OLD_SPELLINGS: &[(&str, &str)] =
    &[("MAKELIST", "MAKE_LIST"), ("DUMPSCOPE", "DUMP_SCOPE"), ("SEND_NAMED", "SENDNAMED")];

static MNEMONICS: LazyLock<HashMap<&'static str, &'static InstructionInfo>> = LazyLock::new(|| {
    let mut mnemonics: HashMap<_, _> = INSTRUCTIONS.iter().map(|info| (info.mnemonic, info)).collect();
    for (old, new) in OLD_SPELLINGS {
        let info = InstructionInfo::of_mnemonic(new).expect("old spellings stand for mnemonics of the table");
        mnemonics.insert(old, info);
    }
    mnemonics
});

/// The instruction that a word stands for.
pub(super) fn lookup(word: &str) -> Option<&'static InstructionInfo> {
    MNEMONICS.get(word).copied()
}

/// All first words of lines but directives, in a fixed order, for proposals.
pub(crate) fn known_words() -> impl Iterator<Item = &'static str> {
    let table = INSTRUCTIONS.iter().map(|info| info.mnemonic);
    table.chain([LABEL])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_spellings_are_no_mnemonics_themselves() {
        for (old, new) in OLD_SPELLINGS {
            assert!(InstructionInfo::of_mnemonic(old).is_none(), "{old}");
            assert_eq!(lookup(old).map(|info| info.mnemonic), Some(*new));
        }
    }
}
