//! The format of rows, as bytes. Knows nothing of states or of engines.
//!
//! All rows are in one ordered table. A key begins with a tag byte and ends with a part number; its numbers are
//! big-endian, so that ranges sort. A value longer than one row is cut into parts.
//!
//! | rows | key | an example | its key in bytes | value |
//! | --- | --- | --- | --- | --- |
//! | header | `h` part | the header | `68 0000` | log, revision and entry of the checkpoint, generation, counts |
//! | units | `u` generation first part | units of generation 1 from 7 on | `75 0000000000000001 00000007 0000` | canonical name, aliases, kind, members and end of each |
//! | task blocks | `t` generation block part | block 3 of generation 1, second part | `74 0000000000000001 00000003 0001` | 256 neighbouring tasks: front-coded keys, units in order with their roles, details number, last change |
//! | postings | `p` generation first part | lists of generation 1 from 9 on | `70 0000000000000001 00000009 0000` | the task numbers of each list, as gaps and runs; the number of a list is five times the unit's number plus the place of the role: lead 0, co-lead 1, support 2, consulted 3, informed 4 |
//! | facts | `x` generation bucket part | bucket 5 of generation 1 | `78 0000000000000001 00000005 0000` | lineage events, obligations and reports whose keys have this hash, below 1,024; a bucket without facts has no row |
//!
//! **Frame.** Every value is `[version u8][crc32 u32][parts u16][payload]`, little-endian. The crc covers the key,
//! the number of parts and the payload, so that no row can be taken for another, and no part be missing unnoticed.
//! The payload is bincode with a limit, and reading must use it up. Each row version has a frozen struct, since bincode
//! can't skip fields that it does not know.
//!
//! **Size.** No row, key and value, is above 4 KiB: for larger ones the engine writes side files that it never syncs.
//!
//! **Runs.** Units and posting lists are small, and the engine takes as long for a small row as for a large one. So a row
//! has as many neighbouring ones as fit into 4 KiB. A row that grows is cut in two.
//!
//! **Generations.** All rows but the header carry the generation in which they were written: a random number. Where most
//! rows change, those of a new generation are written in small batches, and then the header, which names the generation
//! that counts. Rows of other generations are leftovers.
//!
//! **Posting lists are gaps, not serialised bitmaps.** A roaring container reaches 8 KiB and so can't be a row; cut to
//! size it costs two bytes per task, gaps cost one or two.
//!
//! **The log** has its own items, see [`items`].

pub(crate) mod blocks;
pub(crate) mod days;
pub(crate) mod facts;
pub(crate) mod frame;
pub(crate) mod gaps;
pub(crate) mod items;
pub(crate) mod keys;
pub(crate) mod members;
pub(crate) mod rows;

pub(crate) use frame::{FormatError, MAX_PAYLOAD, MAX_ROW, Parts, RowBytes, decode, encode};
pub(crate) use keys::Row;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_in_the_table_above_are_those_that_the_code_makes() {
        let made = [
            ("the header", Row::Header.part(0)),
            ("units of generation 1 from 7 on", Row::Units { generation: 1, first: 7 }.part(0)),
            ("block 3 of generation 1, second part", Row::Block { generation: 1, block: 3 }.part(1)),
            ("lists of generation 1 from 9 on", Row::Postings { generation: 1, first: 9 }.part(0)),
            ("bucket 5 of generation 1", Row::Facts { generation: 1, bucket: 5 }.part(0)),
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
