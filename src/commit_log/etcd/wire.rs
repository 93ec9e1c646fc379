//! Transactions of etcd as JSON: keys, comparisons, operations, answers. Knows nothing of what values mean.
//!
//! Keys and values are base64 in this JSON, 64-bit numbers are strings, and a field that has its default is left out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::model::{EngineError, Error, Result};

/// The keys under one prefix.
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Keys {
        Keys { prefix: prefix.to_owned() }
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Name and version of what is under the prefix.
    pub(super) fn format(&self) -> String {
        self.key("format")
    }

    /// The id of the log.
    pub(super) fn id(&self) -> String {
        self.key("id")
    }

    /// The newest entry.
    pub(super) fn head(&self) -> String {
        self.key("head")
    }

    /// The revision after which all entries are there; absent while that is 0.
    pub(super) fn oldest(&self) -> String {
        self.key("oldest")
    }

    /// The newest base; absent if there is none.
    pub(super) fn base(&self) -> String {
        self.key("base")
    }

    /// Who replaces the beginning of the log by a base; absent unless somebody does.
    pub(super) fn keeper(&self) -> String {
        self.key("keeper")
    }

    /// The entries of one append, of which this is the last revision: then all that follows a revision is in one range.
    pub(super) fn log(&self, last: u64) -> String {
        self.key(&format!("log/{last:016x}"))
    }

    /// The key after those of all appends.
    pub(super) fn log_end(&self) -> String {
        self.key("log0")
    }

    /// A part of what is too large for one value.
    pub(super) fn part(&self, of: &str, number: u32) -> String {
        self.key(&format!("part/{of}/{number:08x}"))
    }

    /// The key before those of all parts of things whose path begins so, and after those of paths before it.
    pub(super) fn parts_from(&self, path: &str) -> String {
        self.key(&format!("part/{path}"))
    }

    /// The key after those of all parts of one thing.
    pub(super) fn part_end(&self, of: &str) -> String {
        self.key(&format!("part/{of}0"))
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// A key has this value.
pub(super) fn is(key: &str, value: &[u8]) -> Value {
    json!({ "key": encoded(key), "target": "VALUE", "result": "EQUAL", "value": encoded(value) })
}

/// There is no such key.
pub(super) fn is_absent(key: &str) -> Value {
    json!({ "key": encoded(key), "target": "CREATE", "result": "EQUAL", "create_revision": "0" })
}

pub(super) fn get(key: &str) -> Value {
    json!({ "request_range": { "key": encoded(key) } })
}

/// The first keys from one on, up to another, which is not meant.
pub(super) fn range(from: &str, end: &str, limit: usize) -> Value {
    json!({ "request_range": { "key": encoded(from), "range_end": encoded(end), "limit": limit.to_string() } })
}

pub(super) fn put(key: &str, value: &[u8]) -> Value {
    json!({ "request_put": { "key": encoded(key), "value": encoded(value) } })
}

/// A put of a key that goes when a lease ends.
pub(super) fn put_under(key: &str, value: &[u8], lease: &str) -> Value {
    json!({ "request_put": { "key": encoded(key), "value": encoded(value), "lease": lease } })
}

/// Removes the keys from one on, up to another, which is not meant.
pub(super) fn remove(from: &str, end: &str) -> Value {
    json!({ "request_delete_range": { "key": encoded(from), "range_end": encoded(end) } })
}

/// If all comparisons hold, does the one, else the other.
pub(super) fn transaction(compare: &[Value], success: &[Value], failure: &[Value]) -> Value {
    json!({ "compare": compare, "success": success, "failure": failure })
}

/// A request to be told of puts of keys in a range, from a revision of the servers on.
pub(super) fn watch(from: &str, end: &str, start: u64) -> Value {
    let (key, range_end) = (encoded(from), encoded(end));
    json!({ "create_request": { "key": key, "range_end": range_end, "start_revision": start.to_string(), "filters": ["NODELETE"] } })
}

/// The answer to a transaction.
pub(super) struct Answer {
    /// Whether the comparisons held.
    pub(super) succeeded: bool,
    /// The revision of the servers.
    pub(super) at: u64,
    /// What each operation has found.
    found: Vec<Found>,
}

/// Keys with their values, in order.
#[derive(Default)]
pub(super) struct Found {
    pub(super) values: Vec<Vec<u8>>,
    /// Whether there are more than were asked for.
    pub(super) more: bool,
}

impl Answer {
    /// The answer to a request, which has as many results as the operations that it led to.
    pub(super) fn of(answer: &Value, request: &Value) -> Result<Answer> {
        let at = answer.pointer("/header/revision").and_then(number).ok_or_else(|| strange(answer))?;
        let succeeded = answer.get("succeeded").and_then(Value::as_bool).unwrap_or(false);
        let responses = answer.get("responses").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let asked = request.get(if succeeded { "success" } else { "failure" }).and_then(Value::as_array);
        if asked.is_none_or(|asked| asked.len() != responses.len()) {
            return Err(strange(answer));
        }
        Ok(Answer { succeeded, at, found: responses.iter().map(found).collect::<Result<_>>()? })
    }

    /// What the operation with this place has found.
    pub(super) fn take(&mut self, place: usize) -> Found {
        let found = self.found.get_mut(place);
        debug_assert!(found.is_some(), "operation {place} was not asked for");
        found.map_or_else(Found::default, std::mem::take)
    }

    /// The value of the only key that the operation with this place has found.
    pub(super) fn value(&mut self, place: usize) -> Option<Vec<u8>> {
        self.take(place).values.pop()
    }
}

fn found(response: &Value) -> Result<Found> {
    // A put or a removal finds nothing.
    let Some(range) = response.get("response_range") else { return Ok(Found::default()) };
    let pairs = range.get("kvs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let values = pairs.iter().map(value).collect::<Result<_>>()?;
    Ok(Found { values, more: range.get("more").and_then(Value::as_bool).unwrap_or(false) })
}

/// The value of a pair; an empty one is left out.
fn value(pair: &Value) -> Result<Vec<u8>> {
    let text = pair.get("value").and_then(Value::as_str).map_or("", |text| text);
    STANDARD.decode(text).map_err(|_| strange(pair))
}

fn number(value: &Value) -> Option<u64> {
    value.as_str()?.parse().ok()
}

/// The values that a piece of news of a watch has; `None` if it ends the watch.
pub(super) fn news(news: &Value) -> Option<Vec<Vec<u8>>> {
    let result = news.get("result")?;
    if result.get("canceled").and_then(Value::as_bool).unwrap_or(false) {
        return None;
    }
    let events = result.get("events").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    events.iter().map(|event| event.get("kv").and_then(|pair| value(pair).ok())).collect()
}

fn strange(answer: &Value) -> Error {
    let why = format!("its answer makes no sense: {}", answer.to_string().chars().take(200).collect::<String>());
    EngineError::Failed { doing: "ask etcd", why }.into()
}
