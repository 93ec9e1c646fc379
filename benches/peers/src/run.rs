//! The driver of a comparison: the phases in their order, with all answers compared between them.

use crate::asked::Asked;
use crate::contender::{Durability, Store};
use crate::reads::Expected;
use crate::result::Result;
use crate::trial::{Stores, Trial};
use crate::{children, loads, processes, reads, writes};

/// Runs every phase. Its samples are added to the trial.
pub(crate) fn all(trial: &mut Trial<'_>) -> Result<()> {
    let filled = loads::load(trial)?;
    loads::open_clean(trial)?;
    let mut stores = trial.open(filled, Durability::Synced)?;
    cross_check(trial, &stores, "after the load")?;
    reads::reads(trial, &stores)?;
    close_limits(trial, &mut stores)?;
    writes::synced(trial, &stores)?;
    cross_check(trial, &stores, "after durable reassignments")?;
    close(stores)?;
    let stores = trial.open(Vec::new(), Durability::Lazy)?;
    writes::lazy(trial, &stores)?;
    writes::long_run(trial, &stores)?;
    cross_check(trial, &stores, "after lazy reassignments")?;
    close(stores)?;
    writes::disk(trial)?;
    processes::two(trial)?;
    children::killed(trial)?;
    children::resident(trial)
}

/// Runs the phase of two processes alone.
pub(crate) fn processes(trial: &mut Trial<'_>) -> Result<()> {
    processes::load(trial)?;
    processes::two(trial)
}

/// Closes the contenders that can't be changed: they take no part in the phases that write.
fn close_limits(trial: &Trial<'_>, stores: &mut Stores) -> Result<()> {
    let limits = stores.iter_mut().enumerate().filter(|(at, _)| !trial.is_on_disk(*at));
    limits.filter_map(|(_, store)| store.take()).try_for_each(Store::close)
}

/// Asks every open contender the same questions, which no round asks, and compares all answers.
fn cross_check(trial: &Trial<'_>, stores: &Stores, when: &str) -> Result<()> {
    let asked = Asked::new(trial.data, usize::MAX >> 1);
    let mut expected = Expected::default();
    for (at, store) in stores.iter().enumerate() {
        if let Some(store) = store {
            expected.check(trial, (at, &**store), &asked, when)?;
        }
    }
    eprintln!("all answers agree {when}");
    Ok(())
}

fn close(stores: Stores) -> Result<()> {
    stores.into_iter().flatten().try_for_each(Store::close)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::contender::{Contender, Kind, Questions};
    use crate::contenders;
    use crate::data::{Data, Keys, Reassignment, reassignments};
    use crate::maps::Maps;
    use crate::measure::Samples;
    use crate::options::Options;
    use crate::pressure::Pressure;
    use crate::texts::Texts;
    use crate::writes::in_a_row;

    const PAUSE: Duration = Duration::from_millis(1);

    fn data() -> Data {
        Data::new(2_000, 64, Keys::Short).unwrap()
    }

    fn with_trial(contenders: Vec<Box<dyn Contender>>, work: impl FnOnce(&mut Trial<'_>)) {
        let scratch = tempfile::tempdir().unwrap();
        let options = Options { rounds: 1, ..Options::default() };
        let (data, scratch) = (data(), scratch.path());
        work(&mut Trial {
            options: &options,
            data: &data,
            contenders: &contenders,
            scratch,
            samples: Samples::default(),
            pressure: Pressure::new(),
        });
    }

    #[test]
    fn all_contenders_agree_after_a_load_after_changes_and_after_another_opening() {
        with_trial(contenders(), |trial| {
            let filled = loads::load(trial).unwrap();
            let mut stores = trial.open(filled, Durability::Synced).unwrap();
            cross_check(trial, &stores, "after the load").unwrap();
            close_limits(trial, &mut stores).unwrap();
            let changes = reassignments(trial.data, 1, 50, 0, 1);
            for store in stores.iter().flatten() {
                in_a_row(&**store, &changes).unwrap();
            }
            cross_check(trial, &stores, "after changes").unwrap();
            close(stores).unwrap();
            let stores = trial.open(Vec::new(), Durability::Lazy).unwrap();
            cross_check(trial, &stores, "after another opening").unwrap();
            assert_changed(&**stores[0].as_ref().unwrap(), &changes);
            close(stores).unwrap();
        });
    }

    #[test]
    fn a_reader_waits_until_a_task_has_the_lead_that_a_writer_gives_it() {
        with_trial(contenders(), |trial| {
            processes::load(trial).unwrap();
            let change = reassignments(trial.data, 1, 1, 0, 1)[0];
            for store in trial.open(Vec::new(), Durability::Synced).unwrap().into_iter().flatten() {
                std::thread::scope(|scope| {
                    let wait = || store.read(&mut |reader| reader.wait_for_lead(change.task, change.lead, PAUSE));
                    let reader = scope.spawn(move || wait().unwrap());
                    std::thread::sleep(20 * PAUSE);
                    assert!(!reader.is_finished());
                    in_a_row(&*store, &[change]).unwrap();
                    reader.join().unwrap();
                });
                store.close().unwrap();
            }
        });
    }

    fn assert_changed(store: &dyn Store, changes: &[Reassignment<'_>]) {
        let last = changes.last().unwrap();
        store
            .read(&mut |reader| {
                let asked = Texts::from_iter([last.task]);
                let lead = reader.ask(Questions::Lead(&asked))?;
                let loaded = Maps::<foldhash::fast::RandomState>::new("loaded").load(Path::new(""), &data())?;
                loaded.read(&mut |loaded| {
                    assert_ne!(loaded.ask(Questions::Lead(&asked))?, lead, "{last:?}");
                    Ok(())
                })
            })
            .unwrap();
    }

    /// A contender that loads other data than it was given.
    struct Liar(Maps<foldhash::fast::RandomState>);

    impl Contender for Liar {
        fn name(&self) -> &'static str {
            "liar"
        }

        fn kind(&self) -> Kind {
            Kind::Limit
        }

        fn load(&self, at: &Path, _: &Data) -> Result<Box<dyn Store>> {
            self.0.load(at, &Data::new(1_999, 64, Keys::Short)?)
        }

        fn open(&self, at: &Path, durability: Durability) -> Result<Box<dyn Store>> {
            self.0.open(at, durability)
        }
    }

    #[test]
    fn a_contender_with_other_answers_is_named() {
        let mut contenders = contenders();
        contenders.truncate(1);
        contenders.push(Box::new(Liar(Maps::new("inner"))));
        with_trial(contenders, |trial| {
            let error = loads::load(trial).err().unwrap().to_string();
            assert!(error.contains("liar says"), "{error}");
        });
    }
}
