//! States and steps as text, for the list of steps to a state that breaks a property.

use std::fmt;

use crate::model::Step;
use crate::state::{At, BAD, SLOTS, State};

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.handle {
            0 => write!(f, "{:?}", self.what)?,
            handle => write!(f, "handle {handle}: {:?}", self.what)?,
        }
        f.write_str(if self.failed { " fails" } else { "" })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |bytes: u16| match bytes as u8 {
            0 if bytes == 0 => "-".to_owned(),
            BAD => "bad".to_owned(),
            low if bytes > 0xff => format!("{}.{}+{}.{}", low & 7, low >> 3 & 1, bytes >> 8 & 7, bytes >> 11 & 1),
            low => format!("{}.{}", low & 7, low >> 3 & 1),
        };
        for (number, sector) in self.sectors.iter().enumerate() {
            if number == SLOTS {
                f.write_str(" mark")?;
            }
            write!(f, " {}", bytes(sector.now()))?;
            if sector.in_doubt() {
                let others: Vec<String> = sector.others().map(bytes).collect();
                write!(f, "({}{})", others.join(","), if sector.is_dirty() { "" } else { " clean" })?;
            }
        }
        write!(f, " names {:b} bases {:b} rows {} lock {}", self.names >> 1, self.bases >> 1, self.rows, self.lock)?;
        for handle in self.handles.iter().filter(|handle| handle.at != At::Closed) {
            write!(f, " | {:?} head {} mark {}", handle.at, handle.head, handle.mark)?;
        }
        for number in 1..=self.made as usize {
            let attempt = self.attempts[number];
            write!(f, " | {number}: after {}, durable {}, told {}", attempt.previous, attempt.durable, attempt.told)?;
        }
        Ok(())
    }
}
