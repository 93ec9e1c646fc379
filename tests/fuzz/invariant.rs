//! The invariant of every reading, and random texts to check it with. Shared by the short run in the tests and the long
//! run in `tests/fuzz`.

#![allow(clippy::indexing_slicing, reason = "a place out of bounds is a fault of the program that looks for faults")]

use std::collections::HashSet;

use responsibility_index::notice::{Notice, Reader, Span};

/// Reads a text in two ways and checks the invariant.
///
/// # Panics
/// The invariant does not hold.
pub(crate) fn check(text: &str) {
    for notice in [Notice::read(text), Reader::new().accept_convention(false).add_units_everywhere(true).read(text)] {
        let inside = |span: Span| assert!(text.get(span.start..span.end).is_some(), "{span:?} is not in {text:?}");
        let mut keys = HashSet::new();
        for task in notice.tasks() {
            inside(task.text_span());
            inside(task.clause_span());
            assert!(task.due().is_none() || task.deadline().is_some());
            assert!(!task.lead().is_empty() && task.line() > 0 && task.column() > 0, "{task:?} in {text:?}");
            assert!(keys.insert(task.key("p")), "the key of {task:?} occurs twice in {text:?}");
            let section = task.section();
            let above = (1..=section.len()).filter_map(|depth| notice.heading_of(&section[..depth]));
            assert_eq!(above.count(), section.len(), "{task:?} in {text:?}");
            let units: Vec<&str> = task.units().collect();
            assert_eq!(units.iter().collect::<HashSet<_>>().len(), units.len(), "{task:?} in {text:?}");
        }
        let mut last = (0, 0);
        for heading in notice.headings() {
            let place = (heading.line(), heading.column());
            assert!(last < place, "{heading:?} in {text:?}");
            last = place;
            let same = notice.heading_of(heading.path());
            assert_eq!(same.map(|same| (same.line(), same.column())), Some(place), "{heading:?} in {text:?}");
        }
        for finding in notice.findings() {
            inside(finding.span());
            assert!(finding.line() > 0 && !finding.to_string().is_empty());
        }
        for report in notice.yearly_reports() {
            inside(report.span());
            let obligation = report.obligation("yearly", "p", jiff::civil::Date::constant(2016, 1, 1));
            assert!(obligation.to.as_deref() != Some("") && !obligation.copies.contains(&String::new()));
        }
        for (_, span) in notice.rules() {
            inside(span);
        }
        let pairs: usize = notice.units().map(|unit| unit.leads() + unit.supports()).sum();
        assert_eq!(pairs, notice.tasks().map(|task| task.units().count()).sum::<usize>());
    }
}

/// Makes texts from a seed.
pub(crate) struct Mutator {
    numbers: fastrand::Rng,
    buffer: String,
}

const PIECES: [&str; 124] = [
    "\u{B}",
    "\"",
    "\t\"",
    "\"\n",
    "<br>",
    "**",
    "### ",
    "- ",
    "∶",
    "整改措施：\n",
    "市级",
    "权责单位",
    "主（協）辦機關",
    "责任单位、责任人",
    "联系电话",
    "（张三）",
    "分管副市长",
    "企业",
    "同上",
    "责任单位\t",
    "每年11月底前",
    "每年",
    "向省政府报告",
    "报送",
    "抄送",
    "完成时限：2021年11月31日前",
    "12月31日",
    "【责任单位】",
    "各市",
    "县级市",
    "党委",
    "人民政府",
    "德宏片区管委会",
    "虹桥街道办事处",
    "及林区政府",
    "指导",
    "第一部分",
    "第二章",
    "附件",
    "同上",
    "（",
    "）",
    "(",
    ")",
    "〔",
    "〕",
    "[",
    "]",
    "【",
    "】",
    "、",
    "，",
    "。",
    "；",
    "：",
    ":",
    ",",
    ";",
    "\n",
    " ",
    "\t",
    "|",
    "　",
    "*",
    "★",
    "责任单位",
    "牵头单位",
    "配合单位",
    "责 任 单 位",
    "责任领导",
    "完成时限",
    "其他责任单位",
    "牵头",
    "负责",
    "配合",
    "按职责分工负责",
    "会同",
    "等",
    "和",
    "及",
    "以及",
    "与",
    "由",
    "各",
    "各区、县（市）政府",
    "有关部门",
    "省",
    "市",
    "县",
    "区",
    "委",
    "省科技厅",
    "财政局",
    "市委组织部（人才办）",
    "各地区",
    "广州",
    "深圳市政府",
    "集团",
    "列第一位的为牵头单位",
    "下同",
    "第一个逗号前为牵头单位",
    "以下均需各区政府落实，不再列出",
    "一、",
    "二、",
    "（一）",
    "（三）",
    "1.",
    "2．",
    "3、",
    "①",
    "第一章 ",
    "第二条 ",
    "2020年底前",
    "8.5%",
    "做好工作",
    "a",
    "\u{0}",
    "\u{FEFF}",
    "🀄",
    "é",
    "責任單位",
    "牽頭",
    "\r\n",
    "序号\t任务\t责任单位\n",
];

