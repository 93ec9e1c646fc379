//! Options of a page, what is reported about a page, and its limits. Plain values.

use crate::model::{InputError, Result};

/// More cells are drawn as a grid of sections instead: browsers take seconds to open a larger table.
pub(super) const MOST_CELLS: usize = 50_000;
/// The most tasks of a page with lists of tasks: about 15 MB.
pub(super) const MOST_TASKS: usize = 100_000;
/// The most units of a page: each has a line with its load.
pub(super) const MOST_UNITS: usize = 20_000;
/// The most sections of a grid that nobody has given a depth for.
pub(super) const SECTIONS_OF_A_GRID: usize = 200;
/// The most sections of a grid.
pub(super) const MOST_SECTIONS: usize = 5_000;
/// The units that have a column of their own in a grid; the others share one.
pub(super) const UNITS_OF_A_GRID: usize = 60;
/// Characters of a title that are shown without a choice: 61 tasks then fit an A3 page, one line each.
const TITLE: usize = 40;

/// Options of [`View::page`](crate::View::page).
///
/// ```
/// use responsibility_index::export::PageOptions;
///
/// let options = PageOptions::new().title("Work plan 2016").language("zh-Hans").depth(2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOptions {
    pub(super) title: String,
    pub(super) language: String,
    pub(super) depth: Option<usize>,
    pub(super) most_cells: usize,
    pub(super) title_chars: usize,
}

impl Default for PageOptions {
    fn default() -> PageOptions {
        PageOptions {
            title: String::new(),
            language: String::new(),
            depth: None,
            most_cells: MOST_CELLS,
            title_chars: TITLE,
        }
    }
}

impl PageOptions {
    /// The title is that of the prefix, sections are chosen by the keys, and titles of tasks have at most 40 characters.
    #[must_use]
    pub fn new() -> PageOptions {
        PageOptions::default()
    }

    /// Sets the title of the page. Without it the title names the prefix.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> PageOptions {
        self.title = title.into();
        self
    }

    /// Sets the language of names and titles, such as `zh-Hans`: browsers choose fonts and screen readers voices by it.
    /// The page's own words are English.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> PageOptions {
        self.language = language.into();
        self
    }

    /// Sets how many parts of a key behind the prefix name its section. Without it a table has the sections right above
    /// the tasks, and a grid the finest ones of which there are at most 200.
    #[must_use]
    pub fn depth(mut self, depth: usize) -> PageOptions {
        self.depth = Some(depth);
        self
    }

    /// Sets the most cells (tasks times units) of a page that shows each task and unit as a table; 50,000 without it. A
    /// larger page has a grid of sections; 0 always gives the grid.
    #[must_use]
    pub fn most_cells(mut self, cells: usize) -> PageOptions {
        self.most_cells = cells;
        self
    }

    /// Sets how many characters of the titles of tasks are shown. With 0 no details are read.
    #[must_use]
    pub fn title_chars(mut self, chars: usize) -> PageOptions {
        self.title_chars = chars;
        self
    }
}

/// What a page shows of its tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PageForm {
    /// A row for each task and a column for each unit.
    Table,
    /// A row for each section and a column for each of the 60 busiest units; the load of all units; lists of tasks.
    Grid,
    /// A line for each task that changes, with its units before and after.
    List,
}

/// A page that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageReport {
    /// What it shows.
    pub form: PageForm,
    /// The number of tasks on it.
    pub tasks: usize,
    /// The number of units that have a part in them.
    pub units: usize,
    /// The number of sections.
    pub sections: usize,
    /// The bytes of the page.
    pub bytes: u64,
}

/// Refuses a number above its limit.
pub(super) fn check(what: &'static str, found: usize, most: usize) -> Result<(), InputError> {
    if found > most { Err(InputError::PageTooLarge { what, found, most }) } else { Ok(()) }
}
