//! This crate alone at several sizes: which figures grow with the index.

use std::fs;
use std::path::Path;

use crate::contender::{Contender, Durability};
use crate::data::Data;
use crate::layout::{align, digits, pipes};
use crate::measure::{Machine, Samples};
use crate::options::{Format, Options};
use crate::pressure::Pressure;
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
    /// Why no ratios are given, where none are.
    refusal: Option<String>,
}

/// Measures at every size.
pub(crate) fn growth(options: &Options, ours: &[Box<dyn Contender>], scratch: &Path) -> Result<Growth> {
    let mut machine = Machine::new(scratch);
    let (mut sizes, mut pressure) = (Vec::new(), Pressure::new());
    for tasks in &options.sizes {
        eprintln!("{tasks} tasks");
        let data = Data::new(*tasks, options.units, options.keys)?;
        let samples;
        (samples, pressure) = measure(options, &data, ours, scratch, pressure)?;
        sizes.push(Size { tasks: *tasks, samples });
    }
    machine.finished(&pressure);
    Ok(Growth { machine, sizes, refusal: pressure.refusal().filter(|_| !options.noisy) })
}

fn measure(
    options: &Options,
    data: &Data,
    contenders: &[Box<dyn Contender>],
    scratch: &Path,
    pressure: Pressure,
) -> Result<(Samples, Pressure)> {
    let mut trial = Trial { options, data, contenders, scratch, samples: Samples::default(), pressure };
    loads::load(&mut trial)?;
    loads::open_clean(&mut trial)?;
    let stores = trial.open(Vec::new(), Durability::Lazy)?;
    reads::reads(&mut trial, &stores)?;
    writes::lazy(&mut trial, &stores)?;
    stores.into_iter().flatten().try_for_each(|store| store.close())?;
    children::resident(&mut trial)?;
    fs::remove_dir_all(trial.place(0))?;
    Ok((trial.samples, trial.pressure))
}

impl Growth {
    pub(crate) fn text(&self, format: Format) -> String {
        let Growth { machine, sizes, refusal } = self;
        let mut text = String::new();
        match format {
            Format::Text => {
                let lines: Vec<_> = [self.head()].into_iter().chain(self.rows()).collect();
                machine.lines.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\n")));
                align(&mut text, &lines);
            }
            Format::Markdown => {
                let facts: Vec<_> = machine.lines.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                text = format!("{}.\n\n", facts.join("; "));
                pipes(&mut text, self.head(), self.rows());
            }
            Format::Json => {
                let sizes: Vec<String> = sizes.iter().map(json).collect();
                text = format!("{{\n{}\n}}", sizes.join(",\n"));
            }
        }
        if let Some(refusal) = refusal.as_ref().filter(|_| format != Format::Json) {
            text.push_str(&format!("\n{refusal}\n"));
        }
        text
    }

    fn head(&self) -> Vec<String> {
        let counts = self.sizes.iter().map(|size| format!("{} tasks", size.tasks));
        let ratios =
            ["last to first", "last to second"].map(str::to_owned).into_iter().filter(|_| self.refusal.is_none());
        [String::new()].into_iter().chain(counts).chain(ratios).collect()
    }

    fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        Row::ALL.iter().filter_map(move |(row, label, unit)| {
            let (sign, scale) = unit.scale();
            let values: Vec<f64> = self.sizes.iter().filter_map(|size| size.samples.median(*row, 0)).collect();
            let last = *values.last()?;
            let ratio = |to: Option<&f64>| to.map_or_else(String::new, |to| digits(last / to));
            let figures = values.iter().map(|value| digits(value * scale));
            let ratios = [ratio(values.first()), ratio(values.get(1))].into_iter().filter(|_| self.refusal.is_none());
            Some([format!("{label}, {sign}")].into_iter().chain(figures).chain(ratios).collect())
        })
    }
}

fn json(size: &Size) -> String {
    let rows = Row::ALL.iter().filter_map(|(row, label, _)| Some((label, size.samples.median(*row, 0)?)));
    let rows: Vec<String> = rows.map(|(label, value)| format!("{label:?}: {value:e}")).collect();
    format!("  \"{}\": {{{}}}", size.tasks, rows.join(", "))
}
