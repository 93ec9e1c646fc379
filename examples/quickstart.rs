//! The twenty lines of the README: open, assign, ask both ways, change several things at once.
//!
//! `cargo run --example quickstart` keeps its index in `plan.ri` below the current directory.

use responsibility_index::Index;

fn main() -> responsibility_index::Result<()> {
    let index = Index::open("plan.ri")?;
    // The first unit leads, the others support it in this order.
    index.assign("plan/1/1", ["Transport", "Finance", "Police"])?;
    index.assign("plan/1/2", ["Finance", "Transport"])?;
    index.assign("plan/2/1", ["Transport", "Finance"])?;

    // Who is responsible for a task?
    let view = index.view(); // a snapshot: taking it never blocks, and it never changes
    println!("plan/1/1 is led by {}", view.lead("plan/1/1").unwrap_or("nobody"));
    println!("supported by {}", view.supporting("plan/1/1").collect::<Vec<_>>().join(", "));

    // What is a unit responsible for? And what do two of them share?
    let both = view.led_by("Transport")? & view.supported_by("Finance")?;
    println!("{} tasks led by Transport and supported by Finance:", both.len());
    for task in &both {
        println!("  {task}");
    }

    // Several changes, all or none, with a note of why and by whom.
    let done = index
        .batch()
        .note("reform", "planning office")
        .set_lead("plan/1/2", "Police", None) // Finance leaves the task; Some(Role::Support) would keep it
        .remove("plan/2/1")
        .commit()?;
    println!("now at revision {}", done.revision());
    Ok(())
}
