//! What to beware of, in a sentence each.

use super::facts::Oddity;
use super::{Exploration, TargetFacts};
use crate::data::Table;
use crate::prepare::Leak;

/// A class is said to suffer from the removal of outliers when it would lose more than this share of
/// its rows, and more than twice the share of all rows.
const LOST_SHARE: f64 = 0.1;

/// From this correlation with a target that is a quantity a column is suspected to be a copy of it.
const COPY_FROM: f64 = 0.99;

/// All warnings, those about leaks first.
pub(super) fn warn(found: &Exploration, table: &Table) -> Vec<String> {
    let mut warnings = leaks(found);
    warnings.extend(copies(found));
    warnings.extend(lost_rows(found));
    for column in &found.columns {
        let name = &column.name;
        warnings.extend(match column.oddity {
            Some(Oddity::Empty) => Some(format!("{name:?} holds nothing")),
            Some(Oddity::Constant) if column.missing > 0 => {
                Some(format!("{name:?} holds one value, or nothing"))
            }
            Some(Oddity::Constant) => Some(format!("{name:?} is constant")),
            Some(Oddity::Counts) => Some(format!("{name:?} counts the rows: no feature")),
            Some(Oddity::Names) => Some(format!(
                "{name:?} has a value of its own in every row: an identifier, no feature"
            )),
            None => None,
        });
    }
    let mixed = table.frame.columns().iter().filter(|column| table.is_mixed(column));
    warnings.extend(
        mixed.filter_map(|column| table.numbers(column.name()).err()).map(|e| e.to_string()),
    );
    if found.duplicates > 0 {
        let rows = if found.duplicates == 1 { "row equals" } else { "rows equal" };
        warnings.push(format!(
            "{} {rows} an earlier one: a split may put such rows on both sides",
            found.duplicates
        ));
    }
    warnings
}

fn leaks(found: &Exploration) -> Vec<String> {
    let Some(target) = &found.target else { return Vec::new() };
    let class = |place: u32| target.classes.get(place as usize).map_or("", |class| &class.name);
    let known = "a leak unless it is known before the failure";
    let sentence = |name: &String, leak: &Leak, value: &String, mcc: f64| match leak {
        Leak::OneToOne => format!("{name:?} maps one-to-one to the target: {known}"),
        Leak::GivesAway => format!("{name:?} gives away the target: {known}"),
        Leak::Tells { class: told } => {
            format!("{name:?} alone tells {:?} from the rest (MCC {mcc:.3}): {known}", class(*told))
        }
        Leak::Marks { class: told, rows, of, .. } => format!(
            "{name:?} is {value:?} in {rows} rows, all of class {:?} (which has {of}): {known}",
            class(*told)
        ),
    };
    let leaks = found.columns.iter().filter_map(|column| {
        let (leak, value) = column.leak.as_ref()?;
        let mcc = column.tells.as_ref().map_or(0.0, |tells| tells.mcc);
        Some(sentence(&column.name, leak, value, mcc))
    });
    leaks.collect()
}

/// Columns that go with a target that is a quantity nearly one to one.
fn copies(found: &Exploration) -> Vec<String> {
    let Some(TargetFacts { column: target, classes, .. }) = &found.target else {
        return Vec::new();
    };
    let strong = found.correlations.strongest.iter().filter(|pair| pair.value.abs() >= COPY_FROM);
    let other = |columns: [usize; 2]| match columns {
        [one, other] if one == *target => Some(other),
        [one, other] if other == *target => Some(one),
        _ => None,
    };
    strong
        .filter(|_| classes.is_empty())
        .filter_map(|pair| Some((found.columns.get(other(pair.columns)?)?, pair.value)))
        .map(|(column, value)| {
            let name = &column.name;
            format!("{name:?} correlates {value:.4} with the target: a copy of it?")
        })
        .collect()
}

/// What classes the removal of outliers would take.
fn lost_rows(found: &Exploration) -> Option<String> {
    let target = found.target.as_ref()?;
    let all = found.outliers.rows as f64 / found.rows.max(1) as f64;
    let classes = target.classes.iter().zip(&found.outliers.by_class);
    let lost: Vec<String> = classes
        .filter(|(class, taken)| {
            let share = **taken as f64 / class.rows.max(1) as f64;
            **taken > 1 && share > LOST_SHARE && share > 2.0 * all
        })
        .map(|(class, taken)| format!("{taken} of {} rows of {:?}", class.rows, class.name))
        .collect();
    (!lost.is_empty()).then(|| {
        format!(
            "outliers (1.5 IQR) stand in {:.1} % of all rows, but in {}: dropping them would drop what \
             is to be learnt",
            100.0 * all,
            lost.join(", ")
        )
    })
}
