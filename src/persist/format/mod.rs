//! The format of rows, as bytes. Knows nothing of states or of engines.
//!
//! All rows are in one ordered table. A key begins with a tag byte and ends with a part number; its numbers are
//! big-endian, so that ranges sort. A value longer than one row is cut into parts.
//!
//! | rows | key | an example | its key in bytes | value |
//! | --- | --- | --- | --- | --- |
//! | header | `h` part | the header | `68 0000` | generation, revision of the last checkpoint, counters, row counts |
//! | log | `l` revision part | commit 258 | `6c 0000000000000102 0000` | time, note, and the changes of one commit, each with what was and what is |
//! | units | `u` generation unit part | unit 7 of generation 1 | `75 00000001 00000007 0000` | canonical name, aliases, kind |
//! | task blocks | `t` generation block part | block 3 of generation 1, second part | `74 00000001 00000003 0001` | 64 neighbouring tasks: front-coded keys, units in order with their roles, details number, revision of the last change |
//! | postings | `p` generation unit role part | what unit 7 supports | `70 00000001 00000007 01 0000` | the task numbers, as gaps and runs |
//! | details | `d` details part | details 9 | `64 0000000000000009 0000` | title, text, source, fields |
//!
//! **Frame.** Every value is `[version u8][crc32 u32][parts u16][payload]`, little-endian. The crc covers the key,
//! the number of parts and the payload, so that no row can be taken for another, and no part be missing unnoticed.
//! The payload is bincode with a limit, and reading must use it up. Each row version has a frozen struct, since bincode
//! can't skip fields that it does not know.
//!
//! **Size.** No row, key and value, is above 4 KiB: for larger ones the engine writes side files that it never syncs.
//!
//! **Generations.** Units, task blocks and posting lists carry the generation in which they were written. A bulk load or
//! a repair, which rewrites everything, writes the rows of the next generation, in small batches, and then replaces the
//! header, which names the generation that counts. Rows of other generations are leftovers.
//!
//! **Posting lists are gaps, not serialised bitmaps.** A roaring container reaches 8 KiB and so can't be a row; cut to
//! size it costs two bytes per task, gaps cost one or two.
//!
//! **Units of a task** take three bytes each: 21 bits of number, 3 bits of role.
//!
//! **The revision that last changed a task** is that of most tasks of its block; the others are listed by their places.
//! In the log it is the revision of the row; what it was before is in the change.
//!
//! **Changes have both sides**, so that the log can be undone as well as applied. A change of a unit has only the facts
//! that differ: a unit may have a thousand aliases, and most changes touch one.

pub(crate) mod blocks;
pub(crate) mod frame;
pub(crate) mod gaps;
pub(crate) mod keys;
pub(crate) mod rows;
pub(crate) mod units;

pub(crate) use frame::{FormatError, MAX_PAYLOAD, Parts, RowBytes, decode, encode};
pub(crate) use keys::{Key, Row};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;

    #[test]
    fn the_keys_in_the_table_above_are_those_that_the_code_makes() {
        let made = [
            ("the header", Row::Header.part(0)),
            ("commit 258", Row::Log { revision: 258 }.part(0)),
            ("unit 7 of generation 1", Row::Unit { generation: 1, unit: 7 }.part(0)),
            ("block 3 of generation 1, second part", Row::Block { generation: 1, block: 3 }.part(1)),
            ("what unit 7 supports", Row::Posting { generation: 1, unit: 7, role: Role::Support }.part(0)),
            ("details 9", Row::Details { id: 9 }.part(0)),
        ];
        let table: Vec<Vec<&str>> = include_str!("mod.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | "))
            .map(|line| line.split(" | ").collect())
            .skip(2)
            .collect();
        assert_eq!(table.len(), made.len(), "a row is missing from the table or from this test");
        for (cells, (example, key)) in table.iter().zip(&made) {
            let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(cells[2], *example);
            assert_eq!(cells[3].replace(['`', ' '], ""), hex, "{example}");
            let tag = cells[1].trim_start_matches('`').chars().next();
            assert_eq!(tag.map(|tag| tag as u8), key.first().copied(), "{example}");
        }
    }
}
