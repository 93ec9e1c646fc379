//! An embedded index of who is responsible for what.

pub mod notice;
