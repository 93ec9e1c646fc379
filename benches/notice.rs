//! How fast notices are read: bytes a second over texts of several lengths, made by repeating the plan of 2016. The
//! figure is to be the same for all of them.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use responsibility_index::notice::Notice;

const PLAN: &str = include_str!("../seeds/fujian-2016.txt");

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read a notice");
    group.sample_size(10).measurement_time(Duration::from_secs(4)).warm_up_time(Duration::from_secs(1));
    for megabytes in [1, 10, 100] {
        let text = PLAN.repeat(megabytes * 1_000_000 / PLAN.len());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(format!("{megabytes} MB")), &text, |bencher, text| {
            bencher.iter(|| black_box(Notice::read(black_box(text)).tasks().len()));
        });
    }
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
