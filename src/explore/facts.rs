//! Everything that is known of one column.

use serde::Serialize;

use super::classes::{ClassRows, Classes};
use super::column::{Cells, Column, Kind};
use super::describe::Numbers;
use super::shape::{Shape, bars, spread};
use super::shorten;
use super::sorted::{Sorted, inside};
use super::suspicious::{Sentinel, Strays, find_sentinels, find_strays};
use crate::data::MISSING_CODE;
use crate::prepare::{Association, FEW_VALUES, Leak, assess, counts_rows};

/// The most labels of a text column that are counted by name.
const MOST_COUNTED: usize = 10;

/// What a column is no feature for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// No cell holds anything.
    Empty,
    /// All cells that hold anything hold the same.
    Constant,
    /// Each row has the number after the last row's.
    Counts,
    /// Each row has text, or a whole number, of its own.
    Names,
}

/// How well a column tells a class on its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestClass {
    /// The class's place among those of the target.
    pub class: usize,
    /// The greatest Matthews correlation of a cut, or of a set of labels, with it.
    pub mcc: f64,
}

/// A column's facts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnFacts {
    /// Its name.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
    /// Cells that hold something.
    pub present: usize,
    /// Cells that hold nothing.
    pub missing: usize,
    /// Different values.
    pub distinct: usize,
    /// Of a column of numbers.
    pub numbers: Option<Numbers>,
    /// Outliers by class, of a column of numbers.
    pub outliers: Vec<usize>,
    /// The most frequent labels of text.
    pub top: Vec<ClassRows>,
    /// Of a column of text, the cells that are not numbers.
    pub strays: Option<Strays>,
    /// Of a column of numbers, those that may stand for missing cells.
    pub sentinels: Vec<Sentinel>,
    /// The formats in which text reads as times, where they are several.
    pub time_formats: Vec<&'static str>,
    /// Why it is no feature.
    pub oddity: Option<Oddity>,
    /// What it says of the target, where that is a class and this another column.
    pub tells: Option<BestClass>,
    /// Why it is suspected to give the target away, and the value that does for [`Leak::Marks`].
    #[serde(skip)]
    pub leak: Option<(Leak, String)>,
    /// What the page draws; only of the first columns.
    pub shape: Option<Shape>,
}

/// Looks at a column. `against` says whether it is to be judged by the classes, which the target
/// itself and times are not; `drawn` whether the page draws it.
pub(super) fn look(column: &Column, classes: &Classes, against: bool, drawn: bool) -> ColumnFacts {
    let rows = match &column.cells {
        Cells::Numbers(values) => values.len(),
        Cells::Text { codes, .. } => codes.len(),
        Cells::Times(times) => times.len(),
    };
    let missing = (0..rows).filter(|row| column.is_missing(*row)).count();
    let mut facts = ColumnFacts {
        name: column.name.clone(),
        kind: column.kind(),
        present: rows - missing,
        missing,
        distinct: 0,
        numbers: None,
        outliers: Vec::new(),
        top: Vec::new(),
        strays: None,
        sentinels: Vec::new(),
        time_formats: column.formats.clone(),
        oddity: None,
        tells: None,
        leak: None,
        shape: None,
    };
    let against = against && classes.codes.is_some();
    match &column.cells {
        Cells::Numbers(values) => look_at_numbers(&mut facts, values, classes, against, drawn),
        Cells::Text { codes, labels } => {
            look_at_text(&mut facts, codes, labels, classes, against, drawn);
        }
        Cells::Times(times) => {
            let mut times: Vec<i64> = times.iter().copied().flatten().collect();
            times.sort_unstable();
            times.dedup();
            facts.distinct = times.len();
        }
    }
    facts.oddity = match facts.distinct {
        0 => Some(Oddity::Empty),
        1 => Some(Oddity::Constant),
        distinct => facts.oddity.filter(|_| missing == 0 && distinct == rows),
    };
    facts
}

