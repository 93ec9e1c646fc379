//! Recipes: short answers to "how do I …". Each recipe is a program that is compiled and run as a test. Most use
//! [`Index::in_memory`](crate::Index::in_memory), which needs no directory; they work the same with
//! [`Index::open`](crate::Index::open).
//!
//! | about | recipes |
//! | --- | --- |
//! | [questions](#questions) | a page of tasks, shared tasks, the nearest path, CODEOWNERS, all groups of a unit, a matrix |
//! | [changes](#changes) | compare and set with a note, undo, a reform with a preview, reports, errors |
//! | [documents](#documents) | a RACI chart in and out, importing a document again, a notice, rows from SQL |
//! | [the past](#the-past) | who led a task before, the index on a day, a feed |
//! | [programs](#programs) | a web service, async callers, two processes, several machines, tests |
//! | [keeping](#keeping) | a nightly backup, two years of history, a damaged index |
#![doc = include_str!("cookbook/questions.md")]
#![doc = include_str!("cookbook/changes.md")]
#![doc = include_str!("cookbook/documents.md")]
#![doc = include_str!("cookbook/past.md")]
#![doc = include_str!("cookbook/programs.md")]
#![doc = include_str!("cookbook/keeping.md")]
