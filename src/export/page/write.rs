//! The calls that write pages: they choose the form of a page, and hold its limits.

use std::io::{self, Write};

use crate::edit::Effect;
use crate::export::asked::tasks_of;
use crate::model::{Error, Result, section_name};
use crate::view::{TaskRef, View};

use super::change;
use super::grid::{Grid, Lists, file_of};
use super::layout::Columns;
use super::options::{
    MOST_SECTIONS, MOST_TASKS, MOST_UNITS, PageForm, PageOptions, PageReport, SECTIONS_OF_A_GRID, check,
};
use super::out::Out;
use super::sections;
use super::table;

impl View {
    /// Writes the tasks of a [section](View::section) as one HTML page, the responsibility matrix: a row for each task, a
    /// column for each unit, a letter and a colour for each role, and the order of supporting units as numbers. Tasks are
    /// grouped by section; units come by the number of tasks that they lead, then support; totals are at the end. Titles
    /// and the field `heading` come from the details of tasks. Vacant tasks are marked, units that no task names are listed.
    ///
    /// The page has no script and loads nothing. Its header and first column stay in sight; it is scrolled by mouse and
    /// keyboard, has captions and scopes for screen readers, follows the light or dark choice of the reader, and prints on
    /// A3, tables up to about 47 units. Names are inert, whatever is in them. Each task has the anchor `#task:KEY`, each
    /// unit `#unit:NAME`, each section `#section:NAME`; white space and the marks ``" # % < > [ \ ] ^ ` { | } ~`` are written
    /// there as `~` and their hexadecimal number.
    ///
    /// Above 50,000 cells (tasks times units; [`most_cells`](PageOptions::most_cells)) the page shows instead how busy each
    /// of the 60 busiest units is in each section, the load of every unit as bars, and folded lists of the tasks.
    ///
    /// Reads the parts of the log that have details of these tasks, each once; nothing with
    /// [`title_chars(0)`](PageOptions::title_chars). A page of 10,000 tasks with titles and 500 units takes 1.7 MB
    /// and 50 ms.
    ///
    /// ```
    /// use responsibility_index::Index;
    /// use responsibility_index::export::{PageForm, PageOptions};
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1/1", ["Transport", "Finance", "<Police>"])?;
    /// index.assign("plan/1/2", ["Finance"])?;
    /// let mut page = Vec::new();
    /// let report = index.view().page("plan", &PageOptions::new(), &mut page)?;
    /// assert_eq!((report.form, report.tasks, report.units), (PageForm::Table, 2, 3));
    ///
    /// let page = String::from_utf8(page)?;
    /// assert!(page.contains("&lt;Police&gt;") && !page.contains("<Police>"));
    /// assert!(page.contains("<tr id=\"task:plan/1/1\">") && page.contains("<td class=\"l\">L"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::NoTasks`](crate::InputError::NoTasks); [`InputError::PageTooLarge`](crate::InputError::PageTooLarge) above 100,000 tasks, 20,000 units or 5,000 sections of a grid:
    /// give the prefix of a section, or use [`pages`](View::pages); [`InputError::DoubleSlash`](crate::InputError::DoubleSlash); [`Error::Io`] when the
    /// writer fails, which has then a part of the page; those of [`details`](View::details).
    pub fn page(&self, prefix: &str, options: &PageOptions, mut out: impl Write) -> Result<PageReport> {
        let (above, set) = (section_name(prefix)?, self.section(prefix)?);
        let tasks = tasks_of(&set, prefix)?;
        write_page(self, sections::common(&tasks, above), &tasks, options, &mut out)
    }

