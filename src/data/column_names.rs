//! Finds a column by a name that may be spelled differently in the file.

use std::collections::HashMap;
use std::fmt::Write as _;

/// The most columns that a message lists.
const LISTED: usize = 12;

/// A name less alike than this (Jaro-Winkler, 0 to 1) is not suggested.
const SUGGESTED_FROM: f64 = 0.7;

/// A name longer than this, in bytes, is not compared with the others: it takes seconds a megabyte.
const LONGEST_COMPARED: usize = 1000;

/// Why a column cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Several columns fit equally well.
    #[error(
        "column {wanted:?} could be {}; write the name as it stands in the file",
        quoted(.candidates, " or ")
    )]
    Ambiguous {
        /// The name asked for.
        wanted: String,
        /// The columns that fit.
        candidates: Vec<String>,
    },
    /// No column fits.
    #[error("no column {wanted:?}{}; the columns are {}", suggestion(.nearest.as_ref()), list(.names))]
    Unknown {
        /// The name asked for.
        wanted: String,
        /// The column whose name is most alike, if one is alike at all.
        nearest: Option<String>,
        /// All columns.
        names: Vec<String>,
    },
}

/// The rules by which a wanted name may match a column, strictest first.
#[derive(Debug, Clone, Copy)]
enum Tier {
    Exact,
    AnyCase,
    LettersAndDigits,
    WithoutUnit,
}

/// The column names of one file.
///
/// A wanted name matches a column by the first of these rules that fits any column:
///
/// 1. the names are equal;
/// 2. they are equal after trimming, ignoring case;
/// 3. they are equal when only letters and digits count, so that `_`, `.`, spaces and brackets
///    make no difference;
/// 4. as 3, without a unit in `[..]` or `(..)` at the end of one of them. Where both have a unit
///    the units must agree, so `Speed [rpm]` is never taken for `Speed [rad/s]`.
///
/// Where a rule fits several columns, that is an error: nothing is guessed.
///
/// ```
/// # use forewarn::data::{ColumnNames, NameError};
/// let names = ["Torque [Nm]", "Speed [rpm]", "Speed [rad/s]"].map(str::to_owned);
/// let names = ColumnNames::new(&names);
/// assert_eq!(names.find("torque"), Ok(0));
/// assert_eq!(names.find("Speed [rpm]"), Ok(1));
/// assert!(matches!(names.find("speed"), Err(NameError::Ambiguous { .. })));
/// ```
#[derive(Debug, Clone)]
pub struct ColumnNames {
    names: Vec<String>,
    /// Where each name stands, or nothing if it stands there twice: a table of ten thousand columns
    /// is not searched ten thousand times.
    places: HashMap<String, Option<usize>>,
}

impl ColumnNames {
    /// The names in the order of the file.
    pub fn new(names: &[String]) -> Self {
        let mut places = HashMap::new();
        for (place, name) in names.iter().enumerate() {
            let place_of = places.entry(name.clone());
            place_of.and_modify(|place| *place = None).or_insert(Some(place));
        }
        Self { names: names.to_vec(), places }
    }

    /// The index of the column that `wanted` means.
    ///
    /// # Errors
    ///
    /// [`NameError::Ambiguous`] where several columns fit the first rule that fits any,
    /// [`NameError::Unknown`] where no column fits.
    pub fn find(&self, wanted: &str) -> Result<usize, NameError> {
        if let Some(&Some(place)) = self.places.get(wanted) {
            return Ok(place);
        }
        for tier in [Tier::Exact, Tier::AnyCase, Tier::LettersAndDigits, Tier::WithoutUnit] {
            let matching: Vec<usize> = (0..self.names.len())
                .filter(|index| self.names.get(*index).is_some_and(|name| tier.fits(wanted, name)))
                .collect();
            match matching.as_slice() {
                [] => {}
                [only] => return Ok(*only),
                several => {
                    let candidates = several.iter().filter_map(|index| self.names.get(*index));
                    return Err(NameError::Ambiguous {
                        wanted: wanted.to_owned(),
                        candidates: candidates.cloned().collect(),
                    });
                }
            }
        }
        Err(NameError::Unknown {
            wanted: wanted.to_owned(),
            nearest: self.nearest(wanted),
            names: self.names.clone(),
        })
    }

    fn nearest(&self, wanted: &str) -> Option<String> {
        let wanted = letters_and_digits(wanted);
        let likeness = |name: &String| strsim::jaro_winkler(&wanted, &letters_and_digits(name));
        let compared = |name: &&String| name.len().max(wanted.len()) <= LONGEST_COMPARED;
        let rated = self.names.iter().filter(compared).map(|name| (likeness(name), name));
        let best = rated.max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best.0 >= SUGGESTED_FROM).then(|| best.1.clone())
    }
}

