//! The format of rows, as bytes. Knows nothing of states or of engines.
//!
//! The log has its own items, see [`items`].
//!
#![doc = include_str!("rows.md")]

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
        let table: Vec<Vec<&str>> = include_str!("rows.md")
            .lines()
            .filter_map(|line| line.strip_prefix("| "))
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
