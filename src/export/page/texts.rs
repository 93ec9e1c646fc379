//! The titles and headings of tasks, as far as a page shows them.
//!
//! Cost: one read of the disk per task with details. Memory: the characters that are shown.

use crate::model::{Details, Result};
use crate::view::TaskRef;

/// The beginning of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Short {
    pub(super) text: String,
    /// Whether the text goes on.
    pub(super) more: bool,
}

impl Short {
    fn of(mut text: String, chars: usize) -> Short {
        let end = text.char_indices().nth(chars).map(|(at, _)| at);
        text.truncate(end.unwrap_or(text.len()));
        Short { text, more: end.is_some() }
    }
}

/// The texts of a task.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub(super) title: Short,
    pub(super) heading: Short,
}

impl Text {
    /// The texts in details, with at most so many characters.
    pub(super) fn of_details(mut details: Details, chars: usize) -> Text {
        let heading = details.fields.remove("heading").unwrap_or_default();
        Text { title: Short::of(details.title, chars), heading: Short::of(heading, chars) }
    }
}

/// Reads the texts of some tasks; empty ones where no characters are shown.
pub(super) fn read(tasks: &[TaskRef<'_>], chars: usize) -> Result<Vec<Text>> {
    let text = |task: &TaskRef<'_>| match chars {
        0 => Ok(Text::default()),
        _ => Ok(Text::of_details(task.details()?.unwrap_or_default(), chars)),
    };
    tasks.iter().map(text).collect()
}

/// The heading that all tasks have; an empty one if they have several.
pub(super) fn common_heading(texts: &[Text]) -> Short {
    let first = texts.first().map(|text| &text.heading);
    let common = first.filter(|first| texts.iter().all(|text| text.heading == **first));
    common.cloned().unwrap_or_default()
}
