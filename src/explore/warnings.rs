//! What to beware of, in a sentence each.

use super::error::quoted;
use super::facts::Oddity;
use super::{ColumnFacts, Exploration, Interleaved, Sentinel, TargetFacts};
use crate::data::Table;
use crate::prepare::Leak;

/// A class is said to suffer from the removal of outliers when it would lose more than this share of
/// its rows, and more than twice the share of all rows.
const LOST_SHARE: f64 = 0.1;

/// Text is taken for numbers gone wrong where no more than this share of its cells are none.
const MOST_STRAYS: f64 = 0.1;

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
    let columns = found.columns.iter().zip(table.frame.columns());
    warnings.extend(columns.filter_map(|(facts, column)| {
        strays(facts, table.is_mixed(column), table.has_decimal_commas(column))
    }));
    warnings.extend(found.columns.iter().flat_map(sentinels));
    warnings.extend(found.columns.iter().filter_map(unclear_times));
    warnings.extend(ungrouped(found));
    if found.duplicates > 0 {
        let rows = if found.duplicates == 1 { "row equals" } else { "rows equal" };
        warnings.push(format!(
            "{} {rows} an earlier one: a split may put such rows on both sides",
            found.duplicates
        ));
    }
    warnings
}

/// Text that is numbers but for some cells: `is_mixed`, or nearly all of it.
fn strays(column: &ColumnFacts, is_mixed: bool, has_commas: bool) -> Option<String> {
    let (name, strays) = (&column.name, column.strays.as_ref()?);
    let all = column.present;
    let count = strays.cells;
    let advice = if has_commas {
        "write a decimal point, and nothing between thousands"
    } else {
        "correct them, or leave them empty, to have numbers"
    };
    let few = (count as f64) <= MOST_STRAYS * all as f64;
    if all == 0 || !(few || is_mixed || has_commas) {
        return None;
    }
    if count == 0 {
        return Some(format!("{name:?} is text, though all its {all} cells read as numbers"));
    }
    let are = if count == 1 { "is not a number" } else { "are not numbers" };
    let (row, value) = (strays.row, &strays.value);
    Some(format!(
        "{name:?}: {count} of {all} cells {are}, the first in row {row} holds {value:?}: {advice}"
    ))
}

fn sentinels(column: &ColumnFacts) -> impl Iterator<Item = String> {
    column.sentinels.iter().map(|sentinel| {
        let Sentinel { value, cells, low, high } = sentinel;
        let name = &column.name;
        format!(
            "{name:?} is {value} in {cells} cells, far from all others ({low} to {high}): does it stand for a \
             missing cell?"
        )
    })
}

fn unclear_times(column: &ColumnFacts) -> Option<String> {
    let (name, formats) = (&column.name, &column.time_formats);
    (!formats.is_empty()).then(|| {
        format!(
            "{name:?} reads as times in several formats, {}, and is left as text: give --time {name:?} and \
             the right one by --time-format",
            quoted(formats)
        )
    })
}

/// Times that repeat or go back, and the groups within which they do not.
fn ungrouped(found: &Exploration) -> Option<String> {
    let series = found.series.as_ref()?;
    let Interleaved { column, groups } = series.interleaved.as_ref()?;
    let name = &found.columns.get(*column)?.name;
    let what = match series.out_of_order {
        0 => format!("times repeat {} times", series.repeated),
        rows => format!("times go back {rows} times"),
    };
    let within = format!("within each of the {groups} values of {name:?} they do not");
    Some(format!("{what}; {within}: give --group {name:?}"))
}

fn leaks(found: &Exploration) -> Vec<String> {
    let Some(target) = &found.target else { return Vec::new() };
    let class = |place: u32| target.classes.get(place as usize).map_or("", |class| &class.name);
    let known = "a leak unless it is known before the failure";
    let sentence = |name: &String, leak: &Leak, value: &String, mcc: f64| match leak {
        Leak::OneToOne => format!("{name:?} maps one-to-one to the target: {known}"),
        Leak::GivesAway => format!("{name:?} gives away the target: {known}"),
        Leak::Predicts { class: told } => {
            format!("{name:?} alone predicts {:?} (MCC {mcc:.3}): {known}", class(*told))
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
