//! Machines, each a process, at random work on three servers, while servers and machines are killed, stopped and cut off:
//! nothing acknowledged is lost or invented, nobody sees the past come back, all end at the same state, and nobody hangs.
//!
//! The full tier is `cargo test --release --features etcd --test etcd -- --ignored --nocapture full_faults`; `FAULT_RUNS` sets
//! the number of runs, `FAULTS_SEED` decides what is done, though not when each process gets its turn.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use responsibility_index::{Etcd, OpenOptions};
use tempfile::TempDir;

use crate::fleet::{FAULTS, Fault, Fleet, SERVERS};
use crate::history::Ledger;
use crate::print::fingerprint;
use crate::process::{Group, Process, scratch};
use crate::proxy::{Proxy, Traffic};
use crate::random::{Random, seed};

const MACHINES: u64 = 3;

/// What befalls a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Misfortune {
    Nothing,
    Killed,
    /// Killed, and its directory is lost.
    Lost,
    Stopped,
    CutOff,
    /// Its requests arrive, and it gets no answers.
    Unanswered,
    UnansweredByTwo,
    CutFromOneServer,
}

const MISFORTUNES: [Misfortune; 8] = [
    Misfortune::Unanswered,
    Misfortune::Killed,
    Misfortune::UnansweredByTwo,
    Misfortune::CutOff,
    Misfortune::Nothing,
    Misfortune::Stopped,
    Misfortune::Lost,
    Misfortune::CutFromOneServer,
];

struct Machine {
    process: Process,
    /// The way to each server.
    ways: Vec<Proxy>,
    life: u64,
}

#[derive(Debug, Default)]
struct Counts {
    runs: u64,
    acknowledged: u64,
    /// How often something was said, and how often each fault befell.
    said: BTreeMap<String, u64>,
    longest: Duration,
}

struct Run<'f> {
    fleet: &'f mut Fleet,
    number: u64,
    patience: u64,
    directory: TempDir,
    machines: Vec<Machine>,
    ledger: Ledger,
    random: Random,
    fault: Fault,
    misfortune: Misfortune,
}

impl Group for Run<'_> {
    fn process(&mut self, place: usize) -> Option<&mut Process> {
        self.machines.get_mut(place).map(|one| &mut one.process)
    }

    fn take(&mut self, place: usize, line: &str) {
        if line.starts_with("failed: ") {
            self.fail(&format!("machine {place} {line}"));
        }
        if let Err(why) = self.ledger.take(line, true) {
            self.fail(&why);
        }
    }

    /// Fails, and says what each machine was at.
    fn fail(&mut self, why: &str) -> ! {
        for (place, machine) in self.machines.iter().enumerate() {
            println!("machine {place} in life {}: {}", machine.life, machine.process.state());
        }
        self.directory.disable_cleanup(true);
        let (fault, misfortune, at) = (self.fault, self.misfortune, self.directory.path());
        panic!("seed {}, run {}, {fault:?}, {misfortune:?}, kept in {}: {why}", seed(), self.number, at.display())
    }
}

