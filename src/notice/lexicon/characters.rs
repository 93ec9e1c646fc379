//! The characters of notices, as data: marks, spaces, numerals, brackets, and traditional characters with their
//! simplified ones.

use crate::notice::token::Kind;

/// The kind of a structural mark of three bytes, by its number. All other characters are text.
#[inline]
pub(in crate::notice) fn kind_of(c: u32) -> Option<Kind> {
    Some(match c {
        // Lines within a cell of a table, which are separated by U+2028, are members of a list.
        0x3001 | 0x2028 => Kind::Item,
        0x3002 | 0xFF01 | 0xFF1F => Kind::Stop,
        0xFF0C => Kind::Comma,
        0xFF1B => Kind::Semi,
        0xFF1A | 0xFE55 | 0xFE30 | 0x2236 => Kind::Colon,
        0xFF08 | 0x3014 | 0x3010 | 0xFF3B | 0x3016 => Kind::Open,
        0xFF09 | 0x3015 | 0x3011 | 0xFF3D | 0x3017 => Kind::Close,
        0xFF5C => Kind::Pipe,
        0xFF0E | 0xFE52 => Kind::Dot,
        0x2460..=0x2487 => Kind::Circled,
        0x2605 | 0x2606 | 0x203B | 0xFF0A | 0x25B2 | 0x25CF => Kind::Star,
        0x7275 | 0x727D => Kind::Lead,
        0x8D1F | 0x8CA0 => Kind::Duty,
        0x7B2C | 0x9996 | 0x9017 => Kind::Order,
        0x518D => Kind::Again,
        _ => return None,
    })
}

/// Traditional characters of the words of the lexicon, each with its simplified one.
#[rustfmt::skip]
const TRADITIONAL: &[(char, char)] = &[
    ('責', '责'), ('單', '单'), ('門', '门'), ('牽', '牵'), ('頭', '头'), ('負', '负'), ('辦', '办'), ('協', '协'),
    ('參', '参'), ('與', '与'), ('會', '会'), ('關', '关'), ('實', '实'), ('職', '职'), ('區', '区'), ('縣', '县'),
    ('廳', '厅'), ('級', '级'), ('員', '员'), ('構', '构'), ('領', '领'), ('導', '导'), ('時', '时'), ('間', '间'),
    ('進', '进'), ('機', '机'), ('體', '体'), ('處', '处'), ('總', '总'), ('團', '团'), ('聯', '联'), ('隊', '队'),
    ('專', '专'), ('務', '务'), ('場', '场'), ('際', '际'), ('鎮', '镇'), ('鄉', '乡'), ('國', '国'), ('銀', '银'),
    ('學', '学'), ('醫', '医'), ('據', '据'), ('結', '结'), ('執', '执'), ('擔', '担'), ('為', '为'), ('個', '个'),
    ('號', '号'), ('餘', '余'), ('須', '须'), ('應', '应'), ('項', '项'), ('標', '标'), ('條', '条'), ('節', '节'),
    ('編', '编'), ('業', '业'), ('認', '认'), ('組', '组'), ('織', '织'), ('貫', '贯'), ('徹', '彻'), ('別', '别'),
    ('積', '积'), ('極', '极'), ('動', '动'), ('統', '统'), ('籌', '筹'), ('權', '权'), ('計', '计'), ('劃', '划'),
    ('設', '设'), ('開', '开'), ('發', '发'), ('黨', '党'), ('駐', '驻'), ('兩', '两'), ('萬', '万'), ('億', '亿'),
    ('從', '从'), ('將', '将'), ('給', '给'), ('讓', '让'), ('該', '该'), ('長', '长'), ('續', '续'), ('內', '内'),
    ('監', '监'), ('顧', '顾'), ('館', '馆'), ('臺', '台'), ('優', '优'), ('請', '请'), ('並', '并'), ('線', '线'),
    ('規', '规'), ('點', '点'), ('見', '见'), ('報', '报'), ('層', '层'), ('戰', '战'), ('議', '议'), ('選', '选'), ('後', '后'), ('簡', '简'),
];

