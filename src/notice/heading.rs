//! Recognises the number of a heading at a place in the text.
//!
//! Input: a text and a place. Output: the style and value of the number, and the place of its marks. A number is none of
//! a heading if the next character makes it a mention ("article three of"), an enumeration or a decimal.
//! Cost: constant; a number has at most six numerals.

use crate::text::between;

use super::lexicon::{self, digit, is_space, numeral, simplified};
use super::text::Span;

/// How a heading is numbered. The order is that in which they nest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Style {
    Part,
    Chapter,
    Section,
    Article,
    Han,
    HanInBrackets,
    Number,
    NumberInBrackets,
    NumberBeforeBracket,
    Circle,
}

/// The number of styles.
pub(super) const STYLES: usize = Style::Circle as usize + 1;

/// The number of a heading and its place, with the marks around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) style: Style,
    pub(super) number: u32,
    pub(super) span: Span,
}

/// The heading number that begins here, if one does.
pub(super) fn marker_at(text: &str, at: usize) -> Option<Marker> {
    let rest = between(text, at, text.len());
    let (style, number, len) = in_brackets(rest)
        .or_else(|| division(rest))
        .or_else(|| han(rest))
        .or_else(|| arabic(rest))
        .or_else(|| in_circle(rest))?;
    Some(Marker { style, number, span: Span::new(at, at + len) })
}

/// A style, a number, and the length of both with their marks.
type HeadingMatch = Option<(Style, u32, usize)>;

fn in_brackets(rest: &str) -> HeadingMatch {
    let inner = skip_space(rest.strip_prefix(lexicon::opens)?);
    let han = han_number(inner).map(|(number, after)| (Style::HanInBrackets, number, after));
    let arabic = || arabic_number(inner).map(|(number, after)| (Style::NumberInBrackets, number, after));
    let (style, number, after) = han.or_else(arabic)?;
    let after = skip_space(after).strip_prefix(lexicon::closes)?;
    (!is_mention(after)).then_some((style, number, rest.len() - after.len()))
}

/// Whether the words behind a number make it a mention.
fn is_mention(after: &str) -> bool {
    after.starts_with(|c| lexicon::AFTER_MENTION.contains(simplified(c)))
}

fn division(rest: &str) -> HeadingMatch {
    let after = rest.strip_prefix(lexicon::ORDINAL)?;
    let (number, after) = han_number(after).or_else(|| arabic_number(after))?;
    let (rank, after) = lexicon::division(after)?;
    let style = match rank {
        0 => Style::Part,
        1 => Style::Chapter,
        2 => Style::Section,
        _ => Style::Article,
    };
    (!is_mention(after)).then_some((style, number, rest.len() - after.len()))
}

fn han(rest: &str) -> HeadingMatch {
    let (number, after) = han_number(rest)?;
    let after = skip_blank(after).strip_prefix(lexicon::is_item_mark)?;
    let goes_on = |next: &str| next.starts_with(|c| lexicon::AFTER_ENUMERATION.contains(c));
    let enumeration = han_number(after).is_some_and(|(_, next)| goes_on(next));
    (!enumeration).then_some((Style::Han, number, rest.len() - after.len()))
}

fn arabic(rest: &str) -> HeadingMatch {
    let (number, after) = arabic_number(rest)?;
    let after = skip_blank(after);
    if let Some(after) = after.strip_prefix(lexicon::closes) {
        return Some((Style::NumberBeforeBracket, number, rest.len() - after.len()));
    }
    let after = after.strip_prefix(lexicon::is_number_mark)?;
    let decimal = after.starts_with(|c| digit(c).is_some()) && !starts_with_year(after);
    (!decimal).then_some((Style::Number, number, rest.len() - after.len()))
}

/// Whether a year comes next: `2020` and then the character for year, or a range of years.
fn starts_with_year(tail: &str) -> bool {
    let digits = tail.chars().take_while(|c| digit(*c).is_some()).count();
    let after = tail.chars().nth(digits);
    let century = tail.starts_with("20") || tail.starts_with("19");
    digits == 4 && century && after.is_some_and(|c| c == lexicon::YEAR || lexicon::RANGE_MARKS.contains(c))
}

fn in_circle(rest: &str) -> HeadingMatch {
    let c = rest.chars().next()?;
    let (number, circle) = lexicon::circled(c)?;
    let style = if circle { Style::Circle } else { Style::NumberInBrackets };
    Some((style, number, c.len_utf8()))
}

/// The longest numbers: "nine hundred and ninety-nine" has five numerals, with an "and" six.
const MOST_NUMERALS: usize = 6;
const MOST_DIGITS: usize = 3;

/// A number in Chinese numerals below 1000, and the text after it.
pub(super) fn han_number(text: &str) -> Option<(u32, &str)> {
    let (mut total, mut last, mut len) = (0_u32, 0_u32, 0);
    for c in text.chars().take(MOST_NUMERALS) {
        match numeral(c) {
            Some(place) if place >= 10 => {
                total += last.max(1) * place;
                last = 0;
            }
            Some(value) => last = value,
            None => break,
        }
        len += c.len_utf8();
    }
    (total + last > 0).then(|| (total + last, text.split_at(len).1))
}

/// A number of one to three digits, and the text after it.
fn arabic_number(text: &str) -> Option<(u32, &str)> {
    let (mut value, mut count, mut len) = (0, 0, 0);
    for c in text.chars().take(MOST_DIGITS + 1) {
        let Some(d) = digit(c) else { break };
        value = value * 10 + d;
        count += 1;
        len += c.len_utf8();
    }
    (count <= MOST_DIGITS && value > 0).then(|| (value, text.split_at(len).1))
}

/// The text after up to three blanks on the same line.
fn skip_space(text: &str) -> &str {
    let mut after = text.chars();
    for _ in text.chars().take(3).take_while(|c| is_space(*c) && !lexicon::is_break(*c)) {
        after.next();
    }
    after.as_str()
}

/// The text after one space, if it starts with one.
fn skip_blank(text: &str) -> &str {
    text.strip_prefix(' ').unwrap_or(text)
}

/// The start of the numeral that ends at `end`: digits or Chinese numerals, at most five of them.
pub(super) fn numeral_before(text: &str, end: usize) -> Option<usize> {
    let before = between(text, 0, end);
    let is_digit = before.ends_with(|c| digit(c).is_some());
    let of_numeral = |c: &char| if is_digit { digit(*c).is_some() } else { numeral(*c).is_some() };
    let len: usize = before.chars().rev().take(5).take_while(of_numeral).map(char::len_utf8).sum();
    (len > 0).then_some(end - len)
}
