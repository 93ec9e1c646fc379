//! The speed of reading tables in bytes per second: 400,000 rows of comma-separated text, English and Chinese. The speed
//! should not depend on the length. A plain pass over the same bytes shows the speed of the machine.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first thing that goes wrong"
)]

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use responsibility_index::table::{Format, Reader};

const ENGLISH: (&str, &str, &str, [&str; 4]) = (
    "ID,Task,Lead agency,Supporting agencies,Due\n",
    "Inspect the pumps and report what was found in section",
    "; ",
    ["Department of Transport", "Department of Finance", "Harbour Police", "Water Authority"],
);
/// Provincial departments of science, finance, economy, and public security. The title says "build a platform, section".
const CHINESE: (&str, &str, &str, [&str; 4]) = (
    "编号,任务,牵头单位,配合单位,完成时限\n",
    "建设科技创新公共服务平台，完善管理制度，第",
    "、",
    ["省科技厅", "省财政厅", "省经信委", "省公安厅"],
);

/// A table of `rows` tasks, each with a lead and two supporting units.
fn csv((header, title, separator, units): (&str, &str, &str, [&str; 4]), rows: usize) -> String {
    let mut text = header.to_owned();
    let unit = |at: usize| units[at % units.len()];
    for row in 0..rows {
        let (lead, first, second) = (unit(row), unit(row + 1), unit(row + 2));
        writeln!(text, "{row},{title} {row},{lead},{first}{separator}{second},2026-11-30").unwrap();
    }
    text
}

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read a table");
    group.sample_size(10).measurement_time(Duration::from_secs(5)).warm_up_time(Duration::from_secs(1));
    for (language, words) in [("English", ENGLISH), ("Chinese", CHINESE)] {
        for rows in [4_000, 400_000] {
            let text = csv(words, rows);
            let size = format!("{language}, {rows} rows");
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_with_input(BenchmarkId::new("a plain pass", &size), &text, |bencher, text| {
                bencher.iter(|| black_box(text).bytes().filter(|byte| *byte == b',').count());
            });
            group.bench_with_input(BenchmarkId::new("reading", &size), &text, |bencher, text| {
                let reader = Reader::new().format(Format::Delimited(','));
                bencher.iter(|| reader.read(black_box(text)).unwrap().tasks().len());
            });
        }
    }
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