fn look_at_numbers(
    facts: &mut ColumnFacts,
    values: &[f64],
    classes: &Classes,
    against: bool,
    drawn: bool,
) {
    let sorted = Sorted::new(values, classes.codes.as_deref());
    facts.distinct = sorted.distinct();
    facts.numbers = Some(Numbers::of(&sorted.values));
    facts.sentinels = find_sentinels(&sorted.values);
    if classes.codes.is_some() {
        let (begin, end) = inside(&sorted.values);
        facts.outliers = vec![0; classes.count];
        for class in sorted.classes[..begin].iter().chain(&sorted.classes[end..]) {
            if let Some(count) = facts.outliers.get_mut(*class as usize) {
                *count += 1;
            }
        }
    }
    if counts_rows(values.iter().map(|value| (!value.is_nan()).then_some(*value))) {
        facts.oddity = Some(Oddity::Counts);
    } else if sorted.values.iter().all(|value| value.fract() == 0.0) {
        facts.oddity = Some(Oddity::Names);
    }
    if against {
        let gaps = (0..values.len()).filter(|row| values[*row].is_nan());
        let gaps = gaps.map(|row| (None, class(classes, row)));
        let rest = sorted.values.iter().zip(&sorted.classes);
        let rest = rest.map(|(value, class)| (Some(*value), *class));
        judge(facts, gaps.chain(rest), classes.count, true, |value| value.to_string());
    }
    if drawn {
        facts.shape = spread(&sorted, facts.distinct, classes);
    }
}

fn look_at_text(
    facts: &mut ColumnFacts,
    codes: &[u32],
    labels: &[&str],
    classes: &Classes,
    against: bool,
    drawn: bool,
) {
    facts.distinct = labels.len();
    facts.strays = Some(find_strays(codes, labels));
    facts.oddity = Some(Oddity::Names);
    let mut rows = vec![0; labels.len()];
    for &code in codes {
        if let Some(rows) = rows.get_mut(code as usize) {
            *rows += 1;
        }
    }
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_unstable_by(|&one, &other| {
        rows[other].cmp(&rows[one]).then_with(|| labels[one].cmp(labels[other]))
    });
    let top = order.iter().take(MOST_COUNTED);
    facts.top =
        top.map(|place| ClassRows { name: shorten(labels[*place]), rows: rows[*place] }).collect();
    if against {
        // Of too many labels to be judged, whether there is one can still tell: a failure's cause.
        let many = labels.len() > FEW_VALUES && facts.missing > 0;
        let key = |code: u32| if many { 0 } else { code };
        let cell = |(row, code): (usize, &u32)| {
            ((*code != MISSING_CODE).then(|| key(*code)), class(classes, row))
        };
        let mut cells: Vec<(Option<u32>, u32)> = codes.iter().enumerate().map(cell).collect();
        cells.sort_unstable();
        let name = |code: u32| match labels.get(code as usize) {
            Some(label) if !many => (*label).to_owned(),
            _ => "any text".to_owned(),
        };
        judge(facts, cells.into_iter(), classes.count, false, name);
    }
    if drawn {
        facts.shape = bars(codes, labels, &order, classes);
    }
}

fn class(classes: &Classes, row: usize) -> u32 {
    classes.of(row).map_or(MISSING_CODE, |class| class as u32)
}

/// Judges a column by its cells in ascending order, each with its row's class; rows without a class
/// are left out.
fn judge<T: Copy + PartialEq>(
    facts: &mut ColumnFacts,
    cells: impl Iterator<Item = (Option<T>, u32)>,
    class_count: usize,
    ordered: bool,
    name: impl Fn(T) -> String,
) {
    let (mut ranks, mut known) = (Vec::new(), Vec::new());
    let mut values: Vec<Option<T>> = Vec::new();
    for (value, class) in cells.filter(|(_, class)| *class != MISSING_CODE) {
        if values.last() != Some(&value) {
            values.push(value);
        }
        ranks.push((values.len() - 1) as u32);
        known.push(class);
    }
    let Association { class, mcc, leak } = assess(&ranks, &known, class_count, ordered);
    facts.tells = Some(BestClass { class: class as usize, mcc });
    facts.leak = leak.map(|leak| {
        let place = if let Leak::Marks { value, .. } = leak { value as usize } else { 0 };
        let value = values.get(place).copied().flatten();
        (leak, value.map_or_else(|| "a missing cell".to_owned(), name))
    });
}
