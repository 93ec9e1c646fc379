//! Tells pages from plain text.
//!
//! A page begins with a tag and has one of a whole page, such as `<html>`; or it is a piece of a page, which begins with a
//! block and ends with a tag, or in which tags of blocks are at least as many as lines. A plain text that merely has a `<` somewhere, or a Markdown table with `<br>` in its
//! cells, is neither. Cost: one pass over the text.

use super::tag::Tag;

/// How far from the beginning the tags of a whole page are looked for, in bytes.
const BEGINNING: usize = 4096;
const WHOLE: [&[u8]; 5] = [b"!doctype", b"html", b"head", b"body", b"meta"];

/// Whether a text is a page or a piece of one.
pub(super) fn is_page(text: &str) -> bool {
    is_whole(text) || is_piece(text)
}

fn is_whole(text: &str) -> bool {
    let text = text.trim_start();
    let beginning = text.as_bytes().split_at(text.len().min(BEGINNING)).0;
    let mut tags = beginning.split(|b| *b == b'<').skip(1);
    text.starts_with('<') && tags.any(|rest| WHOLE.iter().any(|tag| begins_with(rest, tag)))
}

fn begins_with(rest: &[u8], tag: &[u8]) -> bool {
    let Some((name, behind)) = rest.split_at_checked(tag.len()) else { return false };
    name.eq_ignore_ascii_case(tag) && ends_name(behind)
}

/// Whether a name of a tag ends here.
fn ends_name(behind: &[u8]) -> bool {
    behind.first().is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
}

/// Whether a text begins with a block and ends with a tag; or a block begins in it and there are as many tags of blocks as
/// lines, at least two.
fn is_piece(text: &str) -> bool {
    let trimmed = text.trim();
    if trimmed.ends_with('>') && trimmed.strip_prefix('<').is_some_and(is_block_tag) {
        return true;
    }
    let (mut begins, mut tags, mut lines) = (0_usize, 0_usize, 0_usize);
    for line in text.lines() {
        lines += usize::from(!line.trim().is_empty());
        for rest in line.split('<').skip(1) {
            let (is_end, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
            if is_block_tag(rest) {
                tags += 1;
                begins += usize::from(!is_end);
            }
        }
    }
    begins > 0 && tags >= lines.max(2)
}

/// Whether the name of a tag of a block is here, or that of a line break at the end of the line.
fn is_block_tag(rest: &str) -> bool {
    let end = rest.bytes().position(|b| !b.is_ascii_alphanumeric());
    let (name, behind) = rest.as_bytes().split_at(end.unwrap_or(rest.len()));
    ends_name(behind)
        && match Tag::of(&name.to_ascii_lowercase()) {
            Tag::Break => rest.trim_end().ends_with('>'),
            Tag::Block | Tag::Preformatted | Tag::Table | Tag::Row | Tag::Cell | Tag::Rows => true,
            Tag::Hidden | Tag::Inline => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_tags_of_pages_and_a_text_with_a_sign_is_none() {
        for page in [
            "<!DOCTYPE html><p>a",
            " \n<HTML lang=zh>a",
            "<?xml version=\"1.0\"?>\n<html xmlns=\"x\">a",
            "<p>a</p>",
            "<p>a\nb\nc\nd</p>\n",
            "<p>a\n<p>b",
            "<div class=\"x\">a</div>\n<div>b</div>\n",
            "a<br>\nb<br/>\n",
            "<table>\n<tr><td>a<td>b\n</table>",
        ] {
            assert!(is_page(page), "{page}");
        }
        for text in [
            "",
            "a < b\nc > d",
            "below <5%> of <p> all\nlines\nare text",
            "| a | b |\n| --- | --- |\n| x<br>y | z |\n",
            "see <html> for more",
            "<pre",
            "<script>",
            "<person>a</person>",
        ] {
            assert!(!is_page(text), "{text}");
        }
    }
}
