//! Eight processes at random work on one directory, of which one at a time is killed or stopped: nothing acknowledged is
//! lost or invented, nobody sees the past come back, all end at the same state, and nobody hangs.

use std::path::Path;
use std::time::{Duration, Instant};

use responsibility_index::Index;

use crate::history::Ledger;
use crate::print::fingerprint;
use crate::process::{Group, Process, scratch};
use crate::random::{Random, seed};

const MEMBERS: u64 = 8;
/// How long a member that is not stopped may say nothing: an append waits 10 s for a lock that a stopped one holds.
const SILENCE: Duration = Duration::from_secs(30);

/// The most members that are stopped at once.
const STOPPED: usize = 2;

struct Member {
    process: Process,
    number: u64,
    life: u64,
    synced: bool,
    is_owner: bool,
    heard: Instant,
    /// Until when it is stopped.
    stopped: Option<Instant>,
}

/// How a crowd is treated.
#[derive(Clone, Copy, Debug)]
struct Round {
    number: u64,
    /// Whether half of the members are lazy.
    mixed: bool,
    time: Duration,
    /// The longest time between two kills, and the longest time that one is stopped.
    pause: Duration,
    stop: Duration,
}

#[derive(Debug, Default)]
struct Counts {
    kills: u64,
    of_owners: u64,
    stops: u64,
    acknowledged: u64,
}

struct Crowd<'p> {
    path: &'p Path,
    round: Round,
    members: Vec<Member>,
    ledger: Ledger,
    random: Random,
    counts: Counts,
}

impl Group for Crowd<'_> {
    fn process(&mut self, place: usize) -> Option<&mut Process> {
        self.members.get_mut(place).map(|one| &mut one.process)
    }

    fn take(&mut self, place: usize, line: &str) {
        if line.starts_with("failed: ") {
            self.fail(&format!("member {place} {line}"));
        }
        let synced = self.members[place].synced;
        if let Err(why) = self.ledger.take(line, synced) {
            self.fail(&why);
        }
    }

    /// Fails, and says what each member was at.
    fn fail(&mut self, why: &str) -> ! {
        for member in &self.members {
            println!("member {} in life {}: {}", member.number, member.life, member.process.state());
        }
        panic!("seed {}, {:?}, {:?}: {why}", seed(), self.round, self.counts)
    }
}

