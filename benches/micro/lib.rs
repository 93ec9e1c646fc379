//! Benchmarks of single operations: `cargo bench -p responsibility-index-micro`. There is nothing else.
