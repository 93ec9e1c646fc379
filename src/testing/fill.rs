//! An index with facts of every kind, for fuzzers to begin with.

use jiff::civil::Date;

use crate::index::Index;
use crate::model::{Answer, Details, Due, Obligation, Report, Result};
use crate::reform::Reform;

/// Edits of every kind.
pub(super) fn fill(index: &Index) -> Result<()> {
    for n in 0..5 {
        index.assign(&format!("plan/{n}"), ["Transport", "Finance", "Police"])?;
    }
    index.batch().add_alias("Transport", "T").commit()?;
    index
        .batch()
        .set_details("plan/1", Details::titled("one").source("notice", 3, 4).field("deadline", "2016"))
        .commit()?;
    index.remove("plan/3")?;
    index.batch().rename_unit("Police", "the police").commit()?;
    index.batch().set_details("plan/4", Details::titled("four")).commit()?;
    let due = Date::constant(2016, 11, 30);
    let yearly = Obligation::new("yearly", Due::yearly([(11, 30)])).leads_below("plan").members_of("Cities").from(due);
    let report = Report::new("yearly", "Finance", due, Answer::Received(due)).details(Details::titled("on time"));
    index.batch().set_members("Cities", ["Fuzhou", "Xiamen"]).set_obligation(yearly).report(report).commit()?;
    index.batch().reform(Reform::of(["Fuzhou", "Xiamen"]).becomes(["Fujian"])).commit()?;
    let split = Reform::of(["Finance"]).becomes(["Budget", "Tax"]).give("plan/0", ["Tax"]).leave_undecided();
    index.batch().reform(split).commit()?;
    Ok(())
}
