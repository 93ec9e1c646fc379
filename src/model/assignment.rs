//! The assignment of one task, and the standing of a task that may be vacant.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::input_error::InputError;
use super::limits::check_unit_name;
use super::role::Role;

/// Roles other than lead.
const OTHERS: usize = Role::ALL.len() - 1;

/// A task's lead and its other units, each with one role. No name is in it twice. The order is that of the roles, and in
/// a role the order given.
///
/// ```
/// use responsibility_index::{Assignment, Role};
///
/// let assignment = Assignment::new(["Transport", "Finance", "Police"])?; // the first leads, the others support
/// assert_eq!(assignment.lead(), "Transport");
/// assert_eq!(assignment.supporting(), ["Finance", "Police"]);
///
/// let assignment = Assignment::led_by("Transport")?
///     .and(Role::CoLead, ["Finance"])?
///     .and(Role::Informed, ["Health", "Education"])?;
/// assert_eq!(assignment.to_string(), "Transport; co-lead: Finance; informed: Health, Education");
/// assert!(assignment.and(Role::Support, ["Health"]).is_err(), "a unit has one role");
/// # Ok::<(), responsibility_index::InputError>(())
/// ```
#[doc(alias = "责任单位")]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Fields", try_from = "Fields")]
pub struct Assignment {
    lead: String,
    /// The names of each role other than lead, in the order of the roles. In a box, so that errors stay small.
    others: Box<[Vec<String>; OTHERS]>,
}

impl Assignment {
    /// The first name leads, the others support.
    ///
    /// # Errors
    /// No name at all, a name that is not valid (empty, too long, with control characters or space around
    /// it), or a name that is given twice.
    pub fn new<I>(units: I) -> Result<Assignment, InputError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let mut units = units.into_iter().map(Into::into);
        let lead = units.next().ok_or(InputError::NoUnits { task: None })?;
        Assignment::led_by(lead)?.and(Role::Support, units)
    }

    /// A lead alone.
    ///
    /// # Errors
    /// A name that is not valid.
    pub fn led_by(lead: impl Into<String>) -> Result<Assignment, InputError> {
        let lead = lead.into();
        check_unit_name(&lead)?;
        Ok(Assignment { lead, others: Default::default() })
    }

    /// Adds units in a role, after those that have it.
    ///
    /// # Errors
    /// [`Role::Lead`], since there is a lead; a name that is not valid, or is in the assignment already.
    pub fn and<I>(mut self, role: Role, units: I) -> Result<Assignment, InputError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        for unit in units {
            let unit = unit.into();
            let Some(list) = others_mut(&mut self.others, role) else {
                return Err(InputError::TwoLeads { task: None, lead: self.lead, unit });
            };
            check_unit_name(&unit)?;
            list.push(unit);
        }
        let mut seen = HashSet::new();
        let twice = self.units().find(|(unit, _)| !seen.insert(*unit)).map(|(unit, _)| unit.to_owned());
        match twice {
            Some(unit) => Err(InputError::UnitTwice { task: None, written: unit.clone(), unit }),
            None => Ok(self),
        }
    }

    /// The unit that leads.
    #[must_use]
    pub fn lead(&self) -> &str {
        &self.lead
    }

    /// The units that lead together with the lead, in order.
    #[must_use]
    pub fn co_leads(&self) -> &[String] {
        in_role(&self.others, Role::CoLead)
    }

    /// The supporting units, in order.
    #[must_use]
    pub fn supporting(&self) -> &[String] {
        in_role(&self.others, Role::Support)
    }

    /// The units that are consulted, in order.
    #[must_use]
    pub fn consulted(&self) -> &[String] {
        in_role(&self.others, Role::Consulted)
    }

    /// The units that are informed, in order.
    #[must_use]
    pub fn informed(&self) -> &[String] {
        in_role(&self.others, Role::Informed)
    }

    /// All units with their roles: the lead, then the others in the order of the roles.
    pub fn units(&self) -> impl Iterator<Item = (&str, Role)> {
        std::iter::once((self.lead.as_str(), Role::Lead)).chain(with_roles(&self.others))
    }
}

/// The names of a role other than lead.
fn in_role(others: &[Vec<String>; OTHERS], role: Role) -> &[String] {
    role.place().checked_sub(1).and_then(|place| others.get(place)).map_or(&[], Vec::as_slice)
}

/// The list of a role; `None` for the lead.
fn others_mut(others: &mut [Vec<String>; OTHERS], role: Role) -> Option<&mut Vec<String>> {
    others.get_mut(role.place().checked_sub(1)?)
}

