//! The synthetic plan that all benchmarks use.

/// The number of units, unless another one is asked for.
pub(crate) const UNITS: usize = 2_000;

/// Makes tasks in plans of sections and items, with two to five units each; some units are far busier than others. Long
/// keys have 24 bytes more at the beginning of each, the same for a thousand tasks.
pub(crate) fn synthetic(tasks: usize, all_units: usize, long_keys: bool) -> Vec<(String, Vec<String>)> {
    let mut numbers = fastrand::Rng::with_seed(0x5EED);
    (0..tasks)
        .map(|n| {
            let beginning =
                if long_keys { format!("province-{:03}/department/", n / 1000 % 1000) } else { String::new() };
            let (plan, section, item, number) = (n / 1000, n / 100 % 10 + 1, n / 10 % 10 + 1, n % 10 + 1);
            let key = format!("{beginning}plan-{plan}/{section}/{item}/{number}");
            let mut units: Vec<usize> = Vec::new();
            let wanted = 2 + numbers.usize(..4);
            while units.len() < wanted {
                let unit = numbers.usize(..all_units).min(numbers.usize(..all_units));
                if !units.contains(&unit) {
                    units.push(unit);
                }
            }
            (key, units.into_iter().map(|unit| format!("unit {unit}")).collect())
        })
        .collect()
}