/// One bit for each character of [`TRADITIONAL`], by the lower twelve bits of its number: 512 bytes. It tells 97 of 100
/// other characters without a search.
#[expect(clippy::indexing_slicing, reason = "it runs in the compiler, which refuses a place out of bounds")]
const MAYBE_TRADITIONAL: [u64; 64] = {
    let mut bits = [0; 64];
    let mut rest = TRADITIONAL;
    while let [(c, _), more @ ..] = rest {
        let place = *c as usize % 4096;
        bits[place / 64] |= 1 << (place % 64);
        rest = more;
    }
    bits
};

/// The simplified character of a traditional one; others as they are.
#[inline]
#[expect(clippy::indexing_slicing, reason = "the place is below 4096, so that the word is below 64")]
pub(in crate::notice) fn simplified(c: char) -> char {
    if c < '\u{4E00}' {
        return c;
    }
    let place = c as usize % 4096;
    let bits = MAYBE_TRADITIONAL[place / 64];
    if bits >> (place % 64) & 1 == 0 { c } else { in_table(c) }
}

fn in_table(c: char) -> char {
    TRADITIONAL.iter().find(|(traditional, _)| *traditional == c).map_or(c, |(_, simplified)| *simplified)
}

/// Whether white space can begin with this byte. A test before decoding for [`is_space`].
#[inline]
pub(in crate::notice) fn may_begin_space(b: u8) -> bool {
    b <= b' ' || matches!(b, 0xC2 | 0xE2 | 0xE3 | 0xEF)
}

/// "Is", between a unit and the words that say it leads.
pub(in crate::notice) fn is_joined_by_is(c: char) -> bool {
    matches!(simplified(c), '为' | '是')
}

/// Whether a mark that is not structural separates names.
pub(in crate::notice) fn is_slash(c: char) -> bool {
    matches!(c, '/' | '／' | '；' | ';')
}

/// Whether a character is white space, including the kinds that web pages leave.
#[inline]
pub(in crate::notice) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{B}' | '\u{A0}' | '\u{3000}' | '\u{FEFF}' | '\u{200B}'..='\u{200D}' | '\u{2002}'..='\u{200A}' | '\u{2028}')
}

/// Whether a character can be around a name without belonging to it.
#[rustfmt::skip]
pub(in crate::notice) fn is_edge(c: char) -> bool {
    is_space(c) || matches!(c,
        '、' | '，' | '。' | '；' | '：' | ',' | ';' | ':' | '.' | '．' | '＊' | '“' | '”' | '"' | '|' | '｜' | '!'
        | '?' | '！' | '？' | '—' | '–' | '…' | '\'' | '\u{2236}' | '‘' | '’' | '「' | '」' | '『' | '』'
    ) || is_bullet(c) || is_markup(c)
}

/// Whether a character is a mark at the start of an item without a number.
#[rustfmt::skip]
pub(in crate::notice) fn is_bullet(c: char) -> bool {
    matches!(c, '◆' | '◇' | '■' | '□' | '▪' | '◎' | '○' | '►' | '▶' | '➢' | '>' | '＞' | '-' | '•'
        | '·' | '●' | '▲' | '★' | '☆' | '※')
}

/// The mark of bold type in Markdown.
pub(in crate::notice) const BOLD: &str = "**";

/// Whether a character is a mark of Markdown that can be around words.
pub(in crate::notice) fn is_markup(c: char) -> bool {
    matches!(c, '*' | '_' | '`' | '#')
}

/// Whether a character is a Kangxi radical.
pub(in crate::notice) fn is_radical(c: char) -> bool {
    ('\u{2F00}'..='\u{2FD5}').contains(&c)
}

/// Whether a line ends here: a line feed, or the vertical tab of word processors.
pub(in crate::notice) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\u{B}')
}

/// Whether a character separates the cells of a row, besides the tab.
pub(in crate::notice) fn is_bar(c: char) -> bool {
    matches!(c, '|' | '｜')
}

/// Whether a quotation can end here.
pub(in crate::notice) fn closes_quote(c: char) -> bool {
    matches!(c, '”' | '’' | '」' | '』' | '"')
}

/// Whether the title of a document or a book ends here.
pub(in crate::notice) fn closes_book(c: char) -> bool {
    matches!(c, '》' | '〉')
}

/// Whether a quotation can begin here.
pub(in crate::notice) fn opens_quote(c: char) -> bool {
    matches!(c, '“' | '‘' | '「' | '『' | '"')
}

pub(in crate::notice) fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => Some(u32::from(c) - u32::from('0')),
        '０'..='９' => Some(u32::from(c) - u32::from('０')),
        _ => None,
    }
}

