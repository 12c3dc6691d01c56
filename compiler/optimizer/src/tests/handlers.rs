//! `TRY` and `END_TRY`: which try an `END_TRY` ends rests on the analysis of the whole function.

use super::{check, check_unchanged, listing::read};
use crate::{Outcome, optimize};

#[test]
fn handlers_are_reached_and_stay() {
    check_unchanged("TRY failed\nLOAD x\nPRINT\nEND_TRY\nHALT\nfailed:\nPRINT\nEND_TRY\nHALT");
}

#[test]
fn what_only_a_handler_without_errors_reaches_stays() {
    // Whether an instruction can fail is not asked: the handler counts as reached.
    check("TRY failed\nCATCH\nEND_TRY\nHALT\nfailed:\nPRINT", "TRY failed\nEND_TRY\nHALT\nfailed:\nPRINT");
}

#[test]
fn a_way_that_decides_which_try_is_ended_stays_though_nothing_takes_it() {
    // The inner handler has caught, so `done` is met with its spent entry on one way and without on the other: there
    // END_TRY ends the outer try. If the branch went away, END_TRY would belong to the inner one.
    let text = "TRY outer
        PUSH_INT 0
        JNZ done
        TRY inner
        LOAD x
        PRINT
        END_TRY
        HALT
        inner:
        PRINT
        done:
        END_TRY
        LOAD y
        PRINT
        HALT
        outer:
        PRINT";
    let module = read(text);
    let (better, report) = optimize(&module);
    assert_eq!(report.outcome, Outcome::Withheld, "{report}");
    assert_eq!(better, module);
}
