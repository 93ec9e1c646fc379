//! One run: what is open, where it lies, and the phases in their order. The phases are in modules of their own.

use std::path::{Path, PathBuf};

use crate::asked::Asked;
use crate::contender::{Contender, Durability, Kind, Result, Store, Tally};
use crate::data::Data;
use crate::measure::Samples;
use crate::options::Options;
use crate::{children, loads, reads, writes};

pub(crate) struct Run<'r> {
    pub(crate) options: &'r Options,
    pub(crate) data: &'r Data,
    pub(crate) contenders: &'r [Box<dyn Contender>],
    pub(crate) scratch: &'r Path,
    pub(crate) samples: Samples,
}

/// The open contenders, in the order of the columns.
pub(crate) type Stores = Vec<Option<Box<dyn Store>>>;

impl Run<'_> {
    pub(crate) fn all(&mut self) -> Result<()> {
        let filled = loads::load(self)?;
        loads::open_clean(self)?;
        let mut stores = self.open(filled, Durability::Synced)?;
        self.cross_check(&stores, "after the load")?;
        reads::reads(self, &stores)?;
        self.close_limits(&mut stores)?;
        writes::synced(self, &stores)?;
        self.cross_check(&stores, "after durable reassignments")?;
        close(stores)?;
        let stores = self.open(Vec::new(), Durability::Lazy)?;
        writes::lazy(self, &stores)?;
        writes::long_run(self, &stores)?;
        self.cross_check(&stores, "after lazy reassignments")?;
        close(stores)?;
        writes::disk(self)?;
        children::killed(self)?;
        children::resident(self)
    }

    pub(crate) fn place(&self, contender: usize) -> PathBuf {
        self.scratch.join(contender.to_string())
    }

    pub(crate) fn is_on_disk(&self, contender: usize) -> bool {
        self.contenders.get(contender).is_some_and(|contender| contender.kind() != Kind::Limit)
    }

    pub(crate) fn contender(&self, at: usize) -> Result<&dyn Contender> {
        Ok(self.contenders.get(at).ok_or("no such contender")?.as_ref())
    }

    pub(crate) fn say(&self, what: &str, round: usize, contender: usize) {
        let name = self.contenders.get(contender).map_or("", |contender| contender.name());
        eprintln!("{what}, round {} of {}: {name}", round + 1, self.options.rounds);
    }

    /// Opens every contender that is not open and has a disk.
    pub(crate) fn open(&self, mut stores: Stores, durability: Durability) -> Result<Stores> {
        stores.resize_with(self.contenders.len(), || None);
        for (at, store) in stores.iter_mut().enumerate() {
            if store.is_none() && self.is_on_disk(at) {
                *store = Some(self.contender(at)?.open(&self.place(at), durability)?);
            }
        }
        Ok(stores)
    }

    /// Those that can't be changed take no part in what follows.
    fn close_limits(&self, stores: &mut Stores) -> Result<()> {
        let limits = stores.iter_mut().enumerate().filter(|(at, _)| !self.is_on_disk(*at));
        limits.filter_map(|(_, store)| store.take()).try_for_each(Store::close)
    }

    /// Asks every open contender the same questions, which no round asks, and compares all the answers.
    fn cross_check(&self, stores: &Stores, when: &str) -> Result<()> {
        let asked = Asked::new(self.data, usize::MAX >> 1);
        for (row, questions) in reads::rows(&asked) {
            let mut first: Option<(usize, Tally)> = None;
            for (at, store) in stores.iter().enumerate() {
                let Some(store) = store else { continue };
                let mut tally = Tally::default();
                store.read(&mut |reader| {
                    tally = reader.check(questions)?;
                    Ok(())
                })?;
                let (other, expected) = *first.get_or_insert((at, tally));
                self.agree(&format!("{row:?}, {when}"), (other, expected), (at, tally))?;
            }
        }
        eprintln!("all answers agree {when}");
        Ok(())
    }

    /// # Errors
    /// Different answers, with whose they are.
    pub(crate) fn agree(&self, what: &str, one: (usize, Tally), other: (usize, Tally)) -> Result<()> {
        if one.1 == other.1 {
            return Ok(());
        }
        let (a, b) = (self.contender(one.0)?.name(), self.contender(other.0)?.name());
        Err(format!("{what}: {a} says {:?}, {b} says {:?}", one.1, other.1).into())
    }
}

fn close(stores: Stores) -> Result<()> {
    stores.into_iter().flatten().try_for_each(Store::close)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asked::Texts;
    use crate::contender::Questions;
    use crate::contenders;
    use crate::data::{Reassignment, reassignments};
    use crate::maps::Maps;
    use crate::writes::in_a_row;

    fn data() -> Data {
        Data::new(2_000, 64).unwrap()
    }

    fn with_run(contenders: Vec<Box<dyn Contender>>, work: impl FnOnce(&mut Run<'_>)) {
        let scratch = tempfile::tempdir().unwrap();
        let options = Options { rounds: 1, ..Options::default() };
        let (data, scratch) = (data(), scratch.path());
        work(&mut Run {
            options: &options,
            data: &data,
            contenders: &contenders,
            scratch,
            samples: Samples::default(),
        });
    }

    #[test]
    fn all_contenders_agree_after_a_load_after_changes_and_after_another_opening() {
        with_run(contenders(), |run| {
            let filled = loads::load(run).unwrap();
            let mut stores = run.open(filled, Durability::Synced).unwrap();
            run.cross_check(&stores, "after the load").unwrap();
            run.close_limits(&mut stores).unwrap();
            let changes = reassignments(run.data, 1, 50, 0, 1);
            for store in stores.iter().flatten() {
                in_a_row(&**store, &changes).unwrap();
            }
            run.cross_check(&stores, "after changes").unwrap();
            close(stores).unwrap();
            let stores = run.open(Vec::new(), Durability::Lazy).unwrap();
            run.cross_check(&stores, "after another opening").unwrap();
            assert_changed(&**stores[0].as_ref().unwrap(), &changes);
            close(stores).unwrap();
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

    /// Fills itself with other data than it was given.
    struct Liar(Maps<foldhash::fast::RandomState>);

    impl Contender for Liar {
        fn name(&self) -> &'static str {
            "liar"
        }

        fn kind(&self) -> Kind {
            Kind::Limit
        }

        fn load(&self, at: &Path, _: &Data) -> Result<Box<dyn Store>> {
            self.0.load(at, &Data::new(1_999, 64)?)
        }

        fn open(&self, at: &Path, durability: Durability) -> Result<Box<dyn Store>> {
            self.0.open(at, durability)
        }
    }

    #[test]
    fn a_contender_that_answers_otherwise_is_named() {
        let mut contenders = contenders();
        contenders.truncate(1);
        contenders.push(Box::new(Liar(Maps::new("inner"))));
        with_run(contenders, |run| {
            let filled = loads::load(run).unwrap();
            let stores = run.open(filled, Durability::Synced).unwrap();
            let error = run.cross_check(&stores, "in a test").unwrap_err().to_string();
            assert!(error.contains("liar says"), "{error}");
        });
    }
}
