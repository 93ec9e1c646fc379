//! Tests of the module: the promises of every log, then those of a log in files.

mod cost;
mod damage;
mod damage_over_segments;
#[cfg(feature = "etcd")]
mod etcd;
mod failures;
mod files;
mod handles;
mod help;
mod known;
mod promises;
mod salvage;
mod scans;
