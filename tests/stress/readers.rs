//! Threads that read: whole views, rising revisions, views that are held.

use std::cell::RefCell;
use std::collections::VecDeque;

use responsibility_index::View;

use crate::common::Numbers;
use crate::run::Run;
use crate::world::{check, told};

/// How many views each reader holds.
const HELD: usize = 8;

thread_local! {
    /// The views that this reader holds, each with its tasks as they were told at first.
    static VIEWS: RefCell<VecDeque<(View, Vec<String>)>> = RefCell::default();
    static LAST: RefCell<u64> = RefCell::default();
}

pub(crate) fn reads(run: &Run, _: usize, numbers: &mut Numbers) {
    let view = run.index.view();
    let last = LAST.replace(view.revision());
    assert!(view.revision() >= last, "the index went back from {last} to {}", view.revision());
    check(&view, false);
    VIEWS.with_borrow_mut(|views| {
        if numbers.one_in(20) {
            views.push_back((view.clone(), told(&view)));
        }
        if views.len() > HELD {
            let (view, before) = views.pop_front().unwrap();
            assert!(told(&view) == before, "the view of revision {} changed", view.revision());
            check(&view, false);
            run.count("held views");
        }
    });
}