impl Crowd<'_> {
    fn start(&mut self, number: u64, life: u64) -> Member {
        let synced = !self.round.mixed || number.is_multiple_of(2);
        let durability = if synced { "synced" } else { "lazy" };
        let numbers = [number, life, self.random.below(u64::MAX)].map(|number| number.to_string());
        let job = ["member", self.path.to_str().unwrap(), &numbers[0], &numbers[1], durability, &numbers[2]];
        let heard = Instant::now();
        Member { process: Process::start(&job), number, life, synced, is_owner: false, heard, stopped: None }
    }

    /// Reads what the members say.
    fn listen(&mut self) {
        for place in 0..self.members.len() {
            loop {
                let member = &mut self.members[place];
                let line = match member.process.poll() {
                    Ok(Some(line)) => line,
                    Ok(None) => break,
                    Err(()) => self.fail(&format!("member {place} ended by itself")),
                };
                member.heard = Instant::now();
                match line.as_str() {
                    "owner 1" => member.is_owner = true,
                    "owner 0" => member.is_owner = false,
                    _ => {}
                }
                self.take(place, &line);
            }
            let member = &self.members[place];
            if member.stopped.is_none() && member.heard.elapsed() > SILENCE {
                self.fail(&format!("member {place} hangs"));
            }
        }
    }

    fn kill(&mut self) {
        let owner = self.members.iter().position(|member| member.is_owner).filter(|_| self.random.one_in(3));
        let place = owner.unwrap_or_else(|| self.random.index(self.members.len()));
        let (number, life) = (self.members[place].number, self.members[place].life + 1);
        self.counts.kills += 1;
        self.counts.of_owners += u64::from(self.members[place].is_owner);
        for line in self.members[place].process.kill() {
            self.take(place, &line);
        }
        self.members[place] = self.start(number, life);
    }

    fn stop(&mut self) {
        if self.members.iter().filter(|member| member.stopped.is_some()).count() >= STOPPED {
            return;
        }
        let owner = self.members.iter().position(|member| member.is_owner).filter(|_| self.random.one_in(3));
        let place = owner.unwrap_or_else(|| self.random.index(self.members.len()));
        let until = Instant::now() + self.round.stop.mul_f64(self.random.below(1_000) as f64 / 1_000.0);
        let member = &mut self.members[place];
        if member.stopped.is_none() {
            member.process.signal("STOP");
            member.stopped = Some(until);
            self.counts.stops += 1;
        }
    }

    fn resume(&mut self, all: bool) {
        for member in &mut self.members {
            if member.stopped.is_some_and(|until| all || Instant::now() >= until) {
                member.process.signal("CONT");
                (member.stopped, member.heard) = (None, Instant::now());
            }
        }
    }

    fn torment(&mut self) {
        let end = Instant::now() + self.round.time;
        let mut next = Instant::now() + Duration::from_millis(200);
        while Instant::now() < end {
            self.listen();
            self.resume(false);
            if Instant::now() >= next {
                if self.random.one_in(3) {
                    self.stop()
                } else {
                    self.kill()
                }
                next = Instant::now() + self.round.pause.mul_f64(self.random.below(1_000) as f64 / 1_000.0);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        self.resume(true);
    }

    /// Lets all stop, compares their last states, and holds the index against what they said.
    fn end(mut self) -> Counts {
        self.ask("stop", "stopped");
        // What a killed member wrote is made durable by another one soon.
        std::thread::sleep(Duration::from_millis(50));
        let settled = self.ask("settle", "settled ");
        let last = settled.iter().map(|revision| revision.parse::<u64>().unwrap()).max().unwrap();
        let exports = self.ask(&format!("final {last}"), "final ");
        for member in self.members.drain(..) {
            for line in member.process.end() {
                assert!(!line.starts_with("failed"), "{line}");
            }
        }
        let index = Index::open(self.path).unwrap_or_else(|error| panic!("{error:?}; kept in {:?}", self.path));
        let expected = format!("{last} {}", fingerprint(&index.view()));
        if index.revision() != last || exports.iter().any(|export| *export != expected) {
            self.fail(&format!("the index has revision {}, {expected}; members {exports:?}", index.revision()));
        }
        match self.ledger.check(&index) {
            Ok(_) => {}
            Err(why) => self.fail(&why),
        }
        println!("{:?}: {:?}", self.round, self.ledger.said);
        self.counts.acknowledged = self.ledger.acknowledged() as u64;
        self.counts
    }
}

fn run(round: Round) -> Counts {
    let mut scratch = scratch();
    let path = scratch.path().join("plan.ri");
    scratch.disable_cleanup(true);
    let (members, ledger, counts) = Default::default();
    let random = Random::new(0x0C40_0D00 + round.number);
    let mut crowd = Crowd { path: &path, round, members, ledger, random, counts };
    for number in 0..MEMBERS {
        let member = crowd.start(number, 0);
        crowd.members.push(member);
    }
    crowd.torment();
    let counts = crowd.end();
    scratch.disable_cleanup(false);
    counts
}

fn quick(number: u64, mixed: bool) {
    let (time, pause, stop) = (3_000, 200, 300);
    let [time, pause, stop] = [time, pause, stop].map(Duration::from_millis);
    let counts = run(Round { number, mixed, time, pause, stop });
    println!("{counts:?}");
    assert!(counts.kills > 3 && counts.acknowledged > 50, "{counts:?}");
}

#[test]
fn eight_synced_processes_of_which_some_are_killed_and_stopped_lose_and_invent_nothing() {
    quick(0, false);
}

#[test]
fn eight_processes_of_which_half_are_lazy_and_some_are_killed_and_stopped_lose_and_invent_nothing() {
    quick(1, true);
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_crowd() {
    let wanted: u64 = std::env::var("CROWD_KILLS").map_or(1_000, |kills| kills.parse().unwrap());
    let mut sum = Counts::default();
    for number in 2.. {
        let time = Duration::from_secs(60.min(5 + wanted / 8));
        let (pause, stop) = (Duration::from_millis(250), Duration::from_secs(5));
        let counts = run(Round { number, mixed: number % 2 == 1, time, pause, stop });
        sum.kills += counts.kills;
        sum.of_owners += counts.of_owners;
        sum.stops += counts.stops;
        sum.acknowledged += counts.acknowledged;
        println!("so far: {sum:?}");
        if sum.kills >= wanted {
            break;
        }
    }
}
