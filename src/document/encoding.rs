//! Tells the encoding of a document and decodes it.
//!
//! Input: bytes. Output: text, encoding, and the places that could not be decoded. The order of the evidence: a byte order
//! mark; UTF-16 without one, by its line ends; the encoding that a page declares in its first kilobyte; valid UTF-8; valid
//! GB18030 in which most characters are common ones. A declaration that the bytes contradict is not used.
//! Cost: a few passes over the bytes; text in UTF-8 is borrowed.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::{BIG5, DecoderResult, Encoding as Coding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// The encoding of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8, also with a byte order mark.
    Utf8,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// GB18030, or its older parts GBK and GB 2312.
    Gb18030,
    /// Big5.
    Big5,
    /// Another one that the page declares, by its name in the Encoding Standard.
    Declared(&'static str),
}

impl Encoding {
    /// The name in the Encoding Standard.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
            Encoding::Gb18030 => "GB18030",
            Encoding::Big5 => "Big5",
            Encoding::Declared(name) => name,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn encoding_of(coding: &'static Coding) -> Encoding {
    match coding {
        coding if coding == UTF_8 => Encoding::Utf8,
        coding if coding == UTF_16LE => Encoding::Utf16Le,
        coding if coding == UTF_16BE => Encoding::Utf16Be,
        coding if coding == GB18030 || coding == GBK => Encoding::Gb18030,
        coding if coding == BIG5 => Encoding::Big5,
        other => Encoding::Declared(other.name()),
    }
}

/// A decoded document.
#[derive(Clone, Debug)]
pub(super) struct Decoded<'b> {
    pub(super) text: Cow<'b, str>,
    pub(super) encoding: Encoding,
    /// The number of places that can't be decoded, and the place of the first of them in the text.
    pub(super) undecodable: Option<(usize, usize)>,
    /// The place in the text of the declaration of another encoding.
    pub(super) contradicted: Option<usize>,
}

/// The bytes at the beginning in which a page declares its encoding, as browsers have it.
const DECLARATION: usize = 1024;

/// Decodes a document. The error is the first byte that is not UTF-8.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, usize> {
    if let Some((coding, mark)) = Coding::for_bom(bytes) {
        return Ok(decode_as(coding, bytes.split_at(mark).1));
    }
    if let Some(coding) = utf_16_by_zeros(bytes) {
        return Ok(decode_as(coding, bytes));
    }
    let utf_8 = std::str::from_utf8(bytes);
    let mut contradicted = None;
    if let Some((coding, at)) = declared(bytes) {
        let trusted = match encoding_of(coding) {
            Encoding::Utf8 => utf_8.is_ok() || !is_gb18030(bytes),
            Encoding::Gb18030 => utf_8.is_err() || is_gb18030(bytes) || bytes.is_ascii(),
            _ => utf_8.is_err(),
        };
        if trusted {
            return Ok(decode_as(coding, bytes));
        }
        contradicted = Some(at);
    }
    let known = |text, encoding, contradicted| Decoded { text, encoding, undecodable: None, contradicted };
    match utf_8 {
        Ok(text) => Ok(known(Cow::Borrowed(text), Encoding::Utf8, contradicted)),
        Err(error) if !is_gb18030(bytes) => Err(error.valid_up_to()),
        Err(error) => {
            let decoded = |bytes| GB18030.decode_without_bom_handling_and_without_replacement(bytes);
            let text = decoded(bytes).ok_or(error.valid_up_to())?;
            // The declaration begins with a `<`, which is no part of a longer character.
            let contradicted = contradicted.and_then(|at| Some(decoded(bytes.get(..at)?)?.len()));
            Ok(known(text, Encoding::Gb18030, contradicted))
        }
    }
}