    /// Writes the tasks of a [section](View::section) as several pages: `index.html` with the grid of sections and the load
    /// of all units, and a page for each section, to which it links, `section-1.html` and so on in the order of the sections.
    /// `open` gives a writer for each file. Returns a report for each, that of `index.html` first. Costs what a
    /// [`page`](View::page) of all these tasks does.
    ///
    /// ```
    /// use responsibility_index::Index;
    /// use responsibility_index::export::PageOptions;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1/1", ["Transport", "Finance"])?;
    /// index.assign("plan/2/1", ["Finance"])?;
    /// let directory = tempfile::tempdir()?;
    /// let reports =
    ///     index.view().pages("plan", &PageOptions::new(), |file| std::fs::File::create(directory.path().join(file)))?;
    /// assert_eq!(reports.len(), 3);
    /// assert!(directory.path().join("index.html").exists() && directory.path().join("section-2.html").exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`page`](View::page), where the limit of tasks holds for each section; [`Error::Io`] when a file can't be
    /// opened.
    pub fn pages<W: Write>(
        &self,
        prefix: &str,
        options: &PageOptions,
        mut open: impl FnMut(&str) -> io::Result<W>,
    ) -> Result<Vec<PageReport>> {
        let (above, set) = (section_name(prefix)?, self.section(prefix)?);
        let tasks = tasks_of(&set, prefix)?;
        let mut open = |file: &str| open(file).map_err(|cause| Error::Io { doing: "open a file of a page", cause });
        let above = sections::common(&tasks, above);
        let sections = sections::group(&tasks, above, grid_depth(&tasks, above, options));
        check("tasks", sections.iter().map(|section| section.tasks.len()).max().unwrap_or(0), MOST_TASKS)?;
        let columns = Columns::of_tasks(self, &tasks);
        let grid = Grid {
            view: self,
            above,
            tasks: tasks.len(),
            sections: &sections,
            columns: &columns,
            options,
            lists: Lists::Pages,
        };
        let mut reports = vec![write_grid(&grid, &mut open("index.html")?)?];
        // A section has the depth that its keys ask for, and a title of its own.
        let options = PageOptions { title: String::new(), depth: None, ..options.clone() };
        for (place, section) in sections.iter().enumerate() {
            let mut out = open(&file_of(place))?;
            reports.push(write_page(self, section.name, &section.tasks, &options, &mut out)?);
        }
        Ok(reports)
    }
}

impl Effect {
    /// Writes an HTML page of the tasks that change, with their units before and after: cells that change are outlined,
    /// and what was is struck through. Units that are created, renamed or removed are listed. A [`Plan`](crate::Plan) has
    /// this method, too, so that a reform can be looked at before it is committed.
    ///
    /// Above 50,000 cells each task is a line instead. Costs and limits are those of [`View::page`]; the depth of the options
    /// makes no difference, since tasks come in key order.
    ///
    /// ```
    /// use responsibility_index::Index;
    /// use responsibility_index::export::PageOptions;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance"])?;
    /// let plan = index.batch().set_lead("plan/1", "Police", None).plan()?;
    /// let mut page = Vec::new();
    /// plan.page(&PageOptions::new(), &mut page)?;
    /// assert!(String::from_utf8(page)?.contains("<td class=\"l x\"><ins>L</ins>"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::PageTooLarge`](crate::InputError::PageTooLarge) above 100,000 tasks; [`Error::Io`] when the writer fails; those of
    /// [`View::details`].
    pub fn page(&self, options: &PageOptions, mut out: impl Write) -> Result<PageReport> {
        let mut out = Out::new(&mut out);
        let report = change::write(self, options, &mut out)?;
        Ok(PageReport { bytes: out.finish()?, ..report })
    }
}

fn grid_depth(tasks: &[TaskRef<'_>], above: &str, options: &PageOptions) -> usize {
    options.depth.unwrap_or_else(|| sections::depth_for(tasks, above, SECTIONS_OF_A_GRID))
}

/// Writes tasks as a table, or as a grid of sections if a table would be too large.
fn write_page(
    view: &View,
    above: &str,
    tasks: &[TaskRef<'_>],
    options: &PageOptions,
    to: &mut dyn Write,
) -> Result<PageReport> {
    check("tasks", tasks.len(), MOST_TASKS)?;
    let columns = Columns::of_tasks(view, tasks);
    let units = columns.list.len();
    if units == 0 || tasks.len() * units <= options.most_cells {
        check("units", units + view.idle_units().count(), MOST_UNITS)?;
        let mut out = Out::new(to);
        let sections = table::write(&mut out, view, above, tasks, &columns, options)?;
        let bytes = out.finish()?;
        return Ok(PageReport { form: PageForm::Table, tasks: tasks.len(), units, sections, bytes });
    }
    let sections = sections::group(tasks, above, grid_depth(tasks, above, options));
    let (tasks, sections, columns) = (tasks.len(), &sections, &columns);
    write_grid(&Grid { view, above, tasks, sections, columns, options, lists: Lists::Folded }, to)
}

fn write_grid(grid: &Grid<'_, '_>, to: &mut dyn Write) -> Result<PageReport> {
    check("sections", grid.sections.len(), MOST_SECTIONS)?;
    check("units", grid.columns.list.len() + grid.view.idle_units().count(), MOST_UNITS)?;
    let mut out = Out::new(to);
    grid.write(&mut out)?;
    let (tasks, units, sections) = (grid.tasks, grid.columns.list.len(), grid.sections.len());
    Ok(PageReport { form: PageForm::Grid, tasks, units, sections, bytes: out.finish()? })
}
