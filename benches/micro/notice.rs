//! The speed of reading notices in bytes per second, over texts of several lengths made by repeating the plan of 2016.
//! The speed should not depend on the length. A plain pass over the same characters shows the speed of the machine.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use responsibility_index::notice::Notice;

const PLAN: &str = include_str!("../../seeds/fujian-2016.txt");

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read a notice");
    group.sample_size(10).measurement_time(Duration::from_secs(4)).warm_up_time(Duration::from_secs(1));
    for megabytes in [1, 10, 100] {
        let text = PLAN.repeat(megabytes * 1_000_000 / PLAN.len());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("a plain pass", format!("{megabytes} MB")), &text, |bencher, text| {
            bencher.iter(|| black_box(text).chars().filter(|c| *c == '，').count());
        });
        group.bench_with_input(BenchmarkId::new("reading", format!("{megabytes} MB")), &text, |bencher, text| {
            bencher.iter(|| black_box(Notice::read(black_box(text)).tasks().len()));
        });
    }
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
