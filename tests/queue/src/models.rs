//! The models: what the threads do, and what must hold in each order.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use loom::sync::Mutex;
use loom::thread;

use crate::group_commit::{Leader, Queue};

pub(crate) struct Model {
    pub(crate) name: &'static str,
    pub(crate) run: fn(),
}

pub(crate) const ALL: &[Model] = &[
    Model { name: "two callers get their own answers", run: || answers(2) },
    Model { name: "three callers get their own answers", run: || answers(3) },
    Model { name: "appends have the order of tickets", run: order },
    Model { name: "a caller that has its answer comes before the next", run: program_order },
    Model { name: "a leader that fails hands over", run: fails },
    Model { name: "a leader that panics before it takes tickets hands over", run: || panics(false) },
    Model { name: "a leader that panics with tickets ends them", run: || panics(true) },
    Model { name: "a group that is behind is planned once more", run: behind },
    Model { name: "whoever leads without a ticket keeps nobody waiting", run: bare_lead },
];

type Question = usize;
type Answer = Result<usize, &'static str>;

/// A log, and who leads.
struct World {
    queue: Queue<Question, Answer>,
    log: Mutex<Vec<Question>>,
    leads: Mutex<bool>,
}

impl World {
    fn new() -> Arc<World> {
        Arc::new(World { queue: Queue::new(), log: Mutex::new(Vec::new()), leads: Mutex::new(false) })
    }

    /// Asks, and answers all as a leader does: in the order of the tickets, with the place of each in the log.
    fn ask(&self, question: Question) -> Option<Answer> {
        self.queue.ask(question, |leader| self.lead(leader))
    }

    fn lead(&self, leader: &mut Leader<'_, Question, Answer>) {
        let _alone = self.alone();
        for ticket in leader.take() {
            ticket.answer(Ok(self.append(ticket.question)));
        }
    }

    /// Says that nobody else leads until it is dropped.
    fn alone(&self) -> Alone<'_> {
        assert!(!std::mem::replace(&mut *self.leads.lock().unwrap(), true), "two lead at once");
        Alone(self)
    }

    fn append(&self, question: Question) -> usize {
        let mut log = self.log.lock().unwrap();
        log.push(question);
        log.len()
    }

    fn log(&self) -> Vec<Question> {
        self.log.lock().unwrap().clone()
    }
}

struct Alone<'w>(&'w World);

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        *self.0.leads.lock().unwrap() = false;
    }
}

/// Runs one of these in this thread and the others in threads of their own; returns what they return.
fn at_once<T: 'static>(mut acts: Vec<Box<dyn FnOnce() -> T>>) -> Vec<T> {
    let first = acts.remove(0);
    let threads: Vec<_> = acts.into_iter().map(|act| thread::spawn(act)).collect();
    let mut done = vec![first()];
    done.extend(threads.into_iter().map(|thread| thread.join().unwrap()));
    done
}

fn asks(world: &Arc<World>, question: Question) -> Box<dyn FnOnce() -> Option<Answer>> {
    let world = Arc::clone(world);
    Box::new(move || world.ask(question))
}

/// Each caller gets the place of its own question in the log, in which each question is once.
fn answers(callers: usize) {
    let world = World::new();
    let answers = at_once((0..callers).map(|question| asks(&world, question)).collect());
    let log = world.log();
    assert_eq!(log.len(), callers);
    for (question, answer) in answers.into_iter().enumerate() {
        let place = answer.unwrap().unwrap();
        assert_eq!(log[place - 1], question, "the answer is that of another caller");
    }
}

/// A second caller asks when a first one waits for a leader: it comes after it in the log, whoever appends.
fn order() {
    let world = World::new();
    let mut leader = world.queue.lead();
    let first = thread::spawn(asks(&world, 1));
    while leader.waiting() < 1 {
        thread::yield_now();
    }
    let second = thread::spawn(asks(&world, 2));
    while leader.waiting() < 2 {
        thread::yield_now();
    }
    let taken: Vec<Question> = leader.take().iter().map(|ticket| ticket.question).collect();
    assert_eq!(taken, [1, 2]);
    leader.take().iter().for_each(|ticket| ticket.answer(Ok(world.append(ticket.question))));
    drop(leader);
    assert_eq!((first.join().unwrap(), second.join().unwrap()), (Some(Ok(1)), Some(Ok(2))));
}

/// One caller asks twice, another once.
fn program_order() {
    let world = World::new();
    let twice = Arc::clone(&world);
    let twice = Box::new(move || {
        let first = twice.ask(1).unwrap().unwrap();
        let second = twice.ask(2).unwrap().unwrap();
        assert!(first < second, "{first} is not before {second}");
        Some(Ok(second))
    });
    at_once(vec![asks(&world, 3), twice]);
    let mut log = world.log();
    log.sort_unstable();
    assert_eq!(log, [1, 2, 3]);
}

