//! One run: the threads, what they have in common, and the checks at the end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use responsibility_index::{Durability, Index, OpenOptions, Revision, testing};

use crate::common::{Home, Numbers};
use crate::{keepers, panics, readers, world, writers};

/// How long after its end a run may still take: then its threads wait for each other.
const PATIENCE: Duration = Duration::from_secs(120);

/// What all threads of a run share.
pub(crate) struct Run {
    pub(crate) index: Index,
    /// Where backups are made.
    pub(crate) scratch: tempfile::TempDir,
    until: Instant,
    stopped: AtomicBool,
    acknowledged: Mutex<Vec<Revision>>,
    counts: Mutex<BTreeMap<&'static str, usize>>,
}

impl Run {
    fn new(index: Index, time: Duration) -> Run {
        world::create(&index);
        Run {
            index,
            scratch: tempfile::tempdir().unwrap(),
            until: Instant::now() + time,
            stopped: AtomicBool::new(false),
            acknowledged: Mutex::new(vec![1]),
            counts: Mutex::default(),
        }
    }

    /// Whether the run goes on.
    pub(crate) fn goes_on(&self) -> bool {
        !self.stopped.load(Ordering::Relaxed) && Instant::now() < self.until
    }

    /// Notes the revision of a commit that was acknowledged.
    pub(crate) fn acknowledge(&self, revision: Revision) {
        assert!(self.index.revision() >= revision, "what is acknowledged is shown");
        self.acknowledged.lock().unwrap().push(revision);
        self.count("commits");
    }

    pub(crate) fn count(&self, what: &'static str) {
        *self.counts.lock().unwrap().entry(what).or_default() += 1;
    }
}

/// Ends the run when its thread panics, so that the others do not go on.
struct EndsWithPanic<'r>(&'r Run);

impl Drop for EndsWithPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stopped.store(true, Ordering::Relaxed);
        }
    }
}

/// Ends the process if the work does not end in time: a test that waits for ever tells nothing. `working` says who works.
pub(crate) fn in_time<T>(patience: Duration, working: &(dyn Fn() -> String + Sync), work: impl FnOnce() -> T) -> T {
    let (ended, changed) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let waited = changed.wait_timeout_while(ended.lock().unwrap(), patience, |ended| !*ended).unwrap();
            if waited.1.timed_out() {
                eprintln!("no end after {patience:?}: {}", working());
                std::process::abort();
            }
        });
        let _ended = Ended(&ended, &changed);
        work()
    })
}

struct Ended<'w>(&'w Mutex<bool>, &'w Condvar);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }
}

type Work = fn(&Run, usize, &mut Numbers);

/// All threads: what each does over and over.
const WORKS: &[(&str, Work)] = &[
    ("pairs", writers::pairs),
    ("pairs", writers::pairs),
    ("pairs", writers::pairs),
    ("coins", writers::coins),
    ("coins", writers::coins),
    ("units", writers::units),
    ("loads", writers::loads),
    ("imports", writers::imports),
    ("panics", panics::panics),
    ("panics", panics::panics),
    ("checkpoints", keepers::checkpoints),
    ("verifies", keepers::verifies),
    ("trims", keepers::trims),
    ("trims", keepers::trims),
    ("backups", keepers::backups),
    ("exports", keepers::exports),
    ("reads", readers::reads),
    ("reads", readers::reads),
];

/// Runs everything at once, then opens the index again and checks what is left. Returns how often each thing was done.
pub(crate) fn stress(home: &Home, durability: Durability, seed: u64, time: Duration) -> BTreeMap<&'static str, usize> {
    let options = OpenOptions::new().durability(durability).checkpoint_after(300);
    let working = Mutex::new(BTreeMap::new());
    in_time(time + PATIENCE, &|| format!("{:?}", working.lock().unwrap()), || {
        let run = Run::new(home.open(&options).unwrap(), time);
        thread::scope(|scope| {
            for (number, (name, work)) in WORKS.iter().enumerate() {
                let (run, working) = (&run, &working);
                scope.spawn(move || {
                    let _ends = EndsWithPanic(run);
                    working.lock().unwrap().insert(number, *name);
                    let mut numbers = Numbers::new(seed * 1000 + number as u64);
                    while run.goes_on() {
                        work(run, number, &mut numbers);
                        run.count(name);
                    }
                    working.lock().unwrap().remove(&number);
                });
            }
        });
        check_end(run, home, &options)
    })
}

/// Every acknowledged commit has a revision of its own, none is missing, and whoever opens the index again has them; the
/// log alone has them, too.
fn check_end(run: Run, home: &Home, options: &OpenOptions) -> BTreeMap<&'static str, usize> {
    let Run { index, acknowledged, counts, .. } = run;
    let mut acknowledged = acknowledged.into_inner().unwrap();
    acknowledged.sort_unstable();
    let last = acknowledged.len() as Revision;
    assert!(acknowledged.iter().copied().eq(1..=last), "each acknowledged commit is one revision");
    let expected = world::exported(&index);
    let mut open = Some(index);
    for opened in 0..2 {
        // Whoever opens it again has closed it.
        let index = open.take().unwrap_or_else(|| home.open(options).unwrap());
        assert_eq!(index.revision(), last);
        world::check(&index.view(), true);
        assert_eq!(index.verify().unwrap(), []);
        assert!(world::exported(&index) == expected, "another export after {opened} openings");
        let mut lines = Vec::new();
        testing::export(&testing::view_at(&index, last).unwrap(), &mut lines).unwrap();
        assert!(lines == expected, "the log makes another state than the index has");
    }
    counts.into_inner().unwrap()
}