fn with_roles(others: &[Vec<String>; OTHERS]) -> impl Iterator<Item = (&str, Role)> {
    let roles = Role::ALL.into_iter().skip(1);
    others.iter().zip(roles).flat_map(|(units, role)| units.iter().map(move |unit| (unit.as_str(), role)))
}

/// The standing of a known task: assigned, or vacant.
///
/// A vacant task has no lead. It may have other units, and details.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Fields", try_from = "Fields")]
pub enum Standing {
    /// The task has a lead.
    Assigned(Assignment),
    /// The task has no lead: its other units with their roles, in order.
    Vacant(Vec<(String, Role)>),
}

impl Standing {
    /// Checks the names of each role.
    pub(crate) fn of(
        lead: Option<String>,
        others: impl Iterator<Item = (Role, Vec<String>)>,
    ) -> Result<Standing, InputError> {
        if let Some(lead) = lead {
            let mut assignment = Assignment::led_by(lead)?;
            for (role, units) in others {
                assignment = assignment.and(role, units)?;
            }
            return Ok(Standing::Assigned(assignment));
        }
        let vacant: Vec<(String, Role)> =
            others.flat_map(|(role, units)| units.into_iter().map(move |unit| (unit, role))).collect();
        let mut seen = HashSet::new();
        for (unit, _) in &vacant {
            check_unit_name(unit)?;
            if !seen.insert(unit) {
                return Err(InputError::UnitTwice { task: None, written: unit.clone(), unit: unit.clone() });
            }
        }
        Ok(Standing::Vacant(vacant))
    }

    /// For names that an index has already held to the rules, in the order of their roles.
    pub(crate) fn from_trusted<'u>(units: impl Iterator<Item = (&'u str, Role)>) -> Standing {
        let (mut lead, mut others): (_, Box<[Vec<String>; OTHERS]>) = (None, Default::default());
        for (unit, role) in units {
            match others_mut(&mut others, role) {
                Some(list) => list.push(unit.to_owned()),
                None => lead = Some(unit.to_owned()),
            }
        }
        match lead {
            Some(lead) => Standing::Assigned(Assignment { lead, others }),
            None => Standing::Vacant(with_roles(&others).map(|(unit, role)| (unit.to_owned(), role)).collect()),
        }
    }

    /// The unit that leads; `None` for a vacant task.
    #[must_use]
    pub fn lead(&self) -> Option<&str> {
        self.assignment().map(Assignment::lead)
    }

    /// The assignment; `None` for a vacant task.
    #[must_use]
    pub fn assignment(&self) -> Option<&Assignment> {
        match self {
            Standing::Assigned(assignment) => Some(assignment),
            Standing::Vacant(_) => None,
        }
    }

    /// The assignment as an owned value; `None` for a vacant task.
    #[must_use]
    pub fn into_assignment(self) -> Option<Assignment> {
        match self {
            Standing::Assigned(assignment) => Some(assignment),
            Standing::Vacant(_) => None,
        }
    }

    /// All units with their roles, in order.
    pub fn units(&self) -> impl Iterator<Item = (&str, Role)> {
        let (assigned, vacant) = match self {
            Standing::Assigned(assignment) => (Some(assignment.units()), None),
            Standing::Vacant(units) => (None, Some(units.iter().map(|(unit, role)| (unit.as_str(), *role)))),
        };
        assigned.into_iter().flatten().chain(vacant.into_iter().flatten())
    }
}

impl From<Assignment> for Standing {
    fn from(assignment: Assignment) -> Standing {
        Standing::Assigned(assignment)
    }
}

impl From<&Assignment> for Standing {
    fn from(assignment: &Assignment) -> Standing {
        Standing::Assigned(assignment.clone())
    }
}

/// The fields of an assignment or a vacant task in JSON: a list per role, empty ones left out; `null` for no lead.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    lead: Option<String>,
    #[serde(default, rename = "co-leads", skip_serializing_if = "Vec::is_empty")]
    co_leads: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    supporting: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    consulted: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    informed: Vec<String>,
}

impl Fields {
    fn of(lead: Option<String>, others: [Vec<String>; OTHERS]) -> Fields {
        let [co_leads, supporting, consulted, informed] = others;
        Fields { lead, co_leads, supporting, consulted, informed }
    }
}

impl From<Assignment> for Fields {
    fn from(assignment: Assignment) -> Fields {
        Fields::of(Some(assignment.lead), *assignment.others)
    }
}

impl From<Standing> for Fields {
    fn from(standing: Standing) -> Fields {
        let mut others: [Vec<String>; OTHERS] = Default::default();
        match standing {
            Standing::Assigned(assignment) => assignment.into(),
            Standing::Vacant(units) => {
                for (unit, role) in units {
                    if let Some(list) = others_mut(&mut others, role) {
                        list.push(unit);
                    }
                }
                Fields::of(None, others)
            }
        }
    }
}