/// The value of a Chinese numeral: below 10 a digit, else a factor.
#[rustfmt::skip]
pub(in crate::notice) fn numeral(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '零' => 0,
        '一' => 1, '二' => 2, '三' => 3, '四' => 4, '五' => 5, '六' => 6, '七' => 7, '八' => 8, '九' => 9,
        '十' => 10, '百' => 100,
        _ => return None,
    })
}

/// The value of a numeral in a circle or in brackets of its own, and whether it is a circle.
pub(in crate::notice) fn circled(c: char) -> Option<(u32, bool)> {
    match c {
        '①'..='⑳' => Some((u32::from(c) - u32::from('①') + 1, true)),
        '⑴'..='⒇' => Some((u32::from(c) - u32::from('⑴') + 1, false)),
        _ => None,
    }
}

/// The rank of the word of a numbered division with which a text starts, and the text after it.
pub(in crate::notice) fn division(text: &str) -> Option<(u8, &str)> {
    let mut chars = text.chars();
    let rank = match simplified(chars.next()?) {
        '编' | '篇' => 0,
        '部' if chars.next() == Some('分') => 0,
        '章' => 1,
        '节' => 2,
        '条' => 3,
        _ => return None,
    };
    Some((rank, chars.as_str()))
}
pub(in crate::notice) const ORDINAL: char = '第';
/// "Article three of", "article three and": a mention, not a heading.
pub(in crate::notice) const AFTER_MENTION: &str = "的规第款项条至和、或及与所中";
/// Before a numeral in brackets: "item (three) of annex".
pub(in crate::notice) const BEFORE_MENTION: &str = "第件表图";
/// After "one,": "first, second prize" is no heading.
pub(in crate::notice) const AFTER_ENUMERATION: &str = "、等类";
pub(in crate::notice) const YEAR: char = '年';
pub(in crate::notice) const RANGE_MARKS: &str = "-—–－~～至";

pub(in crate::notice) fn is_item_mark(c: char) -> bool {
    matches!(c, '、' | '.' | '．' | '﹒' | '，')
}

pub(in crate::notice) fn is_number_mark(c: char) -> bool {
    matches!(c, '、' | '.' | '．' | '﹒')
}

pub(in crate::notice) fn opens(c: char) -> bool {
    matches!(c, '(' | '（' | '[' | '〔' | '【' | '［' | '〖')
}

pub(in crate::notice) fn is_colon(c: char) -> bool {
    matches!(c, '：' | ':' | '﹕' | '︰' | '\u{2236}')
}

/// Whether a bracket can hold a label alone.
pub(in crate::notice) fn opens_label(c: char) -> bool {
    matches!(c, '[' | '【' | '［' | '〖')
}

pub(in crate::notice) fn closes(c: char) -> bool {
    matches!(c, ')' | '）' | ']' | '〕' | '】' | '］' | '〗')
}

pub(in crate::notice) fn is_clause_comma(c: char) -> bool {
    matches!(c, '，' | ',' | '。' | '；' | ';')
}

pub(in crate::notice) fn is_star(c: char) -> bool {
    matches!(c, '*' | '＊' | '★' | '☆' | '※' | '▲' | '●')
}

/// Whether a sentence ends here and no list goes on.
pub(in crate::notice) fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '）' | ')' | '〕' | ']' | '】')
}

pub(in crate::notice) fn is_of_date(c: char) -> bool {
    digit(c).is_some() || matches!(c, '年' | '月' | '日' | '底' | '前')
}

pub(in crate::notice) fn is_word(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

pub(in crate::notice) fn is_full_stop(c: char) -> bool {
    matches!(c, '。' | '；' | ';' | '！')
}

/// Whether a list goes on behind it.
pub(in crate::notice) fn joins(c: char) -> bool {
    matches!(c, '、' | '，' | ',')
}

/// Whether a clause can leave the character before the text of the next task.
pub(in crate::notice) fn is_leftover(c: char) -> bool {
    is_space(c) || matches!(c, '。' | '；' | ';' | '，' | ',' | '、' | '：' | ':')
}

pub(in crate::notice) fn is_stop(c: char) -> bool {
    matches!(c, '。' | '；' | ';' | '！' | '？' | '!' | '?' | '：' | ':')
}
