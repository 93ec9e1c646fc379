//! Property tests of the responsibility index: `cargo test -p responsibility-index-properties`. There is nothing else.
