//! Finds the headings and clauses of a text in one pass from mark to mark.
//!
//! Input: the text, its marks in order, and whether headings stand within lines. Output: a [`Scan`]: the outline, each
//! clause with its place, its task and its units as written, findings, and the sentences that add units to every task.
//!
//! The pass stops at marks only. A newline ends a line, a stop ends a sentence, a bracket or a colon may begin a clause,
//! a numeral may begin a heading, a tab or a bar makes a line a row of a table. The clause is read first and kept only
//! if its words make it one; then the pass goes on behind it.
//!
//! Invariant: each byte is governed by at most one clause, and clauses follow each other; all that two can share is the
//! bracket before a label, if the text before it is a clause up to the label. [`Scanner`](scanner::Scanner) has the
//! invariants of the state between two marks.
//! Cost: time in proportion to the text. Every look ahead is bounded by a constant, and the pass goes back only over marks
//! of the sentence it has just read as a clause.
//!
//! Files, each using those above it only: `columns` (the columns of a table), `scanner` (the state), `look` (looks
//! ahead), `keep` (what makes a clause, and keeping it), `sentences`, `headings`, `measures` (lists of rectifications),
//! `wraps` (broken lists), `labels`, `brackets`, `rows`, `walk`.

mod brackets;
mod columns;
mod headings;
mod keep;
mod labels;
mod look;
mod measures;
mod rows;
mod scanner;
mod sentences;
mod walk;
mod wraps;

pub(super) use self::scanner::{Clause, Scan};
pub(super) use self::walk::scan;
