//! The frame around every value: version, crc, parts. Knows nothing of the values.

use bincode::config::{self, Configuration, Limit, LittleEndian, Varint};
use serde::Serialize;
use serde::de::Deserialize;

use super::keys::{Key, Row};
use crate::model::{Corrupt, Error};

/// A key and a value, ready to be written.
pub(crate) type RowBytes = (Key, Vec<u8>);

/// The largest payload of a row, all parts together, in bytes.
pub(crate) const MAX_PAYLOAD: usize = 64 << 20;
/// The most bytes of a row, key and value together.
pub(crate) const MAX_ROW: usize = 4096;
/// The version of every frame and of the structs inside.
const VERSION: u8 = 1;
/// Bytes of a frame before its payload: version, crc, parts.
const FRAME: usize = 7;

/// Why a row can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(crate) struct FormatError {
    pub(crate) row: String,
    pub(crate) why: String,
}

impl FormatError {
    pub(crate) fn new(row: impl ToString, why: impl ToString) -> FormatError {
        FormatError { row: row.to_string(), why: why.to_string() }
    }

    fn of_key(key: &[u8], why: impl ToString) -> FormatError {
        match Row::parse(key) {
            Some((row, 0)) => FormatError::new(row, why),
            Some((row, part)) => FormatError::new(format!("{row}, part {part}"), why),
            None => FormatError::new(format!("{key:02x?}"), why),
        }
    }
}

impl From<FormatError> for Error {
    fn from(error: FormatError) -> Error {
        Corrupt::Row { key: error.row, why: error.why }.into()
    }
}

fn bincode_config() -> Configuration<LittleEndian, Varint, Limit<MAX_PAYLOAD>> {
    config::standard().with_limit::<MAX_PAYLOAD>()
}

/// Encodes a value as the framed parts of a row.
pub(crate) fn encode<T: Serialize>(row: Row, value: &T) -> Result<Vec<RowBytes>, FormatError> {
    // 95 % of values are shorter; growing a buffer costs more than encoding.
    let mut payload = Vec::with_capacity(2_048);
    bincode::serde::encode_into_std_write(value, &mut payload, bincode_config())
        .map_err(|why| FormatError::new(row, why))?;
    if payload.len() > MAX_PAYLOAD {
        // It could not be read again.
        return Err(FormatError::new(row, "too large for a row"));
    }
    split(row, &payload)
}

/// Appends an encoded value.
pub(crate) fn encode_into<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), String> {
    bincode::serde::encode_into_std_write(value, out, bincode_config()).map(drop).map_err(|why| why.to_string())
}

/// Decodes the value with which bytes begin. Returns it and the number of its bytes.
pub(crate) fn decode_bytes<'p, T: Deserialize<'p>>(bytes: &'p [u8]) -> Result<(T, usize), String> {
    bincode::serde::borrow_decode_from_slice(bytes, bincode_config()).map_err(|why| why.to_string())
}

/// Cuts a payload into the framed parts of a row.
#[expect(clippy::indexing_slicing, reason = "parts are counted from the length of the payload")]
pub(crate) fn split(row: Row, payload: &[u8]) -> Result<Vec<RowBytes>, FormatError> {
    let room = MAX_ROW - FRAME - row.part(0).len();
    let count = payload.len().div_ceil(room).max(1);
    let parts = u16::try_from(count).map_err(|_| FormatError::new(row, "too large for a row"))?;
    let framed = |part: u16| {
        let from = usize::from(part) * room;
        let slice = &payload[from..payload.len().min(from + room)];
        let key = row.part(part);
        let mut value = Vec::with_capacity(FRAME + slice.len());
        value.push(VERSION);
        value.extend_from_slice(&checksum(&key, parts, slice).to_le_bytes());
        value.extend_from_slice(&parts.to_le_bytes());
        value.extend_from_slice(slice);
        (key, value)
    };
    Ok((0..parts).map(framed).collect())
}

fn checksum(key: &[u8], parts: u16, payload: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(key);
    crc.update(&parts.to_le_bytes());
    crc.update(payload);
    crc.finalize()
}

/// Checks a frame: how many parts the row has, and this part's payload.
fn open<'v>(key: &[u8], value: &'v [u8]) -> Result<(u16, &'v [u8]), FormatError> {
    let cut_off = || FormatError::of_key(key, "the value is cut off");
    let (version, rest) = value.split_first().ok_or_else(cut_off)?;
    if *version != VERSION {
        return Err(FormatError::of_key(key, format!("version {version} is not known")));
    }
    let (crc, rest) = rest.split_first_chunk::<4>().ok_or_else(cut_off)?;
    let (parts, payload) = rest.split_first_chunk::<2>().ok_or_else(cut_off)?;
    let parts = u16::from_le_bytes(*parts);
    if u32::from_le_bytes(*crc) != checksum(key, parts, payload) {
        return Err(FormatError::of_key(key, "the checksum does not match"));
    }
    Ok((parts, payload))
}

