//! Missing cells, filled.

use serde::{Deserialize, Serialize};

use crate::prepare::columns::{Kind, time_column, values};
use crate::prepare::rows::{ByColumn, Rows};
use crate::prepare::sequence::Sequence;
use crate::prepare::{PrepareError, TrainRows, statistics};
use crate::spec::{self, Constant, Filling};

/// Fills missing cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fill {
    /// What the missing cells of each column become.
    pub columns: ByColumn<Filler>,
}

/// What a missing cell becomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Filler {
    /// This number.
    Number(f64),
    /// This text.
    Text(String),
    /// The last cell before it, in the order of time within its group.
    Forward,
    /// The next cell.
    Backward,
}

impl Fill {
    /// What is not fitted.
    pub(super) fn resolve(how: &spec::Fill, rows: &Rows) -> Result<Self, PrepareError> {
        let (filler, kinds): (Filler, &[Kind]) = match &how.with {
            Filling::Constant(Constant::Number(value)) => (Filler::Number(*value), &[Kind::Number]),
            Filling::Constant(Constant::Text(text)) => (Filler::Text(text.clone()), &[Kind::Text]),
            Filling::Backward => (Filler::Backward, &[Kind::Number, Kind::Text]),
            _ => (Filler::Forward, &[Kind::Number, Kind::Text]),
        };
        let columns = rows.chosen(how.columns.as_deref(), kinds)?;
        for name in &columns {
            match (rows.kind(name)?, &filler) {
                (Kind::Number, Filler::Text(_)) => {
                    return Err(PrepareError::FillKind { column: name.clone() });
                }
                (Kind::Number, _)
                | (_, Filler::Forward | Filler::Backward)
                | (Kind::Text, Filler::Text(_)) => {}
                _ => return Err(rows.no_numbers(name)),
            }
        }
        Ok(Self { columns: columns.into_iter().map(|name| (name, filler.clone())).collect() })
    }

    /// Means, medians and most frequent values of the train rows.
    pub(super) fn fit(
        how: &spec::Fill,
        rows: &Rows,
        train: &TrainRows,
    ) -> Result<Self, PrepareError> {
        let kinds: &[Kind] = match how.with {
            Filling::MostFrequent => &[Kind::Number, Kind::Text],
            _ => &[Kind::Number],
        };
        let mut columns = ByColumn::new();
        for name in rows.chosen(how.columns.as_deref(), kinds)? {
            let column = &train.column(rows, &name)?;
            let empty =
                || PrepareError::NothingToFillWith { path: rows.path(), column: name.clone() };
            let filler = match (rows.kind(&name)?, &how.with) {
                (Kind::Number, with) => {
                    let there: Vec<f64> =
                        values(column).into_iter().filter(|value| !value.is_nan()).collect();
                    if there.is_empty() {
                        return Err(empty());
                    }
                    Filler::Number(match with {
                        Filling::Mean => statistics::mean(&there),
                        Filling::Median => statistics::median(&there),
                        _ => statistics::most_frequent(&there),
                    })
                }
                (_, Filling::MostFrequent) => {
                    let cells = crate::data::labels(column).into_iter().flatten().collect();
                    Filler::Text(statistics::most_frequent_text(cells).ok_or_else(empty)?)
                }
                _ => return Err(rows.no_numbers(&name)),
            };
            if matches!(filler, Filler::Number(value) if !value.is_finite()) {
                return Err(PrepareError::TooLarge { path: rows.path(), column: name });
            }
            columns.insert(name, filler);
        }
        Ok(Self { columns })
    }

    /// Whether the numbers are finite.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |filler: &Filler| !matches!(filler, Filler::Number(one) if !one.is_finite());
        self.columns.values().all(sound)
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        let mut sequence = None;
        for (name, filler) in &self.columns {
            if rows.column(name)?.null_count() == 0 {
                continue;
            }
            match (rows.kind(name)?, filler) {
                (Kind::Number, Filler::Number(fill)) => {
                    let filled = rows.numbers(name)?.into_iter();
                    let filled = filled.map(|value| if value.is_nan() { *fill } else { value });
                    rows.put(name, filled.collect())?;
                }
                (Kind::Text, Filler::Text(fill)) => {
                    let mut cells = rows.text(name)?;
                    for cell in cells.iter_mut().filter(|cell| cell.is_none()) {
                        *cell = Some(fill.clone());
                    }
                    rows.put_text(name, &cells)?;
                }
                (kind, Filler::Forward | Filler::Backward) => {
                    if sequence.is_none() {
                        sequence = Some(Sequence::new(rows)?);
                    }
                    let Some(sequence) = &sequence else { continue };
                    let ahead = *filler == Filler::Backward;
                    if kind == Kind::Time {
                        let cells = rows.optional_times(name)?;
                        let filled = carry(sequence, &cells, ahead, Option::is_some);
                        rows.put_column(time_column(name, &filled));
                    } else if kind == Kind::Number {
                        let cells = rows.numbers(name)?;
                        let filled = carry(sequence, &cells, ahead, |cell| !cell.is_nan());
                        rows.put(name, filled)?;
                    } else {
                        let cells = rows.text(name)?;
                        rows.put_text(name, &carry(sequence, &cells, ahead, Option::is_some))?;
                    }
                }
                (Kind::Number, _) => return Err(PrepareError::FillKind { column: name.clone() }),
                _ => return Err(rows.no_numbers(name)),
            }
        }
        Ok(())
    }
}

/// Gaps filled with the cell before or after them, in the same group.
fn carry<T: Clone>(
    sequence: &Sequence,
    cells: &[T],
    ahead: bool,
    is_there: impl Fn(&T) -> bool,
) -> Vec<T> {
    let mut filled = cells.to_vec();
    for run in sequence.runs() {
        let mut places: Vec<usize> = sequence.order[run].to_vec();
        if ahead {
            places.reverse();
        }
        let mut last: Option<usize> = None;
        for row in places {
            if is_there(&cells[row]) {
                last = Some(row);
            } else if let Some(last) = last {
                filled[row] = cells[last].clone();
            }
        }
    }
    filled
}
