//! Numbers by the bins that they lie in.

use serde::{Deserialize, Serialize};

use super::edges::{at_quantiles, by_tree};
use crate::data::shortest;
use crate::prepare::columns::Kind;
use crate::prepare::rows::{ByColumn, Rows};
use crate::prepare::{PrepareError, TrainRows};
use crate::spec::{self, BinEncoding, EdgesBy};

/// The most edges of a column.
const MOST_EDGES: usize = 257;

/// Makes columns of a number by edges, each edge being the last number of the bin below it. A missing
/// cell gives missing cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bins {
    /// The edges of each column, ascending; for `piecewise_linear`, the smallest and the largest number
    /// of the train rows around them.
    pub columns: ByColumn<Vec<f64>>,
    /// What is made of them.
    pub encode: BinEncoding,
    /// Whether the numbers stay too.
    pub keep: bool,
}

impl Bins {
    pub(super) fn fit(
        how: &spec::Bins,
        rows: &mut Rows,
        train: &TrainRows,
    ) -> Result<Self, PrepareError> {
        let mut bins = Self { columns: ByColumn::new(), encode: how.encode, keep: how.keep };
        for name in rows.chosen(how.columns.as_deref(), &[Kind::Number])? {
            let cells = train.labelled(rows, &name)?;
            let low = cells.iter().map(|cell| cell.0).fold(f64::INFINITY, f64::min);
            let high = cells.iter().map(|cell| cell.0).fold(f64::NEG_INFINITY, f64::max);
            if !cells.is_empty() && !(high - low).is_finite() {
                return Err(PrepareError::TooLarge { path: rows.path(), column: name });
            }
            let mut edges = edges(how, cells);
            if how.encode == BinEncoding::PiecewiseLinear {
                edges.retain(|&edge| low < edge);
            }
            if edges.is_empty() {
                let why = match how.by {
                    EdgesBy::Target => "nowhere do the classes of the train rows part",
                    EdgesBy::Quantiles => "the train rows are too much alike",
                };
                rows.notes.push(format!("bins: none of {name:?}: {why}; it stays as it is"));
                continue;
            }
            if how.encode == BinEncoding::PiecewiseLinear {
                edges.insert(0, low);
                edges.push(high);
            }
            bins.columns.insert(name, edges);
        }
        let names = bins.encoded().flat_map(|(_, made)| made);
        rows.are_free(&names.collect::<Vec<_>>())?;
        Ok(bins)
    }

    /// The columns, each with the names of those that are made of it.
    pub(super) fn encoded(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        self.columns.iter().map(|(name, edges)| (name.as_str(), self.names(name, edges)))
    }

    /// Whether the edges can be computed with, and are no more than a fit makes.
    pub(super) fn is_sound(&self) -> bool {
        let least = if self.encode == BinEncoding::PiecewiseLinear { 3 } else { 1 };
        self.columns.values().all(|edges| {
            let spread = edges.last().zip(edges.first()).map(|(last, first)| last - first);
            (least..=MOST_EDGES).contains(&edges.len())
                && edges.is_sorted_by(|one, other| one < other)
                && edges.iter().all(|edge| edge.is_finite())
                && spread.is_some_and(f64::is_finite)
        })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        for (name, edges) in &self.columns {
            let cells = rows.numbers(name)?;
            let made = self.names(name, edges);
            for (place, new) in made.iter().enumerate() {
                let value = |&cell: &f64| match cell {
                    cell if cell.is_nan() => f64::NAN,
                    cell => self.value(edges, place, cell),
                };
                rows.put_indicator(new, cells.iter().map(value).collect())?;
            }
            if !self.keep {
                rows.stand_in(name, &made);
            }
        }
        Ok(())
    }

    /// The names of the columns that are made of one.
    fn names(&self, name: &str, edges: &[f64]) -> Vec<String> {
        let inner = match self.encode {
            BinEncoding::Thresholds => {
                return edges.iter().map(|&edge| format!("{name}>{}", shortest(edge))).collect();
            }
            BinEncoding::OneHot => edges,
            BinEncoding::PiecewiseLinear => edges.get(1..edges.len() - 1).unwrap_or_default(),
        };
        let ends: Vec<String> = inner.iter().map(|&edge| shortest(edge)).collect();
        let end = |place: Option<usize>| {
            place.and_then(|place| ends.get(place)).map_or("", String::as_str)
        };
        let bin =
            |place: usize| format!("{name}={}..{}", end(place.checked_sub(1)), end(Some(place)));
        (0..=ends.len()).map(bin).collect()
    }

    /// What a number is in the column at a place among those of [`Self::names`].
    fn value(&self, edges: &[f64], place: usize, cell: f64) -> f64 {
        match self.encode {
            BinEncoding::Thresholds => f64::from(cell > edges[place]),
            BinEncoding::OneHot => {
                let above = place.checked_sub(1).is_none_or(|below| cell > edges[below]);
                f64::from(above && edges.get(place).is_none_or(|&edge| cell <= edge))
            }
            BinEncoding::PiecewiseLinear => {
                let share = (cell - edges[place]) / (edges[place + 1] - edges[place]);
                let least = if place == 0 { share } else { share.max(0.0) };
                if place + 2 == edges.len() { least } else { least.min(1.0) }
            }
        }
    }
}

/// The edges of values with their classes, ascending.
fn edges(how: &spec::Bins, cells: Vec<(f64, u32)>) -> Vec<f64> {
    let count = how.count.get() as usize;
    match how.by {
        EdgesBy::Target => by_tree(cells, count, how.min_rows.get() as usize),
        EdgesBy::Quantiles => {
            at_quantiles(&cells.iter().map(|cell| cell.0).collect::<Vec<_>>(), count)
        }
    }
}
