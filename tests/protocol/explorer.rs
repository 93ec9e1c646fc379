//! A breadth-first search over all states of a model. Knows nothing of logs.
//!
//! Input: a model. Output: how many states it has, and the shortest list of steps to a state that breaks a property, if
//! there is one. States are told apart by 64 bits of a hash; of 30 million states two are taken for one with a
//! probability of 1 in 40,000. Memory: 30 bytes per state, and the states of two levels.

use std::collections::HashSet;
use std::fmt::Display;
use std::hash::{BuildHasherDefault, Hasher};

/// Takes a step and the state that it leads to, or the property that it breaks.
pub(crate) type Each<'e, M> =
    dyn FnMut(<M as System>::Step, Result<<M as System>::State, <M as System>::Property>) + 'e;

/// A system that takes one step at a time.
pub(crate) trait System {
    type State: Clone + Display;
    type Step: Copy + PartialEq + Display;
    type Property: Copy + Display;

    fn initial(&self) -> Self::State;
    /// Equal for states that behave alike.
    fn key(&self, state: &Self::State) -> u64;
    /// Hands out every step that a state can take.
    fn steps(&self, state: &Self::State, each: &mut Each<'_, Self>);
}

/// What a search has found.
pub(crate) struct Explored<P> {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    pub(crate) broken: Option<(P, String)>,
    /// Whether there are no more states.
    pub(crate) complete: bool,
}

/// Explores a model to its end, or to the first state that breaks a property, or to some more than `most` states.
pub(crate) fn explore<M: System>(model: &M, most: usize) -> Explored<M::Property> {
    let mut seen: HashSet<u64, BuildHasherDefault<Hashed>> = HashSet::default();
    // The step that led to each state, and the state before.
    let mut came: Vec<(u32, Option<M::Step>)> = vec![(0, None)];
    let initial = model.initial();
    seen.insert(model.key(&initial));
    let mut level = vec![(0, initial)];
    let mut steps = 0;
    while !level.is_empty() && came.len() <= most {
        let mut next = Vec::new();
        for (number, state) in level {
            let mut broken = None;
            model.steps(&state, &mut |step, after| {
                steps += 1;
                match after {
                    Ok(after) if seen.insert(model.key(&after)) => {
                        next.push((came.len() as u32, after));
                        came.push((number, Some(step)));
                    }
                    Ok(_) => {}
                    Err(property) => drop(broken.get_or_insert((property, step))),
                }
            });
            if let Some((property, step)) = broken {
                let path = path(model, &came, number, step);
                return Explored { states: came.len(), steps, broken: Some((property, path)), complete: false };
            }
        }
        level = next;
    }
    Explored { states: came.len(), steps, broken: None, complete: level.is_empty() }
}

/// The steps to a state and one more, each with the state after it.
fn path<M: System>(model: &M, came: &[(u32, Option<M::Step>)], mut number: u32, last: M::Step) -> String {
    let mut steps = vec![last];
    while let (before, Some(step)) = came[number as usize] {
        steps.push(step);
        number = before;
    }
    let (mut state, mut text) = (model.initial(), String::new());
    for (number, step) in (1..).zip(steps.into_iter().rev()) {
        text += &format!("{number:3}. {step}\n");
        let mut after = None;
        model.steps(&state, &mut |other, next| {
            if other == step && after.is_none() {
                after = next.ok();
            }
        });
        let Some(after) = after else { break };
        text += &format!("       {after}\n");
        state = after;
    }
    text
}

/// A key is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}
