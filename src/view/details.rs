//! The details of tasks, which are read from the log when they are asked for.

use crate::id::DetailId;
use crate::model::{Details, Result};

use super::snapshot::View;
use super::task_ref::TaskRef;

impl View {
    /// The details of a task, read from disk; `None` when none were set, or the task is not known. Costs one read of
    /// the log: about 11 µs in the system's cache, up to 70 µs where one commit set the details of many tasks. The
    /// first one in a file of the log also walks over its headers.
    ///
    /// # Errors
    /// [`Error::Log`](crate::Error::Log) when a trim removed these details after the view was taken, or when the log is damaged;
    /// [`Error::Corrupt`](crate::Error::Corrupt) when the details are damaged or missing;
    /// [`Error::Engine`](crate::Error::Engine) when the device fails.
    pub fn details(&self, key: &str) -> Result<Option<Details>> {
        self.task(key).map_or(Ok(None), |task| task.details())
    }

    /// Hands out the details of some tasks, each with the place of its task, in no order: [`details`](View::details) for many
    /// at once, which reads details that are neighbours in the log in one pass.
    pub(crate) fn details_of(&self, tasks: &[TaskRef<'_>], each: &mut dyn FnMut(usize, Details)) -> Result<()> {
        self.details_at(tasks.iter().map(|task| task.record().detail()).zip(0..), each)
    }

    /// Hands out the details with some numbers, each with the place that comes with its number. There are none with the
    /// number 0.
    pub(crate) fn details_at(
        &self,
        places: impl Iterator<Item = (DetailId, usize)>,
        each: &mut dyn FnMut(usize, Details),
    ) -> Result<()> {
        let mut places: Vec<(DetailId, usize)> = places.filter(|(id, _)| *id > 0).collect();
        places.sort_unstable();
        let mut ids: Vec<DetailId> = places.iter().map(|(id, _)| *id).collect();
        ids.dedup();
        self.log().details_of(&ids, &mut |id, details| {
            let first = places.partition_point(|(other, _)| *other < id);
            for (_, place) in places.iter().skip(first).take_while(|(other, _)| *other == id) {
                each(*place, details.clone());
            }
        })
    }
}
