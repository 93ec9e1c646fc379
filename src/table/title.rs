//! Reads titles of columns: "Lead agency", "Responsible (R)", and their Chinese forms.
//!
//! Input: the text of a cell. Output: the meaning of the column, and how sure it is. A title is the word of a role with
//! nouns ("agency"), perhaps with other words before it ("State lead agency") and a bracket, which is passed over.
//! Cost: titles of more than 120 bytes are none; the words of the others are looked up in short tables.

use std::borrow::Cow;

use crate::model::folded;
use crate::text::between;

use super::lexicon::{self, is_han, is_space, simplified};
use super::meaning::Meaning;

/// How sure the meaning of a title is. The surest column of a meaning counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sure {
    /// The title has no other words.
    Exactly,
    /// The title has other words before.
    Qualified,
    /// The title can be something else, too.
    Perhaps,
}

/// The meaning of a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Title {
    pub(super) meaning: Meaning,
    pub(super) sure: Sure,
    /// The cells have persons and units: in brackets or with a slash.
    pub(super) persons: bool,
}

/// A longer title is none, in bytes.
const LONGEST: usize = 120;
/// The most characters before the word of a role: "city-level", "rectification".
const MOST_BEFORE: usize = 6;

/// The meaning of a title; `None` for one that has none.
pub(super) fn read(text: &str) -> Option<Title> {
    if text.is_empty() || text.len() > LONGEST || text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let folded = folded(text);
    if !folded.chars().any(is_han) {
        let (plain, _) = without_brackets(&folded);
        return english(&plain);
    }
    let (both, plain) = lexicon::BOTH_ROLES;
    let written: String = folded.chars().filter(|c| !is_space(*c)).map(simplified).collect();
    let written = written.to_lowercase().replace(both, plain);
    let (plain, bracket) = without_brackets(&written);
    let mut title = han(&plain)?;
    title.persons |= title.meaning.names_units() && bracket.contains(lexicon::PERSON);
    Some(title)
}

/// The text outside and inside brackets.
fn without_brackets(text: &str) -> (Cow<'_, str>, String) {
    if !text.contains(lexicon::opens) {
        return (Cow::Borrowed(text), String::new());
    }
    let (mut outside, mut inside, mut depth) = (String::new(), String::new(), 0_usize);
    for c in text.chars() {
        if lexicon::opens(c) {
            depth += 1;
        } else if lexicon::closes(c) {
            depth = depth.saturating_sub(1);
        } else if depth == 0 {
            outside.push(c);
        } else {
            inside.push(c);
        }
    }
    (Cow::Owned(outside), inside)
}

fn title(meaning: Meaning, sure: Sure) -> Title {
    Title { meaning, sure, persons: false }
}

/// A title in Chinese.
fn han(text: &str) -> Option<Title> {
    let (inside, plain) = lexicon::JOINED_INSIDE;
    let text = text.trim_end_matches(lexicon::is_colon).replace(inside, plain);
    let mut found: Option<Title> = None;
    let mut persons = false;
    for part in text.split(lexicon::joins_titles).filter(|part| !part.is_empty()) {
        let Some(one) = han_part(part) else {
            // Nouns behind "and": "responsible units and departments".
            if found.is_none() && !lexicon::NOUNS.contains(&part) {
                return if part == text { None } else { han_part(&text) };
            }
            continue;
        };
        if one.meaning == Meaning::Person {
            persons = true;
            found = found.or(Some(one));
            continue;
        }
        found = Some(match found {
            Some(first) if first.meaning == Meaning::Person => one,
            // "Lead and supporting units": who leads is told by the order only.
            Some(first) if first.meaning != one.meaning && first.meaning.names_units() && one.meaning.names_units() => {
                title(Meaning::Responsible, first.sure)
            }
            Some(first) => first,
            None => one,
        });
    }
    let persons = persons && found.is_some_and(|found| found.meaning != Meaning::Person);
    found.map(|found| Title { persons, ..found })
}

fn han_part(part: &str) -> Option<Title> {
    if lexicon::PERSONS.iter().any(|word| part.ends_with(word)) {
        return Some(title(Meaning::Person, Sure::Exactly));
    }
    if lexicon::ASIDE.iter().any(|word| part.ends_with(word)) {
        return Some(title(Meaning::Ignore, Sure::Exactly));
    }
    if let Some((_, meaning)) = lexicon::ROLE_WORDS.iter().find(|(word, _)| *word == part) {
        return Some(title(*meaning, Sure::Exactly));
    }
    for head in lexicon::NOUNS.iter().filter_map(|noun| part.strip_suffix(noun)) {
        let role = lexicon::HEADS.iter().find_map(|(word, meaning)| Some((head.strip_suffix(word)?, *meaning)));
        if let Some((before, meaning)) = role
            && before.chars().count() <= MOST_BEFORE
        {
            return Some(title(meaning, if before.is_empty() { Sure::Exactly } else { Sure::Qualified }));
        }
    }
    if lexicon::WEAK.contains(&part) {
        return Some(title(Meaning::Responsible, Sure::Perhaps));
    }
    let words = lexicon::OTHER_COLUMNS;
    let ends = words.iter().find(|(word, _)| part.ends_with(word));
    let (_, meaning) = ends.or_else(|| words.iter().find(|(word, _)| part.contains(word)))?;
    Some(title(*meaning, Sure::Exactly))
}