impl Tier {
    fn fits(self, wanted: &str, name: &str) -> bool {
        match self {
            Self::Exact => wanted == name,
            Self::AnyCase => wanted.trim().to_lowercase() == name.trim().to_lowercase(),
            Self::LettersAndDigits => same_key(wanted, name),
            Self::WithoutUnit => {
                let (wanted_base, wanted_unit) = split_unit(wanted);
                let (name_base, name_unit) = split_unit(name);
                let both = wanted_unit.is_some() && name_unit.is_some();
                !both && same_key(wanted_base, name_base)
            }
        }
    }
}

/// Names without a single letter or digit have no key and match nothing by it.
fn same_key(one: &str, other: &str) -> bool {
    let key = letters_and_digits(one);
    !key.is_empty() && key == letters_and_digits(other)
}

fn letters_and_digits(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Splits `Torque [Nm]` into `Torque` and `Nm`; no unit where nothing would be left before it.
fn split_unit(name: &str) -> (&str, Option<&str>) {
    let name = name.trim();
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some(inner) = name.strip_suffix(close)
            && let Some((base, unit)) = inner.rsplit_once(open)
            && !letters_and_digits(base).is_empty()
        {
            return (base, Some(unit));
        }
    }
    (name, None)
}

fn quoted(names: &[String], joint: &str) -> String {
    names.iter().take(LISTED).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(joint)
}

fn list(names: &[String]) -> String {
    let mut text = quoted(names, ", ");
    if names.len() > LISTED {
        let _ = write!(text, " and {} more", names.len() - LISTED);
    }
    text
}

fn suggestion(nearest: Option<&String>) -> String {
    nearest.map(|name| format!("; the nearest is {name:?}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    fn names(names: &[&str]) -> ColumnNames {
        ColumnNames::new(&names.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_unit_case_and_spaces_do_not_hide_a_column() {
        for name in ["Torque", "torque", "Torque ", "TORQUE_[Nm]", "Torque (Nm)", "torque_nm"] {
            assert_eq!(names(&["UDI", name]).find("Torque [Nm]"), Ok(1), "{name}");
        }
        assert_eq!(names(&["Machine.failure"]).find("Machine failure"), Ok(0));
        assert_eq!(names(&["Machine_failure"]).find("Machine failure"), Ok(0));
        assert_eq!(names(&["Größe_µm"]).find("größe [µm]"), Ok(0));
    }

    #[test]
    fn the_strictest_rule_that_fits_wins() {
        assert_eq!(names(&["torque", "Torque"]).find("Torque"), Ok(1));
        assert_eq!(names(&["Torque [Nm]", "torque"]).find("Torque"), Ok(1));
    }

    #[test]
    fn a_name_without_unit_is_ambiguous_beside_two_units() {
        let both = names(&["Rotational speed [rpm]", "Rotational speed [rad/s]"]);
        assert_eq!(names(&["Rotational speed [rpm]"]).find("rotational_speed"), Ok(0));
        assert_eq!(both.find("Rotational speed [rad/s]"), Ok(1));
        let message = both.find("rotational_speed").unwrap_err().to_string();
        assert!(message.contains("[rpm]\" or \"Rotational speed [rad/s]\""), "{message}");
    }

    #[test]
    fn a_different_unit_never_matches_but_is_named_as_nearest() {
        let message =
            names(&["Rotational speed [rad/s]"]).find("Rotational speed [rpm]").unwrap_err();
        let nearest = Some("Rotational speed [rad/s]".to_owned());
        assert!(matches!(message, NameError::Unknown { nearest: found, .. } if found == nearest));
    }

    #[test]
    fn two_spellings_of_one_name_are_ambiguous() {
        assert!(matches!(
            names(&["tool wear", "tool_wear"]).find("ToolWear"),
            Err(NameError::Ambiguous { candidates, .. }) if candidates.len() == 2
        ));
    }

    #[test]
    fn an_unknown_name_lists_at_most_twelve_columns() {
        let many: Vec<String> = (1..=15).map(|number| format!("x{number}")).collect();
        let message = ColumnNames::new(&many).find("pressure").unwrap_err().to_string();
        assert!(message.ends_with("\"x12\" and 3 more"), "{message}");
        assert!(!message.contains("nearest"), "{message}");
        let message = names(&["x"]).find(&"x".repeat(5_000_000)).unwrap_err().to_string();
        assert!(!message.contains("nearest"), "as long as a table");
        let message = names(&["Torque [Nm]"]).find("Torqe").unwrap_err().to_string();
        assert!(message.contains("the nearest is \"Torque [Nm]\""), "{message}");
    }

    #[test]
    fn names_without_letters_match_only_themselves() {
        assert_eq!(names(&["#", "%"]).find("%"), Ok(1));
        assert!(names(&["#"]).find("").is_err());
        assert!(names(&["[rpm]"]).find("[Nm]").is_err());
    }
}