/// Contents of cells, and parts of sentences on lines without cells.
const CELLS: [&str; 16] = [
    "",
    "",
    " ",
    "1",
    "修路",
    "任务",
    "责任单位",
    "牵头单位",
    "配合单位",
    "甲局",
    "甲局、乙局",
    "甲局负责",
    "甲局牵头，乙局配合",
    "责任单位：甲局",
    "（甲局负责）",
    "修路。",
];

impl Mutator {
    /// The same seed makes the same texts.
    pub(crate) fn new(seed: u64) -> Mutator {
        Mutator { numbers: fastrand::Rng::with_seed(seed), buffer: String::new() }
    }

    /// Below `end`; 0 when that is 0.
    fn below(&mut self, end: usize) -> usize {
        self.numbers.usize(..end.max(1))
    }

    fn piece(&mut self) -> &'static str {
        PIECES[self.below(PIECES.len())]
    }

    /// Arbitrary bytes, made valid UTF-8.
    pub(crate) fn bytes(&mut self, most: usize) -> String {
        let count = self.below(most);
        let bytes: Vec<u8> = (0..count).map(|_| self.numbers.u8(..)).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Words and marks of notices in any order.
    pub(crate) fn pieces(&mut self, most: usize) -> String {
        self.buffer.clear();
        for _ in 0..self.below(most) {
            let piece = self.piece();
            self.buffer.push_str(piece);
        }
        self.buffer.clone()
    }

    /// Lines of tables, forms and sentences in any order.
    pub(crate) fn lines(&mut self, most: usize) -> String {
        let mut lines = String::new();
        for _ in 0..self.below(most) {
            lines.push_str(CELLS[self.below(CELLS.len())]);
            lines.push_str(["\t", "\t", "\n", "\n", "|", ""][self.below(6)]);
        }
        lines
    }

    /// A stretch of a text with pieces removed, doubled, reversed and inserted.
    pub(crate) fn mutated(&mut self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        let start = self.below(chars.len());
        let end = (start + 1 + self.below(1200)).min(chars.len());
        chars = chars[start..end].to_vec();
        for _ in 0..1 + self.below(12) {
            let at = self.below(chars.len());
            let to = (at + self.below(20)).min(chars.len());
            match self.below(4) {
                0 => drop(chars.drain(at..to)),
                1 => {
                    let copy = chars[at..to].to_vec();
                    chars.splice(at..at, copy);
                }
                2 => {
                    chars.splice(at..at, self.piece().chars());
                }
                _ => chars[at..to].reverse(),
            }
            if chars.is_empty() {
                break;
            }
        }
        chars.into_iter().collect()
    }
}

/// Texts of about the given length whose parts tempt a parser to look at the same place again and again.
pub(crate) fn hostile(bytes: usize) -> Vec<String> {
    let units = [
        "（",
        "((",
        "(()",
        "（、",
        "（责任单位：",
        "责任单位：",
        "配合单位：",
        "牵头单位：市科技局配合单位：",
        "市科技局、",
        "市科技局和",
        "等",
        "：",
        "、",
        "，",
        "。",
        "一、",
        "（一）",
        "1.",
        "①",
        "负责",
        "市科技局负责，",
        "由市科技局牵头，",
        "会同",
        "各区、",
        " ",
        "\n",
        "\t",
        "|",
        "第一",
        "第一位",
        "以下均需",
        "以下均需、",
        "不再",
        "不再列出，",
        "省",
        "市",
        "市科技局市",
        "责 ",
        "*",
        "（责任单位：市科技局）",
        "1.甲。（市科技局负责）",
        "（牵头单位：市科技局）（配合单位：市财政局）",
        "责任单位：市科技局\n",
        "序号\t责任单位\n",
        "1\t市科技局\n",
        "（责任单位：市科技局\n",
        "按职责分工",
        "配合单位：\n",
        "字",
    ];
    let mut texts: Vec<String> = units.iter().map(|unit| unit.repeat(bytes / unit.len())).collect();
    // Long punctuation or blank lines, and then something that looks back over them.
    for (before, unit) in [
        ("、", "责任单位：x"),
        ("【", "责任领导：x"),
        ("、", "；市级责任单位：x"),
        ("*", "责任单位：x"),
        ("（责任单位：市科技局）、", "x（配合单位：市财政局）"),
        ("（责任单位：市科技局）、", "x①"),
        ("、", "市科技局负责x。"),
    ] {
        let (start, mark) = before.split_at(before.char_indices().last().map_or(0, |(at, _)| at));
        texts.push(start.to_owned() + &mark.repeat(bytes / 2 / mark.len()) + &unit.repeat(bytes / 2 / unit.len()));
    }
    let blank_line = " ".repeat(70) + "\n";
    texts.push(format!("一、甲\n乙\n{}丙（责任单位：市科技局）", blank_line.repeat(bytes / blank_line.len())));
    texts.push(
        (0..bytes / 40)
            .map(|n| format!("（责任单位：市{}局）", char::from_u32(0x4E00 + n as u32 % 20_000).unwrap_or('a')))
            .collect(),
    );
    texts
}
