//! Reads tables: text in; tasks, units and findings out.
//!
//! A table divides work into rows: each row is a task. Its columns name units with their roles, or the columns are
//! units and their cells are marks. [`Rows::read`] detects the format, the header and the meaning of each column;
//! [`Reader`] has options. Every assumption, and every row, cell or header that belongs to no task, is a [`Finding`].
//!
//! ```
//! use responsibility_index::table::Rows;
//!
//! let text = "Task,Lead agency,Supporting agencies,Due\nRepair the bridge,Transport,Finance; Police,2026-11-30\n";
//! let rows = Rows::read(text)?;
//! let task = rows.task(0).expect("one task");
//! assert_eq!(task.standing().to_string(), "Transport with Finance, Police");
//! assert_eq!((task.title(), task.deadline()), ("Repair the bridge", Some("2026-11-30")));
//! assert_eq!((task.key("plan").as_ref(), task.line(), task.column()), ("plan/1", 2, 1));
//! assert_eq!(rows.findings().len(), 0);
//!
//! // A chart of accountable (A), responsible (R), consulted (C) and informed (I) units.
//! let chart = "| Activity | Board | IT | Legal |\n| --- | --- | --- | --- |\n| Review | A | R | C |\n| Report | R | I |  |\n";
//! let rows = Rows::read(chart)?;
//! assert_eq!(rows.task(0).expect("two tasks").standing().to_string(), "Board with IT; consulted: Legal");
//! let finding = rows.findings().next().expect("one finding");
//! let expected = "4:3: none accountable: the task is vacant; its 2 other units are kept and do not lead [Report | R | I]";
//! assert_eq!(finding.to_string(), expected);
//! # Ok::<(), responsibility_index::table::TableError>(())
//! ```
//!
//! # Formats
//! | format | read |
//! | --- | --- |
//! | separated by , ; tab \| | the header tells the separator; quoted cells with line breaks; `sep=;`; a byte order mark |
//! | Markdown | all tables of a document; `<br>`, escaped bars, emphasis and links in cells; headings over tables |
//! | HTML | all tables of a page; entities; `<br>` and blocks as line breaks; merged cells are copied and marked as copies |
//!
//! With feature `xlsx`, `Reader::read_xlsx` reads spreadsheets: each sheet is a table, merged cells are copied, days are
//! written as 2026-11-30. [`Reader::sheet`] chooses one sheet; without a choice, sheets that state the same tasks are an
//! error. Other sources build a [`Table`] cell by cell and use [`Reader::read_tables`].
//!
//! # Long form: columns of roles
//! | meaning | headers, for example |
//! | --- | --- |
//! | lead | lead agency, owner, accountable, project lead, 牵头单位 "lead unit", 市级牵头单位 "lead unit of the city", 主办 |
//! | responsible | responsible agency, 责任单位（责任人） "responsible unit (person)", 承办单位 |
//! | co-lead; supporting | co-lead; supporting, contributing entities, partners, 配合单位, 协办, 参与部门 |
//! | consulted; informed | consulted; informed, 抄送 "copy to" |
//! | task; key; number | task, action, activity, 任务; ID, reference; #, No., 序号 |
//! | title; text; section | title; description; section, phase, category |
//! | deadline | due, deadline, target date, timeline, 完成时限 |
//!
//! A header may have words before the word of a role, and a bracket after it. [`Columns`] maps other headers by name or
//! number. If there is a lead column, responsible units support. Without one they lead jointly if a column has
//! supporters; otherwise the first-listed unit leads and the others support. Persons are units only where no column
//! names units. [`Rows::columns`] tells how each column was read. A task whose lead cell is empty is vacant: no supporter is promoted. The copy of a merged lead cell is
//! the lead.
//!
//! Units in a cell are separated by `;` `,` `/`, their full-width forms and line breaks, outside brackets. A cell can say
//! more: `Lead: A; Support: B`, `A (lead), B`, 甲局牵头，乙局配合 "A leads, B cooperates". Chinese names of a cell are
//! [completed](crate::notice::complete_names) by the words that they share: 省科技厅、财政厅 "the province's department of
//! science; of finance".
//!
//! # Wide form: tasks and units
//! | marks | read as |
//! | --- | --- |
//! | RACI, RASCI | A leads, R and S support in this order, C is consulted, I is informed; `A/R`, `AR`: the strongest; L: lead |
//! | no A in the whole chart | the only R of a row leads; if there are several, none leads |
//! | DACI | D leads, A leads jointly, C is consulted, I is informed |
//! | ★ ■ ◆ ● ▲ ☆ □ ◇ ○ △ √ | as the legend says; without one the strongest leads and the others support |
//! | 1, 2, 3 | 1 leads, the others support in order; with a mark of the lead all support |
//! | C1, C2 | a letter with a place: the order among the units with this role; L2, L3 lead jointly |
//! | words | lead, responsible, 牵头, 配合 |
//!
//! [`Letters`] gives other meanings. Two accountable units, none, and unknown marks are findings.
//!
//! # Bounds and cost
//! A row has at most [`MOST_COLUMNS`] cells and a table at most [`MOST_CELLS`]. More cells, spans or nesting than the
//! limits allow are errors before memory is taken. Time is proportional to the text.

mod builder;
mod chart;
mod columns;
#[cfg(feature = "csv")]
mod delimited;
mod document;
mod error;
mod finding_kind;
mod findings;
mod grid;
mod header;
mod html;
mod layout;
mod letters;
mod lexicon;
mod markdown;
mod meaning;
mod model;
mod names;
mod place;
mod prose;
mod reader;
#[cfg(feature = "xlsx")]
mod repeated;
mod rows;
mod title;
mod units;
mod written;
#[cfg(feature = "xlsx")]
mod xlsx;

pub use self::columns::Columns;
pub use self::document::{Format, Tables};
pub use self::error::TableError;
pub use self::finding_kind::FindingKind;
pub use self::findings::Finding;
pub use self::grid::{Cell, Copied, MOST_CELLS, MOST_COLUMNS, Row, Table};
pub use self::letters::Letters;
pub use self::meaning::Meaning;
pub use self::model::{Basis, Rows, TableColumn, TableTask};
pub use self::place::Place;
pub use self::prose::Line;
pub use self::reader::Reader;
#[cfg(feature = "xlsx")]
pub(crate) use self::written::MATRIX_SHEET;
pub(crate) use self::written::{
    TASKS_SHEET, TEXTS_OF_WIDE, is_header, keeps_text, markdown_text, names_in, reads_as_legend, text_in,
};
#[cfg(feature = "xlsx")]
pub(crate) use self::xlsx::MOST_UNPACKED;