impl Run<'_> {
    /// The directory of a machine. The process after the machines shares that of the first.
    fn path(&self, place: usize) -> PathBuf {
        let place = if place == MACHINES as usize { 0 } else { place };
        self.directory.path().join(format!("machine-{place}"))
    }

    fn prefix(&self) -> String {
        format!("run-{}", self.number)
    }

    fn start(&mut self, place: usize, life: u64, ways: Vec<Proxy>) -> Machine {
        let endpoints: Vec<_> = ways.iter().map(|way| format!("http://127.0.0.1:{}", way.port)).collect();
        let (path, seed) = (self.path(place), self.random.below(u64::MAX));
        let numbers = [self.patience, place as u64, life, seed].map(|number| number.to_string());
        let [patience, place, birth, seed] = &numbers;
        let path = path.to_str().unwrap();
        let job = [&endpoints.join(","), &self.prefix(), patience, path, place, birth, "shared", seed];
        Machine { process: Process::start(&job), ways, life }
    }

    /// Takes what the machines say, for so many milliseconds and at random up to so many more.
    fn listen(&mut self, least: u64, more: u64) {
        let end = Instant::now() + Duration::from_millis(least + self.random.below(more));
        while Instant::now() < end {
            for place in 0..self.machines.len() {
                loop {
                    match self.machines[place].process.poll() {
                        Ok(Some(line)) => self.take(place, &line),
                        Ok(None) => break,
                        Err(()) => self.fail(&format!("machine {place} ended by itself")),
                    }
                }
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn strike(&mut self, place: usize, misfortune: Misfortune) {
        let cut = [Traffic::Held, Traffic::Closed][self.random.index(2)];
        let machine = &mut self.machines[place];
        match misfortune {
            Misfortune::Nothing => {}
            Misfortune::Killed | Misfortune::Lost => {
                for line in machine.process.kill() {
                    self.take(place, &line);
                }
            }
            Misfortune::Stopped => machine.process.signal("STOP"),
            Misfortune::CutOff => machine.ways.iter().for_each(|way| way.set(cut)),
            Misfortune::Unanswered => {
                let lost = [Traffic::AnswersHeld, Traffic::AnswersLost][self.random.index(2)];
                machine.ways.iter().for_each(|way| way.set(lost));
            }
            Misfortune::CutFromOneServer => machine.ways[self.random.index(SERVERS)].set(cut),
            // The answer comes from another one.
            Misfortune::UnansweredByTwo => {
                let answers = self.random.index(SERVERS);
                let others = machine.ways.iter().enumerate().filter(|(server, _)| *server != answers);
                others.for_each(|(_, way)| way.set(Traffic::AnswersLost));
            }
        }
    }

    fn relieve(&mut self, place: usize, misfortune: Misfortune) {
        match misfortune {
            Misfortune::Killed | Misfortune::Lost => {
                let machine = &mut self.machines[place];
                let (ways, life) = (std::mem::take(&mut machine.ways), machine.life + 1);
                if misfortune == Misfortune::Lost && self.path(place).exists() {
                    std::fs::remove_dir_all(self.path(place)).unwrap();
                }
                self.machines[place] = self.start(place, life, ways);
            }
            Misfortune::Stopped => self.machines[place].process.signal("CONT"),
            _ => self.machines[place].ways.iter().for_each(|way| way.set(Traffic::Passes)),
        }
    }

    fn torment(&mut self) {
        let (fault, misfortune) = (self.fault, self.misfortune);
        self.listen(400, 400);
        let cut = [Traffic::Held, Traffic::Closed][self.random.index(2)];
        let servers = self.fleet.begin(fault, cut, &mut self.random);
        let dark = fault == Fault::DarkLeader;
        let set = |run: &Run<'_>, traffic| {
            for server in servers.iter().filter(|_| dark) {
                run.machines.iter().for_each(|machine| machine.ways[*server].set(traffic));
            }
        };
        set(self, cut);
        // A directory is lost with the only process that has it open.
        let first = if misfortune == Misfortune::Lost { 1 } else { 0 };
        let last = if misfortune == Misfortune::Lost { MACHINES as usize } else { self.machines.len() };
        let place = first + self.random.index(last - first);
        self.listen(0, 300);
        self.strike(place, misfortune);
        // A killed process ends by itself.
        let dead = matches!(misfortune, Misfortune::Killed | Misfortune::Lost);
        if dead {
            thread::sleep(Duration::from_millis(self.random.below(500)));
            self.relieve(place, misfortune);
        }
        // A server that is silent for two seconds is given up for the next one.
        let long = if self.random.one_in(3) { 2_000 } else { 0 };
        self.listen(400 + long, 1_000);
        self.fleet.end(fault, &servers);
        set(self, Traffic::Passes);
        if !dead {
            self.listen(0, 300);
            self.relieve(place, misfortune);
        }
        self.listen(300, 0);
    }

    /// Lets all stop, compares their last states, and holds the index against what they said.
    fn end(mut self, counts: &mut Counts) {
        self.ask("stop", "stopped");
        let settled = self.ask("settle", "settled ");
        let last = settled.iter().map(|revision| revision.parse::<u64>().unwrap()).max().unwrap();
        let exports = self.ask(&format!("final {last}"), "final ");
        let verified = self.ask("verify", "verified ");
        if verified.iter().any(|found| found != "Ok([])") {
            self.fail(&format!("{verified:?}"));
        }
        for machine in self.machines.drain(..) {
            for line in machine.process.end() {
                assert!(!line.starts_with("failed"), "{line}");
            }
        }
        // A new machine has the same.
        let address = Etcd::new(self.fleet.cluster.endpoints(), self.prefix());
        let index = OpenOptions::new().shared(address).open(self.directory.path().join("new")).unwrap();
        let expected = format!("{last} {}", fingerprint(&index.view()));
        if index.revision() != last || exports.iter().any(|export| *export != expected) {
            self.fail(&format!("the index has revision {}, {expected}; machines {exports:?}", index.revision()));
        }
        if let Err(why) = self.ledger.check(&index) {
            self.fail(&why);
        }
        counts.runs += 1;
        counts.acknowledged += self.ledger.acknowledged() as u64;
        let befell = [format!("server: {:?}", self.fault), format!("machine: {:?}", self.misfortune)];
        let said = std::mem::take(&mut self.ledger.said).into_iter();
        for (what, count) in said.chain(befell.map(|what| (what, 1))) {
            *counts.said.entry(what).or_default() += count;
        }
    }
}

fn run(fleet: &mut Fleet, number: u64, counts: &mut Counts) {
    let start = Instant::now();
    let (place, mut random) = (number as usize, Random::new(0xE7CD_0000 + number));
    let patience = *random.pick(&[200, 1_000, 3_000]);
    // The shift pairs each fault with each misfortune in time.
    let (fault, misfortune) = (FAULTS[place % FAULTS.len()], MISFORTUNES[(place + place / 24) % MISFORTUNES.len()]);
    let (machines, ledger, directory) = (Vec::new(), Ledger::default(), scratch());
    let mut run = Run { fleet, number, patience, directory, machines, ledger, random, fault, misfortune };
    let guests = run.random.below(2);
    for place in 0..(MACHINES + guests) as usize {
        let ways = (0..SERVERS).map(|server| Proxy::start(run.fleet.cluster.port(server), false)).collect();
        let machine = run.start(place, 0, ways);
        run.machines.push(machine);
    }
    run.torment();
    run.end(counts);
    fleet.empty();
    counts.longest = counts.longest.max(start.elapsed());
}

#[test]
fn machines_and_servers_that_fail_lose_and_invent_nothing() {
    let Some(mut fleet) = Fleet::start() else { return };
    let mut counts = Counts::default();
    // A leader is killed and answers are lost; a leader is cut off and a machine is killed.
    (0..2).for_each(|number| run(&mut fleet, number, &mut counts));
    println!("{counts:#?}");
    assert!(counts.acknowledged > 20, "{counts:?}");
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_faults() {
    let Some(mut fleet) = Fleet::start() else { return };
    let wanted: u64 = std::env::var("FAULT_RUNS").map_or(200, |runs| runs.parse().unwrap());
    let mut counts = Counts::default();
    for number in 0..wanted {
        run(&mut fleet, number, &mut counts);
        println!(
            "run {number}: {} acknowledged so far, the longest run took {:?}",
            counts.acknowledged, counts.longest
        );
    }
    println!("{counts:#?}");
}
