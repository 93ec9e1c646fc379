//! Random numbers that are the same again for the same seed.

#[derive(Clone)]
pub(crate) struct Random(fastrand::Rng);

impl Random {
    /// Starts a sequence of its own for each harness.
    pub(crate) fn new(harness: u64) -> Random {
        Random(fastrand::Rng::with_seed(seed().wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ harness))
    }

    /// Below `end`; 0 when that is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0.u64(..end.max(1))
    }

    /// An index into a list of that length; 0 for an empty one.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// True once in `n` on average.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.index(from.len())]
    }
}

/// The seed of the run, from `FAULTS_SEED`.
pub(crate) fn seed() -> u64 {
    std::env::var("FAULTS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}
