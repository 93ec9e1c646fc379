//! This crate alone at several sizes: which figures grow with the index.

use std::fs;
use std::path::Path;

use crate::contender::{Contender, Durability};
use crate::data::Data;
use crate::layout::{align, digits, pipes};
use crate::measure::{Machine, Samples};
use crate::options::{Format, Options};
use crate::result::Result;
use crate::row::Row;
use crate::trial::Trial;
use crate::{children, loads, reads, writes};

/// One size and its figures.
struct Size {
    tasks: usize,
    samples: Samples,
}

/// The sizes, in the order that they were asked for.
pub(crate) struct Growth {
    machine: Machine,
    sizes: Vec<Size>,
}

/// Measures at every size.
pub(crate) fn growth(options: &Options, ours: &[Box<dyn Contender>], scratch: &Path) -> Result<Growth> {
    let mut machine = Machine::new(scratch);
    let mut sizes = Vec::new();
    for tasks in &options.sizes {
        eprintln!("{tasks} tasks");
        let data = Data::new(*tasks, options.units, options.keys)?;
        sizes.push(Size { tasks: *tasks, samples: measure(options, &data, ours, scratch)? });
    }
    machine.finished();
    Ok(Growth { machine, sizes })
}

fn measure(options: &Options, data: &Data, contenders: &[Box<dyn Contender>], scratch: &Path) -> Result<Samples> {
    let mut trial = Trial { options, data, contenders, scratch, samples: Samples::default() };
    loads::load(&mut trial)?;
    loads::open_clean(&mut trial)?;
    let stores = trial.open(Vec::new(), Durability::Lazy)?;
    reads::reads(&mut trial, &stores)?;
    writes::lazy(&mut trial, &stores)?;
    stores.into_iter().flatten().try_for_each(|store| store.close())?;
    children::resident(&mut trial)?;
    fs::remove_dir_all(trial.place(0))?;
    Ok(trial.samples)
}

impl Growth {
    pub(crate) fn text(&self, format: Format) -> String {
        let Growth { machine, sizes } = self;
        let mut text = String::new();
        match format {
            Format::Text => {
                let lines: Vec<_> = [head(sizes)].into_iter().chain(rows(sizes)).collect();
                machine.lines.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\n")));
                align(&mut text, &lines);
            }
            Format::Markdown => {
                let facts: Vec<_> = machine.lines.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                text = format!("{}.\n\n", facts.join("; "));
                pipes(&mut text, head(sizes), rows(sizes));
            }
            Format::Json => {
                let sizes: Vec<String> = sizes.iter().map(json).collect();
                text = format!("{{\n{}\n}}", sizes.join(",\n"));
            }
        }
        text
    }
}

fn json(size: &Size) -> String {
    let rows = Row::ALL.iter().filter_map(|(row, label, _)| Some((label, size.samples.median(*row, 0)?)));
    let rows: Vec<String> = rows.map(|(label, value)| format!("{label:?}: {value:e}")).collect();
    format!("  \"{}\": {{{}}}", size.tasks, rows.join(", "))
}

fn head(sizes: &[Size]) -> Vec<String> {
    let counts = sizes.iter().map(|size| format!("{} tasks", size.tasks));
    let ratios = ["last to first", "last to second"].map(str::to_owned);
    [String::new()].into_iter().chain(counts).chain(ratios).collect()
}

fn rows(sizes: &[Size]) -> impl Iterator<Item = Vec<String>> {
    Row::ALL.iter().filter_map(|(row, label, unit)| {
        let (sign, scale) = unit.scale();
        let values: Vec<f64> = sizes.iter().filter_map(|size| size.samples.median(*row, 0)).collect();
        let last = *values.last()?;
        let ratio = |to: Option<&f64>| to.map_or_else(String::new, |to| digits(last / to));
        let figures = values.iter().map(|value| digits(value * scale));
        let ratios = [ratio(values.first()), ratio(values.get(1))];
        Some([format!("{label}, {sign}")].into_iter().chain(figures).chain(ratios).collect())
    })
}
