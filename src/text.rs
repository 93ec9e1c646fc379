//! Pieces of texts, for all readers and writers of documents: between two places, up to a number of characters. Knows
//! nothing of what the texts say.

/// The text between two places that were found in it: `start <= end`, both on character boundaries. A place that breaks
/// this is a fault of the reader; it panics in debug builds, and is an empty piece otherwise, since no text may make the
/// reader panic.
#[inline]
pub(crate) fn between(text: &str, start: usize, end: usize) -> &str {
    let piece = text.get(start..end);
    debug_assert!(piece.is_some(), "{start}..{end} is no piece of a text of {} bytes", text.len());
    piece.unwrap_or("")
}

/// `at`, or the next character boundary behind it; at most the end of the text.
#[inline]
pub(crate) fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// The first characters of a text, and whether there are more.
pub(crate) fn first_chars(text: &str, most: usize) -> (&str, bool) {
    match text.char_indices().nth(most) {
        Some((at, _)) => (between(text, 0, at), true),
        None => (text, false),
    }
}

/// Whether a byte begins a character; one that continues it is below -0x40.
#[inline]
pub(crate) fn begins_character(byte: u8) -> bool {
    byte.cast_signed() >= -0x40
}

/// The number of characters that begin in a piece of a text. Counting without a branch takes many bytes at once.
pub(crate) fn characters(bytes: &[u8]) -> u32 {
    let count = bytes.iter().filter(|b| begins_character(**b)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}
