//! Numbers brought into bounds: fixed ones, or those that the train rows give.

use serde::{Deserialize, Serialize};

use crate::prepare::columns::Kind;
use crate::prepare::rows::{ByColumn, Rows};
use crate::prepare::{PrepareError, TrainRows, statistics};
use crate::spec;

/// Brings numbers into bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// The bounds of each column.
    pub columns: ByColumn<Bound>,
}

/// The bounds of a column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// Smaller numbers become this.
    pub lower: Option<f64>,
    /// Larger numbers become this.
    pub upper: Option<f64>,
}

impl Bound {
    /// A missing cell is never outside.
    fn is_outside(self, value: f64) -> bool {
        self.lower.is_some_and(|lower| value < lower)
            || self.upper.is_some_and(|upper| value > upper)
    }

    fn bring(self, value: f64) -> f64 {
        match self {
            Self { lower: Some(lower), .. } if value < lower => lower,
            Self { upper: Some(upper), .. } if value > upper => upper,
            _ => value,
        }
    }
}

impl Bounds {
    pub(super) fn resolve(how: &spec::Clip, rows: &Rows) -> Result<Self, PrepareError> {
        let bound = Bound { lower: how.lower, upper: how.upper };
        let columns = rows.chosen(Some(&how.columns), &[])?;
        Ok(Self { columns: columns.into_iter().map(|name| (name, bound)).collect() })
    }

    /// Quartiles of the train rows, and so many interquartile ranges beyond (Tukey's fences).
    pub(super) fn fit(
        how: &spec::IqrOutliers,
        rows: &Rows,
        train: &TrainRows,
    ) -> Result<Self, PrepareError> {
        let mut columns = ByColumn::new();
        for name in rows.chosen(how.columns.as_deref(), &[Kind::Number])? {
            let there = train.numbers(rows, &name)?;
            let sorted = statistics::sorted(&there);
            let (low, high) =
                (statistics::quantile(&sorted, 0.25), statistics::quantile(&sorted, 0.75));
            let reach = how.factor.get() * (high - low);
            let (lower, upper) = (low - reach, high + reach);
            if !(lower.is_finite() && upper.is_finite()) {
                return Err(PrepareError::TooLarge { path: rows.path(), column: name });
            }
            columns.insert(name, Bound { lower: Some(lower), upper: Some(upper) });
        }
        Ok(Self { columns })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        for (name, bound) in &self.columns {
            let brought = rows.numbers(name)?.into_iter().map(|value| bound.bring(value));
            rows.put(name, brought.collect())?;
        }
        Ok(())
    }

    /// Whether the bounds are numbers.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |end: Option<f64>| end.is_none_or(f64::is_finite);
        self.columns.values().all(|bound| sound(bound.lower) && sound(bound.upper))
    }

    /// Which rows hold a number outside of its bounds, `[rows]`.
    pub(in crate::prepare) fn outside(&self, rows: &Rows) -> Result<Vec<bool>, PrepareError> {
        let mut outside = vec![false; rows.height()];
        for (name, bound) in &self.columns {
            for (outside, value) in outside.iter_mut().zip(rows.numbers(name)?) {
                *outside |= bound.is_outside(value);
            }
        }
        Ok(outside)
    }
}
