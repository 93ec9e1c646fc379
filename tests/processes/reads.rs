//! What a member of the crowd asks besides its commits: the past, details, backups, verification; and what the answers must
//! be while others commit and trim.

use std::path::PathBuf;
use std::time::Duration;

use responsibility_index::{Error, Index, LogError};

use crate::member::{Member, SHARED, count, fail};
use crate::print::assignments;

impl Member {
    pub(crate) fn wait(&mut self) {
        let revision = self.seen + self.random.below(4);
        println!("at wait_for {revision}");
        let view = self.index.wait_for(revision, Duration::from_millis(30));
        self.saw(view.revision(), "wait_for");
    }

    /// A view of the past, or `None` if it was trimmed.
    pub(crate) fn past(&mut self) {
        let now = self.view();
        let revision = now.revision().saturating_sub(self.random.below(80));
        println!("at view_at {revision}");
        match self.index.view_at(revision) {
            Ok(view) if view.revision() == revision && count(&view, SHARED) <= count(&now, SHARED) => {
                println!("past {revision} {}", assignments(&view));
            }
            Ok(view) => fail(format!("view_at({revision}) is {view:?}, with count {}", count(&view, SHARED))),
            Err(Error::Log(LogError::Trimmed { .. })) => println!("trimmed view_at"),
            Err(error) => fail(format!("view_at({revision}): {error:?}")),
        }
    }

    pub(crate) fn commits(&mut self) {
        let from = self.seen.saturating_sub(self.random.below(80)).max(1);
        println!("at commits {from}");
        let mut next = from;
        let read = self.index.commits(from..=from + 20).and_then(|mut commits| {
            commits.try_for_each(|commit| {
                let revision = commit?.revision();
                if revision != next {
                    fail(format!("commits({from}..) has {revision} in place of {next}"));
                }
                next += 1;
                Ok(())
            })
        });
        match read {
            Ok(()) if next > self.seen.min(from + 20) => {}
            Ok(()) => fail(format!("commits({from}..) ends before {next}, the view has {}", self.seen)),
            Err(Error::Log(LogError::Trimmed { .. })) => println!("trimmed commits"),
            Err(error) => fail(format!("commits({from}..): {error:?}")),
        }
    }

    /// The details of some task by the newest view, and by one that is held. Only a trim takes those of older views.
    pub(crate) fn read(&mut self) {
        let member = if self.random.one_in(3) { self.number } else { self.random.below(8) };
        let task = format!("m{member}/details");
        println!("at details of {task}");
        let view = self.view();
        self.held.push_back(view.clone());
        if self.held.len() > 20 {
            let old = self.held.pop_front().unwrap();
            match old.details(&task) {
                Ok(None) if old.task(&task).is_some() => fail(format!("{task} has no details at {}", old.revision())),
                Ok(_) => {}
                Err(Error::Log(LogError::Trimmed { .. })) => println!("trimmed details"),
                Err(error) => fail(format!("details of {task} at {}: {error:?}", old.revision())),
            }
        }
        let found = match view.details(&task) {
            // Since then they were replaced, and a trim has passed.
            Err(Error::Log(LogError::Trimmed { .. })) if self.fresh().revision() > view.revision() => return,
            found => found.unwrap_or_else(|error| fail(format!("details of {task}: {error:?}"))),
        };
        let title = found.map(|details| details.title);
        if title.is_none() && view.task(&task).is_some() {
            fail(format!("{task} has no details at {}", view.revision()));
        }
        if member == self.number && self.title.is_some() && title != self.title {
            fail(format!("the details of {task} are {title:?}, not {:?}", self.title));
        }
    }

    pub(crate) fn backup(&mut self) {
        let target = PathBuf::from(format!("{}-{}", self.backups, self.next));
        // One after the other without a commit between.
        if target.exists() {
            return;
        }
        println!("at backup");
        let seen = self.seen;
        let revision = match self.index.backup(&target) {
            Ok(revision) => revision,
            Err(Error::Log(LogError::Trimmed { .. })) => {
                println!("trimmed backup");
                return;
            }
            Err(error) => fail(format!("backup: {error:?}")),
        };
        println!("at opening of a backup");
        let copy = Index::open(&target).unwrap_or_else(|error| fail(format!("opening a backup: {error:?}")));
        if copy.revision() != revision || revision < seen {
            fail(format!("a backup of revision {revision} has {}, seen was {seen}", copy.revision()));
        }
        println!("past {revision} {}", assignments(&copy.view()));
        let found = copy.verify().unwrap_or_else(|error| fail(format!("verify of a backup: {error:?}")));
        if !found.is_empty() {
            fail(format!("a backup: {found:?}"));
        }
        drop(copy);
        std::fs::remove_dir_all(target).unwrap();
        println!("done backup");
    }

    pub(crate) fn verify(&mut self) {
        println!("at verify");
        match self.index.verify() {
            Ok(found) if found.is_empty() => println!("done verify"),
            Ok(found) => fail(format!("verify: {found:?}")),
            Err(Error::Log(LogError::Trimmed { .. })) => println!("trimmed verify"),
            Err(error) => fail(format!("verify: {error:?}")),
        }
    }
}
