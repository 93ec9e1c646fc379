//! Whatever the text: no panic, no hang, every span inside the text and on character boundaries, keys distinct.
//! `tests/fuzz` runs the same for hours.

#[path = "fuzz/invariant.rs"]
mod invariant;

use invariant::{Mutator, check};

const PLAN: &str = include_str!("../seeds/fujian-2016.txt");

#[test]
fn arbitrary_bytes_hold_the_invariant() {
    let mut mutator = Mutator::new(1);
    for _ in 0..3_000 {
        check(&mutator.bytes(300));
    }
}

#[test]
fn random_pieces_of_the_language_hold_the_invariant() {
    let mut mutator = Mutator::new(2);
    for _ in 0..3_000 {
        check(&mutator.pieces(40));
    }
}

#[test]
fn random_lines_of_cells_and_sentences_hold_the_invariant() {
    let mut mutator = Mutator::new(4);
    for _ in 0..10_000 {
        check(&mutator.lines(20));
    }
}

#[test]
fn mutated_notices_hold_the_invariant() {
    let mut mutator = Mutator::new(3);
    for _ in 0..300 {
        check(&mutator.mutated(PLAN));
    }
}

#[test]
fn texts_made_to_be_slow_are_read_in_proportion_to_their_length() {
    for text in invariant::hostile(8_000) {
        check(&text);
    }
}
