//! The synthetic plan that all benchmarks use.

/// The number of units.
pub(crate) const UNITS: usize = 2_000;

/// Makes tasks in plans of sections and items, with two to five units each; some units are far busier than others.
pub(crate) fn synthetic(tasks: usize) -> Vec<(String, Vec<String>)> {
    let mut numbers = fastrand::Rng::with_seed(0x5EED);
    (0..tasks)
        .map(|n| {
            let key = format!("plan-{}/{}/{}/{}", n / 1000, n / 100 % 10 + 1, n / 10 % 10 + 1, n % 10 + 1);
            let mut units: Vec<usize> = Vec::new();
            let wanted = 2 + numbers.usize(..4);
            while units.len() < wanted {
                let unit = numbers.usize(..UNITS).min(numbers.usize(..UNITS));
                if !units.contains(&unit) {
                    units.push(unit);
                }
            }
            (key, units.into_iter().map(|unit| format!("unit {unit}")).collect())
        })
        .collect()
}
