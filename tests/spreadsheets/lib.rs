//! Tests of the tables of spreadsheets: see `spreadsheets.rs`.