/// Decodes the value of a whole payload, which it must use up.
pub(crate) fn decode<'p, T: Deserialize<'p>>(row: Row, payload: &'p [u8]) -> Result<T, FormatError> {
    let (value, used) = bincode::serde::borrow_decode_from_slice(payload, bincode_config())
        .map_err(|why| FormatError::new(row, why))?;
    if used != payload.len() {
        return Err(FormatError::new(row, format!("{} bytes are left over", payload.len() - used)));
    }
    Ok(value)
}

/// Joins the parts of rows, which come in key order.
#[derive(Default)]
pub(crate) struct Parts {
    open: Option<Row>,
    next: u16,
    payload: Vec<u8>,
}

impl Parts {
    /// Takes the next row of the table. Returns the row and its whole payload with the last part.
    pub(crate) fn add(&mut self, key: &[u8], value: &[u8]) -> Result<Option<(Row, &[u8])>, FormatError> {
        let (row, part) = Row::parse(key).ok_or_else(|| FormatError::of_key(key, "the key is of no known kind"))?;
        if part == 0 {
            self.finish()?;
            self.payload.clear();
            self.next = 0;
            self.open = Some(row);
        }
        if self.open != Some(row) || self.next != part {
            self.open = None;
            return Err(FormatError::of_key(key, "an earlier part is missing"));
        }
        let opened = open(key, value);
        if opened.is_err() {
            self.open = None;
        }
        let (parts, payload) = opened?;
        self.payload.extend_from_slice(payload);
        self.next += 1;
        if self.next < parts {
            return Ok(None);
        }
        self.open = None;
        Ok(Some((row, &self.payload)))
    }

    /// Checks one part by itself.
    pub(crate) fn check(key: &[u8], value: &[u8]) -> Result<(), FormatError> {
        open(key, value).map(drop)
    }

    /// Checks that no row was left without its last part.
    pub(crate) fn finish(&mut self) -> Result<(), FormatError> {
        match self.open.take() {
            Some(row) => Err(FormatError::new(row, format!("part {} is missing", self.next))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: Row = Row::Units { generation: 1, first: 1 };

    fn join(rows: &[RowBytes]) -> Result<Vec<u8>, FormatError> {
        let mut parts = Parts::default();
        let mut whole = None;
        for (key, value) in rows {
            whole = parts.add(key, value)?.map(|(_, payload)| payload.to_vec());
        }
        parts.finish()?;
        Ok(whole.unwrap_or_default())
    }

    #[test]
    fn no_row_is_above_four_kib_and_long_values_come_back_whole() {
        for size in [0, 1, 4_000, 4_076, 4_096, 5_000, 100_000] {
            let value: Vec<u8> = (0..size).map(|n| n as u8).collect();
            let rows = encode(ROW, &value).unwrap();
            assert!(rows.iter().all(|(key, value)| key.len() + value.len() <= MAX_ROW));
            let payload = join(&rows).unwrap();
            assert_eq!(decode::<Vec<u8>>(ROW, &payload).unwrap(), value);
        }
    }

    #[test]
    fn every_flipped_bit_of_a_row_is_seen() {
        let rows = encode(ROW, &"a value of some length").unwrap();
        let (key, value) = &rows[0];
        for at in 0..value.len() * 8 {
            let mut bad = value.clone();
            bad[at / 8] ^= 1 << (at % 8);
            assert!(join(&[(key.clone(), bad)]).is_err(), "bit {at}");
        }
        assert!(
            join(&[(Row::Units { generation: 1, first: 2 }.part(0), value.clone())]).is_err(),
            "a row under another's key"
        );
        for len in 0..value.len() {
            assert!(join(&[(key.clone(), value[..len].to_vec())]).is_err(), "cut to {len}");
        }
    }

    #[test]
    fn a_missing_part_is_seen_wherever_it_was() {
        let rows = encode(ROW, &vec![7_u8; 10_000]).unwrap();
        assert_eq!(rows.len(), 3);
        for missing in 0..rows.len() {
            let mut some = rows.clone();
            some.remove(missing);
            assert!(join(&some).is_err(), "part {missing}");
        }
    }

    #[test]
    fn a_value_must_be_used_up() {
        assert!(decode::<u8>(ROW, &[1, 2]).unwrap_err().why.contains("1 bytes are left over"));
    }
}
