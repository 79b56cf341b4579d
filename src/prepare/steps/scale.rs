//! Numbers scaled by statistics of the train rows.

use serde::{Deserialize, Serialize};

use super::quantiles::Quantiles;
use crate::prepare::columns::Kind;
use crate::prepare::rows::{ByColumn, Rows};
use crate::prepare::{PrepareError, TrainRows, statistics};
use crate::spec::{self, ScaleMethod};

/// Scales numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// How each column is scaled.
    pub columns: ByColumn<Scaling>,
}

/// How a column is scaled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scaling {
    /// (value - center) / scale.
    Linear {
        /// What is subtracted.
        center: f64,
        /// What is divided by; 1 for a constant column.
        scale: f64,
    },
    /// To a normal distribution by rank.
    Normal(Quantiles),
}

impl Scale {
    pub(super) fn fit(
        how: &spec::Scale,
        rows: &Rows,
        train: &TrainRows,
    ) -> Result<Self, PrepareError> {
        let mut columns = ByColumn::new();
        for name in rows.chosen(how.columns.as_deref(), &[Kind::Number])? {
            let there = train.numbers(rows, &name)?;
            let Some(scaling) = scaling(how.method, &there) else {
                return Err(PrepareError::TooLarge { path: rows.path(), column: name });
            };
            columns.insert(name, scaling);
        }
        Ok(Self { columns })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        for (name, scaling) in &self.columns {
            let values = rows.numbers(name)?.into_iter();
            let scaled: Vec<f64> = match scaling {
                Scaling::Linear { center, scale } => {
                    values.map(|value| (value - center) / scale).collect()
                }
                Scaling::Normal(quantiles) => values.map(|value| quantiles.normal(value)).collect(),
            };
            rows.put(name, scaled)?;
        }
        Ok(())
    }

    /// Whether the statistics can be computed with.
    pub(super) fn is_sound(&self) -> bool {
        self.columns.values().all(|scaling| match scaling {
            Scaling::Linear { center, scale } => center.is_finite() && scale.is_normal(),
            Scaling::Normal(quantiles) => quantiles.is_sound(),
        })
    }
}

/// `None` if the statistics are beyond 64-bit floats.
fn scaling(method: ScaleMethod, values: &[f64]) -> Option<Scaling> {
    let (center, scale) = match method {
        ScaleMethod::QuantileNormal => {
            let quantiles = Quantiles::fit(values);
            return quantiles.is_sound().then_some(Scaling::Normal(quantiles));
        }
        _ if values.is_empty() => (0.0, 1.0),
        ScaleMethod::Standard => statistics::deviation(values),
        ScaleMethod::MinMax => {
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            (low, high - low)
        }
        ScaleMethod::Robust => {
            let sorted = statistics::sorted(values);
            let (low, high) =
                (statistics::quantile(&sorted, 0.25), statistics::quantile(&sorted, 0.75));
            (statistics::median(values), high - low)
        }
    };
    // A constant column: what is left of its deviation is rounding.
    let constant = scale <= 10.0 * f64::EPSILON * center.abs();
    let scale = if constant { 1.0 } else { scale };
    (center.is_finite() && scale.is_normal()).then_some(Scaling::Linear { center, scale })
}
