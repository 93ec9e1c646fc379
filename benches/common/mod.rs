//! The same made-up plan for every benchmark.

/// How many units there are.
pub(crate) const UNITS: usize = 2_000;

/// A small generator of the same numbers on every machine.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// Tasks in plans of sections and items, two to five units each, some units far busier than others.
pub(crate) fn synthetic(tasks: usize) -> Vec<(String, Vec<String>)> {
    let mut numbers = Numbers(0x5EED);
    (0..tasks)
        .map(|n| {
            let key = format!("plan-{}/{}/{}/{}", n / 1000, n / 100 % 10 + 1, n / 10 % 10 + 1, n % 10 + 1);
            let mut units: Vec<usize> = Vec::new();
            let wanted = 2 + numbers.below(4);
            while units.len() < wanted {
                let unit = numbers.below(UNITS).min(numbers.below(UNITS));
                if !units.contains(&unit) {
                    units.push(unit);
                }
            }
            (key, units.into_iter().map(|unit| format!("unit {unit}")).collect())
        })
        .collect()
}