/// The words of a title in English, in lower case and the singular, at most so many.
fn words_of(text: &str) -> Vec<String> {
    let separates = |c: char| !(c.is_alphanumeric() || c == '#');
    let words = text.split(separates).filter(|word| !word.is_empty()).take(MOST_WORDS + 1);
    words.map(|word| singular(&word.to_lowercase())).collect()
}

/// A title of more words is none.
const MOST_WORDS: usize = 8;

fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    let plural = |stem: &&str| stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']);
    word.strip_suffix('s').filter(plural).unwrap_or(word).to_owned()
}

/// A title in English.
fn english(text: &str) -> Option<Title> {
    let words = words_of(text);
    if words.is_empty() || words.len() > MOST_WORDS {
        return None;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let [letter] = *words {
        let meaning = match letter {
            "a" => Some(Meaning::Lead),
            "r" => Some(Meaning::Responsible),
            "c" => Some(Meaning::Consulted),
            "i" => Some(Meaning::Informed),
            _ => None,
        };
        if let Some(meaning) = meaning {
            return Some(title(meaning, Sure::Exactly));
        }
    }
    role(&words).or_else(|| weak(&words)).or_else(|| other(&words))
}

fn look_up(table: &[(&str, Meaning)], word: &str) -> Option<Meaning> {
    table.iter().find(|(wanted, _)| *wanted == word).map(|(_, meaning)| *meaning)
}

/// The role that a title gives: its words of roles, behind which only nouns come.
fn role(words: &[&str]) -> Option<Title> {
    let is_noun = |word: &&str| lexicon::ENGLISH_NOUNS.contains(word);
    let is_person = |word: &&str| matches!(*word, "person" | "people" | "individual" | "staff" | "officer");
    let of = |word: &&str| look_up(lexicon::ENGLISH_ROLES, word);
    let last = words.iter().rposition(|word| of(word).is_some())?;
    if !words.iter().skip(last + 1).all(&is_noun) {
        return None;
    }
    let has = |meaning| words.iter().any(|word| of(word) == Some(meaning));
    let joined = words.contains(&"and") || words.contains(&"or");
    let second = words.iter().any(|word| matches!(*word, "secondary" | "backup" | "deputy"));
    let partner_only = words.iter().all(|word| of(word) != Some(Meaning::Support) || *word == "partner");
    let meaning = if has(Meaning::CoLead) {
        Meaning::CoLead
    } else if second {
        Meaning::Support
    } else if has(Meaning::Lead) && has(Meaning::Support) {
        if joined || !partner_only { Meaning::Responsible } else { Meaning::Lead }
    } else {
        let order = [
            Meaning::Consulted,
            Meaning::Informed,
            Meaning::Lead,
            Meaning::Support,
            Meaning::Responsible,
            Meaning::Person,
        ];
        order.into_iter().find(|meaning| has(*meaning))?
    };
    let person = words.iter().any(is_person) && meaning == Meaning::Responsible;
    let all_known = words.iter().all(|word| of(word).is_some() || is_noun(word));
    let meaning = if person { Meaning::Person } else { meaning };
    Some(title(meaning, if all_known { Sure::Exactly } else { Sure::Qualified }))
}

/// A title of units without a word of a role.
fn weak(words: &[&str]) -> Option<Title> {
    let is_weak = words.len() == 1 && words.iter().all(|word| lexicon::ENGLISH_WEAK.contains(word));
    is_weak.then(|| title(Meaning::Responsible, Sure::Perhaps))
}

/// A title of another column.
fn other(words: &[&str]) -> Option<Title> {
    let (first, last) = (words.first()?, words.last()?);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    if (has(&["date", "time", "year", "quarter"]) && has(lexicon::ENGLISH_ENDS)) || has(&["due", "deadline"]) {
        return Some(title(Meaning::Deadline, Sure::Exactly));
    }
    if words.len() <= 2 && has(lexicon::ENGLISH_ASIDE) {
        return Some(title(Meaning::Ignore, Sure::Exactly));
    }
    let table = lexicon::ENGLISH_OTHER;
    let found = look_up(table, last).or_else(|| look_up(table, first).filter(|meaning| *meaning == Meaning::Task));
    if let Some(meaning) = found {
        return Some(title(meaning, Sure::Exactly));
    }
    has(lexicon::ENGLISH_THINGS).then(|| title(Meaning::Task, Sure::Perhaps))
}

/// Whether a text has a word of responsibility: a Chinese one anywhere, or an English title before a colon.
pub(super) fn speaks_of_duty(text: &str) -> bool {
    if text.chars().any(is_han) {
        let plain: String = text.chars().filter(|c| !is_space(*c)).map(simplified).collect();
        return lexicon::DUTY.iter().any(|word| plain.contains(word));
    }
    let mut before = text.char_indices().filter(|(_, c)| lexicon::is_colon(*c)).take(MOST_WORDS);
    before.any(|(at, _)| label(between(text, 0, at)).is_some())
}

/// The role that the words before a colon give to the units behind it.
pub(super) fn label(text: &str) -> Option<Title> {
    let text = text.trim_matches(lexicon::is_edge);
    let last = text.rsplit(['.', '!', '?']).next().unwrap_or(text);
    let found = read(last.trim())?;
    let names = found.meaning.names_units() || found.meaning == Meaning::Person;
    (names && found.sure == Sure::Exactly).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(text: &str) -> Option<Meaning> {
        read(text).map(|title| title.meaning)
    }

    #[test]
    fn titles_in_english_have_their_meanings() {
        for (text, expected) in [
            ("Lead agency", Meaning::Lead),
            ("LEAD DEPARTMENT(S)", Meaning::Lead),
            ("Project lead", Meaning::Lead),
            ("Owner", Meaning::Lead),
            ("Task owner(s)", Meaning::Lead),
            ("Accountable", Meaning::Lead),
            ("Accountable (A)", Meaning::Lead),
            ("Lead partner", Meaning::Lead),
            ("co_leads", Meaning::CoLead),
            ("Co-lead", Meaning::CoLead),
            ("Responsible Agency", Meaning::Responsible),
            ("Responsible", Meaning::Responsible),
            ("Lead and supporting agencies", Meaning::Responsible),
            ("Contributing Entities", Meaning::Support),
            ("Supporting", Meaning::Support),
            ("Secondary owner", Meaning::Support),
            ("Key partners", Meaning::Support),
            ("Consulted", Meaning::Consulted),
            ("Informed", Meaning::Informed),
            ("Assigned to", Meaning::Person),
            ("Person responsible", Meaning::Person),
            ("Responsible officer / team", Meaning::Person),
            ("Lead officer", Meaning::Lead),
            ("Accountable executive", Meaning::Lead),
            ("Office of Primary Responsibility (OPR)", Meaning::Lead),
            ("Led by", Meaning::Lead),
            ("In collaboration with", Meaning::Support),
            ("Due date", Meaning::Deadline),
            ("Target completion date", Meaning::Deadline),
            ("Timeline", Meaning::Deadline),
            ("#", Meaning::Number),
            ("No.", Meaning::Number),
            ("Task ID", Meaning::Key),
            ("Task", Meaning::Task),
            ("Action item", Meaning::Task),
            ("Actions", Meaning::Task),
            ("Activity / Task", Meaning::Task),
            ("Phase", Meaning::Section),
            ("Status", Meaning::Ignore),
            ("Owner email", Meaning::Ignore),
        ] {
            assert_eq!(meaning(text), Some(expected), "{text}");
        }
        for text in ["Lead time", "Supporting documents", "Top Mgmt", "Legal", "ISO", ""] {
            assert_eq!(meaning(text), None, "{text}");
        }
    }

    #[test]
    fn titles_in_chinese_have_their_meanings() {
        for (text, expected) in [
            ("牵头单位", Meaning::Lead),
            ("牵 头 单 位", Meaning::Lead),
            ("市级牵头单位", Meaning::Lead),
            ("牽頭單位", Meaning::Lead),
            ("主办单位", Meaning::Lead),
            ("主（協）辦機關", Meaning::Responsible),
            ("责任单位", Meaning::Responsible),
            ("责任部门（单位）", Meaning::Responsible),
            ("责任单位（责任人）", Meaning::Responsible),
            ("责任单位及责任人", Meaning::Responsible),
            ("责任单位/责任人", Meaning::Responsible),
            ("整改责任单位", Meaning::Responsible),
            ("县级责任单位", Meaning::Responsible),
            ("权责单位", Meaning::Responsible),
            ("牵头及配合单位", Meaning::Responsible),
            ("责任单位和部门", Meaning::Responsible),
            ("配合单位", Meaning::Support),
            ("配合单位（部门）", Meaning::Support),
            ("参与单位", Meaning::Support),
            ("協辦單位", Meaning::Support),
            ("督导单位", Meaning::Ignore),
            ("责任人", Meaning::Person),
            ("完成时限", Meaning::Deadline),
            ("整改时限", Meaning::Deadline),
            ("序号", Meaning::Number),
            ("任务", Meaning::Task),
            ("重点工作任务", Meaning::Task),
            ("类别", Meaning::Section),
            ("备注", Meaning::Ignore),
        ] {
            assert_eq!(meaning(text), Some(expected), "{text}");
        }
        assert!(read("责任单位（责任人）").unwrap().persons && read("责任单位及责任人").unwrap().persons);
        assert!(!read("责任部门（单位）").unwrap().persons);
        assert_eq!(meaning("市交通局"), None);
    }

    #[test]
    fn a_line_speaks_of_duty_by_its_words_or_its_label() {
        assert!(speaks_of_duty("附：由市交通局牵头") && speaks_of_duty("Lead agency: Transport"));
        assert!(!speaks_of_duty("Leadership matters: we care") && !speaks_of_duty("一、总则"));
    }
}
