//! The titles and headings of tasks, as far as a page shows them.
//!
//! Cost: one pass over the parts of the log that have details of these tasks. Memory: the characters that are shown.

use crate::model::{Details, Result};
use crate::text::first_chars;
use crate::view::{TaskRef, View};

use super::sections::Section;

/// The beginning of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Short {
    pub(super) text: String,
    /// Whether the text goes on.
    pub(super) more: bool,
}

impl Short {
    fn of(mut text: String, chars: usize) -> Short {
        let (shown, more) = first_chars(&text, chars);
        text.truncate(shown.len());
        Short { text, more }
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
        // A task can be without a heading.
        let heading = details.fields.remove("heading").unwrap_or_default();
        Text { title: Short::of(details.title, chars), heading: Short::of(heading, chars) }
    }
}

/// Reads the texts of the tasks of sections; empty ones where no characters are shown.
pub(super) fn read(view: &View, sections: &[Section<'_>], chars: usize) -> Result<Vec<Vec<Text>>> {
    let tasks: Vec<TaskRef<'_>> = sections.iter().flat_map(|section| &section.tasks).copied().collect();
    let mut texts = vec![Text::default(); tasks.len()];
    if chars > 0 {
        #[expect(clippy::indexing_slicing, reason = "the places are those of the tasks")]
        view.details_of(&tasks, &mut |place, details| texts[place] = Text::of_details(details, chars))?;
    }
    let mut texts = texts.into_iter();
    Ok(sections.iter().map(|section| texts.by_ref().take(section.tasks.len()).collect()).collect())
}

/// The heading that all tasks have; an empty one if they have several.
pub(super) fn common_heading(texts: &[Text]) -> Short {
    let first = texts.first().map(|text| &text.heading);
    let common = first.filter(|first| texts.iter().all(|text| text.heading == **first));
    common.cloned().unwrap_or_default()
}