/// The first leader answers all that it took with an error; whoever comes later is answered by another.
fn fails() {
    let world = World::new();
    let failed = Arc::new(Mutex::new(false));
    let ask = |question| {
        let (world, failed) = (Arc::clone(&world), Arc::clone(&failed));
        let act = move || {
            world.queue.ask(question, |leader| {
                if std::mem::replace(&mut *failed.lock().unwrap(), true) {
                    return world.lead(leader);
                }
                leader.take().iter().for_each(|ticket| ticket.answer(Err("no space")));
            })
        };
        Box::new(act) as Box<dyn FnOnce() -> Option<Answer>>
    };
    let answers = at_once((0..3).map(ask).collect());
    let log = world.log();
    let failures = answers.iter().filter(|answer| **answer == Some(Err("no space"))).count();
    assert!(failures > 0 && failures + log.len() == 3);
    for (question, answer) in answers.into_iter().enumerate() {
        let done = answer.unwrap().ok();
        assert_eq!(done.map(|place| log[place - 1]), log.contains(&question).then_some(question));
    }
}

/// The first leader panics, with or without tickets. Those that it took have no answer; all others are answered.
fn panics(takes: bool) {
    let world = World::new();
    let panicked = Arc::new(Mutex::new(false));
    let ask = |question| {
        let (world, panicked) = (Arc::clone(&world), Arc::clone(&panicked));
        let act = move || {
            let answer = catch_unwind(AssertUnwindSafe(|| {
                world.queue.ask(question, |leader| {
                    if std::mem::replace(&mut *panicked.lock().unwrap(), true) {
                        return world.lead(leader);
                    }
                    if takes {
                        leader.take();
                    }
                    resume_unwind(Box::new("as meant"));
                })
            }));
            answer.unwrap_or(Some(Err("panicked")))
        };
        Box::new(act) as Box<dyn FnOnce() -> Option<Answer>>
    };
    let answers = at_once((0..2).map(ask).collect());
    let log = world.log();
    assert_eq!(answers.iter().filter(|answer| **answer == Some(Err("panicked"))).count(), 1);
    for (question, answer) in answers.into_iter().enumerate() {
        match answer {
            Some(Ok(place)) => assert_eq!(log[place - 1], question),
            Some(Err(why)) => assert_eq!(why, "panicked"),
            None => assert!(takes && !log.contains(&question), "it was taken by the leader that panicked"),
        }
    }
    // A ticket that nobody took is answered by the next one who asks.
    assert!(world.ask(7).is_some());
}

/// Another writer appends to the same log. A group whose append finds it there is planned again on the new end, and is
/// answered once.
fn behind() {
    let world = World::new();
    let plans = Arc::new(Mutex::new(0));
    let ask = |question: Question| {
        let (world, plans) = (Arc::clone(&world), Arc::clone(&plans));
        let act = move || {
            world.queue.ask(question, |leader| {
                let _alone = world.alone();
                let group = leader.take().to_vec();
                let mut from = world.log.lock().unwrap().len();
                loop {
                    *plans.lock().unwrap() += 1;
                    let mut log = world.log.lock().unwrap();
                    if log.len() > from {
                        from = log.len();
                        continue;
                    }
                    log.extend(group.iter().map(|ticket| ticket.question));
                    drop(log);
                    for (place, ticket) in (from + 1..).zip(&group) {
                        ticket.answer(Ok(place));
                    }
                    return;
                }
            })
        };
        Box::new(act) as Box<dyn FnOnce() -> Option<Answer>>
    };
    let other = Arc::clone(&world);
    let foreign = Box::new(move || Some(Ok(other.append(100))));
    let answers = at_once(vec![ask(0), ask(1), foreign]);
    let log = world.log();
    assert_eq!(log.len(), 3);
    for (question, answer) in [0, 1, 100].into_iter().zip(answers) {
        assert_eq!(log[answer.unwrap().unwrap() - 1], question);
    }
    assert!(*plans.lock().unwrap() <= 3, "a group is planned again only if another writer was first");
}

/// A bulk load leads without a ticket, while callers ask.
fn bare_lead() {
    let world = World::new();
    let load = Arc::clone(&world);
    let load = Box::new(move || {
        // Dropped after what says that it leads alone.
        let _leader = load.queue.lead();
        let _alone = load.alone();
        Some(Ok(load.append(100)))
    });
    let answers = at_once(vec![asks(&world, 0), asks(&world, 1), load]);
    let log = world.log();
    for (question, answer) in [0, 1, 100].into_iter().zip(answers) {
        assert_eq!(log[answer.unwrap().unwrap() - 1], question);
    }
}
