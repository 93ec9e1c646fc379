//! Documents as bytes: web pages, encodings, files that are no text. A page of a notice gives the tasks of its text, at the
//! lines and columns of the page.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod encodings;
mod forms;
mod fuzz;
mod pages;
mod shown;