impl TryFrom<Fields> for Standing {
    type Error = InputError;

    fn try_from(fields: Fields) -> Result<Standing, InputError> {
        let Fields { lead, co_leads, supporting, consulted, informed } = fields;
        let others = [co_leads, supporting, consulted, informed];
        Standing::of(lead, Role::ALL.into_iter().skip(1).zip(others))
    }
}

impl TryFrom<Fields> for Assignment {
    type Error = InputError;

    fn try_from(fields: Fields) -> Result<Assignment, InputError> {
        Standing::try_from(fields)?.into_assignment().ok_or(InputError::NoUnits { task: None })
    }
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lead)?;
        for (role, units) in
            Role::ALL.into_iter().skip(1).zip(self.others.iter()).filter(|(_, units)| !units.is_empty())
        {
            match role {
                Role::Support => write!(f, " with {}", units.join(", "))?,
                other => write!(f, "; {other}: {}", units.join(", "))?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Standing::Assigned(assignment) => assignment.fmt(f),
            Standing::Vacant(units) => {
                f.write_str("vacant")?;
                units.iter().try_for_each(|(unit, role)| write!(f, "; {role}: {unit}"))
            }
        }
    }
}

/// The units of a task as a caller gives them: names, of which the first leads and the others support, or an
/// [`Assignment`].
pub trait NamedUnits: sealed::Sealed {
    /// Hands out each unit with its role.
    #[doc(hidden)]
    fn each_unit<E>(self, each: impl FnMut(&str, Role) -> Result<(), E>) -> Result<(), E>;
}

mod sealed {
    pub trait Sealed {}
    impl<I: IntoIterator> Sealed for I where I::Item: AsRef<str> {}
    impl Sealed for super::Assignment {}
    impl Sealed for &super::Assignment {}
}

impl<I> NamedUnits for I
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    fn each_unit<E>(self, mut each: impl FnMut(&str, Role) -> Result<(), E>) -> Result<(), E> {
        let roles = std::iter::once(Role::Lead).chain(std::iter::repeat(Role::Support));
        self.into_iter().zip(roles).try_for_each(|(unit, role)| each(unit.as_ref(), role))
    }
}

impl NamedUnits for Assignment {
    fn each_unit<E>(self, each: impl FnMut(&str, Role) -> Result<(), E>) -> Result<(), E> {
        (&self).each_unit(each)
    }
}

impl NamedUnits for &Assignment {
    fn each_unit<E>(self, mut each: impl FnMut(&str, Role) -> Result<(), E>) -> Result<(), E> {
        self.units().try_for_each(|(unit, role)| each(unit, role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_is_never_empty_and_names_nobody_twice() {
        assert!(matches!(Assignment::new(Vec::<String>::new()), Err(InputError::NoUnits { .. })));
        assert!(matches!(Assignment::new(["a", "b", "a"]), Err(InputError::UnitTwice { .. })));
        let assignment = Assignment::new(["a", "b"]).unwrap();
        assert_eq!(assignment.to_string(), "a with b");
        assert!(matches!(assignment.clone().and(Role::Lead, ["c"]), Err(InputError::TwoLeads { .. })));
        assert!(matches!(assignment.and(Role::Informed, ["a"]), Err(InputError::UnitTwice { .. })));
    }

    #[test]
    fn json_keeps_every_role_and_refuses_what_the_type_refuses() {
        let assignment = Assignment::new(["a", "b"]).unwrap().and(Role::Informed, ["i"]).unwrap();
        let text = r#"{"lead":"a","supporting":["b"],"informed":["i"]}"#;
        assert_eq!(serde_json::to_string(&assignment).unwrap(), text);
        assert_eq!(serde_json::from_str::<Assignment>(text).unwrap(), assignment);
        assert_eq!(serde_json::from_str::<Standing>(text).unwrap(), Standing::Assigned(assignment));
        let vacant = Standing::Vacant(vec![("c".to_owned(), Role::CoLead), ("s".to_owned(), Role::Support)]);
        let text = r#"{"lead":null,"co-leads":["c"],"supporting":["s"]}"#;
        assert_eq!(serde_json::to_string(&vacant).unwrap(), text);
        assert_eq!(serde_json::from_str::<Standing>(text).unwrap(), vacant);
        for wrong in [text, r#"{"lead":"a","informed":["a"]}"#, r#"{"lead":""}"#, r#"{"lead":"a","deputy":[]}"#] {
            assert!(serde_json::from_str::<Assignment>(wrong).is_err(), "{wrong}");
        }
        assert!(serde_json::from_str::<Standing>(r#"{"lead":null,"supporting":["a","a"]}"#).is_err());
    }
}
