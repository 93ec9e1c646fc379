//! One sector: what a reader gets, and what may be on disk. Knows nothing of logs.

/// A sector in 128 bits, since millions of states have a dozen each.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sector(u128);

const DIRTY: u128 = 1 << 127;
const MOST: usize = 6;

impl Sector {
    /// What a read returns.
    pub(crate) fn now(self) -> u16 {
        self.0 as u16
    }

    /// What else may be on disk: older bytes that newer ones have not surely replaced.
    pub(crate) fn others(self) -> impl Iterator<Item = u16> {
        let [others, count] = [self.0 >> 16, (self.0 >> 112) & 7];
        (0..count).map(move |at| (others >> (16 * at)) as u16)
    }

    pub(crate) fn in_doubt(self) -> bool {
        self.others().next().is_some()
    }

    /// Whether the next sync writes it.
    pub(crate) fn is_dirty(self) -> bool {
        self.0 & DIRTY != 0
    }

    /// After a write in memory. The disk may get it at any time.
    pub(crate) fn write(&mut self, bytes: u16) {
        let mut all: Vec<u16> = self.others().chain([self.now()]).filter(|other| *other != bytes).collect();
        all.sort_unstable();
        assert!(all.len() <= MOST, "a sector has too many versions");
        let others = (0..).zip(&all).fold(0, |others, (at, other)| others | u128::from(*other) << (16 * at));
        self.0 = u128::from(bytes) | others << 16 | (all.len() as u128) << 112 | DIRTY;
    }

    /// After a sync. Bytes that a failed one has marked clean stay in doubt.
    pub(crate) fn sync(&mut self) {
        if self.is_dirty() {
            self.settle(self.now());
        }
    }

    /// After a sync that failed.
    pub(crate) fn fail(&mut self) {
        self.0 &= !DIRTY;
    }

    /// What is on disk turns out, and is read from there.
    pub(crate) fn settle(&mut self, bytes: u16) {
        self.0 = u128::from(bytes);
    }

    pub(crate) fn words(self) -> [u64; 2] {
        [self.0 as u64, (self.0 >> 64) as u64]
    }
}
