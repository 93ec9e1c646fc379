//! The cost of an append and a sync, against plain writes and `fdatasync` on the same disk, in turn. Run it with
//! `cargo test --release --lib commit_log::tests::cost -- --ignored --nocapture`.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use super::help::entries;
use crate::commit_log::{Access, CommitLog, FileLog, FileLogOptions, Head};

/// Each way is tried in blocks of so many appends, in turn, so that all see the same disk.
const BLOCK: usize = 50;
const BLOCKS: usize = 60;
const PAYLOAD: [u8; 100] = [7; 100];

/// The time of each call, in order of size, without the first block.
fn print(name: &str, mut times: Vec<Duration>) {
    times.drain(..BLOCK);
    times.sort_unstable();
    let at = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1e6;
    println!("{name:30} p10 {:7.1}  p25 {:7.1}  p50 {:7.1}  p90 {:7.1} us", at(10), at(25), at(50), at(90));
}

#[test]
#[ignore = "a measurement, for a quiet machine"]
fn an_append_costs_little_more_than_a_plain_write() {
    let scratch = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let create =
        |name: &str, access| FileLog::create(&scratch.path().join(name), FileLogOptions::new(access), None).unwrap();
    let (synced, lazy) = (create("synced", Access::Synced), create("lazy", Access::Lazy));
    let mut append = File::create(scratch.path().join("append")).unwrap();
    let mut zeroed = File::create(scratch.path().join("zeroed")).unwrap();
    zeroed.write_all(&vec![0; 8 << 20]).unwrap();
    zeroed.sync_all().unwrap();
    let mut zeroed = File::options().write(true).open(scratch.path().join("zeroed")).unwrap();
    let mut unsynced = File::create(scratch.path().join("unsynced")).unwrap();
    let mut times: [Vec<Duration>; 5] = Default::default();
    let mut heads = [Head::START; 2];
    for block in 0..BLOCKS {
        // Each way comes after each other one.
        for turn in 0..5 {
            let way = (turn * (block % 4 + 1) + block) % 5;
            let times = &mut times[way];
            for _ in 0..BLOCK {
                let start = Instant::now();
                match way {
                    0 => append.write_all(&PAYLOAD).and_then(|()| append.sync_data()).unwrap(),
                    1 => zeroed.write_all(&PAYLOAD).and_then(|()| zeroed.sync_data()).unwrap(),
                    2 => {
                        heads[0] = append_one(&synced, heads[0]);
                        synced.sync().unwrap();
                    }
                    3 => heads[1] = append_one(&lazy, heads[1]),
                    _ => unsynced.write_all(&PAYLOAD).unwrap(),
                }
                times.push(start.elapsed());
            }
        }
    }
    let names = ["append + fdatasync", "zeroed + fdatasync", "log, append + sync", "log, lazy append", "append"];
    for (name, times) in names.iter().zip(times) {
        print(name, times);
    }
}

fn append_one(log: &FileLog, head: Head) -> Head {
    let entry = entries(head, &[&PAYLOAD]);
    log.append(head.revision, &entry).unwrap();
    entry[0].head()
}
