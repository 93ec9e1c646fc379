//! Finds the marks that give a notice its structure: brackets, stops, separators, line ends and a few key characters.
//!
//! Input: a text. Output: its marks in order, each with its place and length. The HTML tag of a line break is a mark: it
//! separates the units of a cell as a comma does.
//! Cost: one pass over the bytes. All other marks are of one or three bytes, and the length of a character is known from
//! its first byte, so that nothing has to be decoded but the characters of three bytes.

use super::lexicon;
use super::token::{Kind, Token};

/// All marks of a text, in order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    // Notices have a mark in each 16 to 30 bytes.
    let mut tokens = Vec::with_capacity(bytes.len() / 16 + 8);
    let (mut at, mut after_digit) = (0, false);
    while let Some(rest) = bytes.get(at..) {
        let (kind, len, digit) = match *rest {
            [] => break,
            [b'<', ..] => match tag_of_break(rest) {
                Some(len) => (Some(Kind::Item), len, false),
                None => (None, 1, false),
            },
            [b, ..] if b < 0x80 => (ascii(b, after_digit), 1, b.is_ascii_digit()),
            [a, b, c, ..] if a >> 4 == 0xE => {
                let code = (u32::from(a & 0x0F) << 12) | (u32::from(b & 0x3F) << 6) | u32::from(c & 0x3F);
                let kind = lexicon::kind_of(code).filter(|kind| *kind != Kind::Dot || after_digit);
                (kind, 3, (0xFF10..=0xFF19).contains(&code))
            }
            [a, ..] => (None, if a >= 0xF0 { 4 } else { 2 }, false),
        };
        if let Some(kind) = kind {
            tokens.push(Token { at, kind, len });
        }
        after_digit = digit;
        at += usize::from(len);
    }
    tokens
}

/// The length of a tag of a line break: `<br>`, `<br/>`, `<BR />`.
fn tag_of_break(rest: &[u8]) -> Option<u8> {
    const TAGS: [&[u8]; 3] = [b"<br>", b"<br/>", b"<br />"];
    let tag = TAGS.iter().find(|tag| rest.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag)))?;
    u8::try_from(tag.len()).ok()
}

fn ascii(b: u8, after_digit: bool) -> Option<Kind> {
    Some(match b {
        b'(' | b'[' => Kind::Open,
        b')' | b']' => Kind::Close,
        b'!' | b'?' => Kind::Stop,
        b';' => Kind::Semi,
        b',' => Kind::Comma,
        b':' => Kind::Colon,
        b'\n' | b'\x0B' => Kind::Newline,
        b'\t' => Kind::Tab,
        b'|' => Kind::Pipe,
        b'*' => Kind::Star,
        b'.' if after_digit => Kind::Dot,
        _ => return None,
    })
}
