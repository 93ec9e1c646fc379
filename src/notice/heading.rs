//! Recognises the number of a heading at a place in the text. Knows the styles, not how headings nest.

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

/// How many styles there are.
pub(super) const STYLES: usize = 10;

/// The number of a heading, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) style: Style,
    pub(super) number: u32,
    pub(super) span: Span,
}

/// The heading number that begins here, if one does.
pub(super) fn marker_at(text: &str, at: usize) -> Option<Marker> {
    let rest = text.get(at..)?;
    let (style, number, len) = in_brackets(rest)
        .or_else(|| division(rest))
        .or_else(|| han(rest))
        .or_else(|| arabic(rest))
        .or_else(|| in_circle(rest))?;
    Some(Marker { style, number, span: Span::new(at, at + len) })
}

type Found = Option<(Style, u32, usize)>;

fn in_brackets(rest: &str) -> Found {
    let open = rest.chars().next().filter(|c| lexicon::opens(*c))?;
    let inner = skip_space(rest, open.len_utf8());
    let (style, number, len) = match han_number(rest.get(inner..)?) {
        Some((number, len)) => (Style::HanInBrackets, number, len),
        None => arabic_number(rest.get(inner..)?).map(|(number, len)| (Style::NumberInBrackets, number, len))?,
    };
    let end = skip_space(rest, inner + len);
    let close = rest.get(end..)?.chars().next().filter(|c| lexicon::closes(*c))?;
    let end = end + close.len_utf8();
    let mention = rest.get(end..)?.chars().next().is_some_and(|c| lexicon::AFTER_MENTION.contains(simplified(c)));
    (!mention).then_some((style, number, end))
}

fn division(rest: &str) -> Found {
    let after = rest.strip_prefix(lexicon::ORDINAL)?;
    let start = rest.len() - after.len();
    let (number, len) = han_number(after).or_else(|| arabic_number(after))?;
    let (rank, unit) = lexicon::division(after.get(len..)?)?;
    let style = match rank {
        0 => Style::Part,
        1 => Style::Chapter,
        2 => Style::Section,
        _ => Style::Article,
    };
    let end = start + len + unit;
    let mention = rest.get(end..)?.chars().next().is_some_and(|c| lexicon::AFTER_MENTION.contains(simplified(c)));
    (!mention).then_some((style, number, end))
}

fn han(rest: &str) -> Found {
    let (number, len) = han_number(rest)?;
    let at = skip_blank(rest, len);
    let mark = rest.get(at..)?.chars().next().filter(|c| lexicon::is_item_mark(*c))?;
    let end = at + mark.len_utf8();
    let tail = rest.get(end..)?;
    let enumeration = han_number(tail).is_some_and(|(_, len)| {
        tail.get(len..).and_then(|t| t.chars().next()).is_some_and(|c| lexicon::AFTER_ENUMERATION.contains(c))
    });
    (!enumeration).then_some((Style::Han, number, end))
}

fn arabic(rest: &str) -> Found {
    let (number, len) = arabic_number(rest)?;
    let at = skip_blank(rest, len);
    let mark = rest.get(at..)?.chars().next()?;
    let end = at + mark.len_utf8();
    if lexicon::closes(mark) {
        return Some((Style::NumberBeforeBracket, number, end));
    }
    if !lexicon::is_number_mark(mark) {
        return None;
    }
    let tail = rest.get(end..)?;
    let fine = !tail.starts_with(|c| digit(c).is_some()) || starts_with_year(tail);
    fine.then_some((Style::Number, number, end))
}

/// Whether a year comes next: `2020` and then the character for year, or a range of years.
fn starts_with_year(tail: &str) -> bool {
    let digits = tail.chars().take_while(|c| digit(*c).is_some()).count();
    let after = tail.chars().nth(digits);
    let century = tail.starts_with("20") || tail.starts_with("19");
    digits == 4 && century && after.is_some_and(|c| c == lexicon::YEAR || lexicon::RANGE_MARKS.contains(c))
}

fn in_circle(rest: &str) -> Found {
    let c = rest.chars().next()?;
    let (number, circle) = lexicon::circled(c)?;
    let style = if circle { Style::Circle } else { Style::NumberInBrackets };
    Some((style, number, c.len_utf8()))
}

/// A number in Chinese numerals below 1000, and how long it is.
pub(super) fn han_number(text: &str) -> Option<(u32, usize)> {
    let (mut total, mut last, mut len) = (0_u32, 0_u32, 0);
    for c in text.chars().take(6) {
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
    (len > 0 && total + last > 0).then_some((total + last, len))
}

/// A number of one to three digits, and how long it is.
fn arabic_number(text: &str) -> Option<(u32, usize)> {
    let (mut value, mut len, mut count) = (0, 0, 0);
    for c in text.chars().take(4) {
        let Some(d) = digit(c) else { break };
        value = value * 10 + d;
        len += c.len_utf8();
        count += 1;
    }
    ((1..=3).contains(&count) && value > 0).then_some((value, len))
}

fn skip_space(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    let mut end = at;
    for c in rest.chars().take(3).take_while(|c| is_space(*c) && *c != '\n') {
        end += c.len_utf8();
    }
    end
}

fn skip_blank(text: &str, at: usize) -> usize {
    at + usize::from(text.get(at..).is_some_and(|rest| rest.starts_with(' ')))
}

/// Where the numeral that ends at `end` begins: the digits or the Chinese numerals before it.
pub(super) fn numeral_before(text: &str, end: usize) -> Option<usize> {
    let before = text.get(..end)?;
    let is_digit = before.chars().next_back().is_some_and(|c| digit(c).is_some());
    let mut start = end;
    for c in before.chars().rev().take(5) {
        let of_it = if is_digit { digit(c).is_some() } else { numeral(c).is_some() };
        if !of_it {
            break;
        }
        start -= c.len_utf8();
    }
    (start < end).then_some(start)
}