/// Decodes bytes, with U+FFFD for what the encoding does not have.
fn decode_as<'b>(coding: &'static Coding, bytes: &'b [u8]) -> Decoded<'b> {
    let encoding = encoding_of(coding);
    if let Some(text) = coding.decode_without_bom_handling_and_without_replacement(bytes) {
        return Decoded { text, encoding, undecodable: None, contradicted: None };
    }
    let mut decoder = coding.new_decoder_without_bom_handling();
    let (mut text, mut rest, mut undecodable) = (String::new(), bytes, None);
    loop {
        // Three bytes for each byte hold a text in every encoding, so that the loop goes round once per malformed place.
        text.reserve(rest.len().min(1 << 16) * 3 + 16);
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        rest = rest.split_at(read).1;
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                let (count, first) = undecodable.unwrap_or((0, text.len()));
                undecodable = Some((count + 1, first));
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
    Decoded { text: Cow::Owned(text), encoding, undecodable, contradicted: None }
}

/// The encoding that the first kilobyte of a page declares, and where: `<meta charset=gb2312>`, also in the long form, or
/// `<?xml encoding="gb2312"?>`.
fn declared(bytes: &[u8]) -> Option<(&'static Coding, usize)> {
    let head = bytes.get(..bytes.len().min(DECLARATION))?.to_ascii_lowercase();
    let find = |word: &[u8], from: usize| {
        let rest = head.get(from..)?;
        rest.windows(word.len()).position(|there| there == word).map(|at| from + at)
    };
    let mut from = 0;
    while let Some(tag) = head.get(from..)?.iter().position(|b| *b == b'<').map(|at| from + at) {
        let rest = head.get(tag..)?;
        let end = rest.iter().position(|b| *b == b'>').map_or(head.len(), |at| tag + at);
        let word: &[u8] = match rest {
            [b'<', b'm', b'e', b't', b'a', ..] => b"charset",
            [b'<', b'?', b'x', b'm', b'l', ..] => b"encoding",
            _ => b"",
        };
        if !word.is_empty()
            && let Some(at) = find(word, tag).filter(|at| *at < end)
            && let Some(label) = label(head.get(at + word.len()..end)?)
            && let Some(coding) = Coding::for_label(label)
        {
            // A page that can be read as ASCII so far is not in UTF-16, whatever it says.
            return Some((if coding.is_ascii_compatible() { coding } else { UTF_8 }, tag));
        }
        from = tag + 1;
    }
    None
}

/// The value behind an equals sign.
fn label(rest: &[u8]) -> Option<&[u8]> {
    let value = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':')));
    value.get(..end.unwrap_or(value.len())).filter(|label| !label.is_empty())
}

/// UTF-16 without a byte order mark is told by its line ends, since no character has their bytes in the other order. In text
/// that is UTF-8 as well a quarter of the bytes has to be zero: stray zero bytes don't make it UTF-16.
fn utf_16_by_zeros(bytes: &[u8]) -> Option<&'static Coding> {
    if !bytes.contains(&0) {
        return None;
    }
    let (pairs, rest) = bytes.as_chunks::<2>();
    let coding = match pairs.iter().find(|pair| matches!(pair, [b'\n', 0] | [0, b'\n']))? {
        [0, _] => UTF_16BE,
        _ => UTF_16LE,
    };
    let zeros = bytes.iter().filter(|b| **b == 0).count();
    if !rest.is_empty() || zeros * 4 < bytes.len() && std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let text = coding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let is_text = |c: char| !c.is_control() || c.is_ascii_whitespace();
    text.chars().all(is_text).then_some(coding)
}

/// Whether the bytes are valid GB18030 and at least three of five characters of two bytes are punctuation or one of the 3755
/// common characters of GB 2312. In UTF-8, Big5 or Latin-1 read as GB18030 less than half are.
fn is_gb18030(bytes: &[u8]) -> bool {
    let (mut rest, mut common, mut all) = (bytes, 0_usize, 0_usize);
    loop {
        rest = match rest {
            [] => return all > 0 && common * 5 >= all * 3,
            [0..=0x7F, rest @ ..] => rest,
            [0xA1..=0xA3 | 0xB0..=0xD7, 0xA1..=0xFE, rest @ ..] => {
                (common, all) = (common + 1, all + 1);
                rest
            }
            [0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE, rest @ ..] => {
                all += 1;
                rest
            }
            [0x81..=0xFE, 0x30..=0x39, 0x81..=0xFE, 0x30..=0x39, rest @ ..] => rest,
            _ => return false,
        };
    }
}
