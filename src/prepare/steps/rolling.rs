//! Means, deviations and extremes of the rows before a row.

use std::collections::VecDeque;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::prepare::PrepareError;
use crate::prepare::columns::Kind;
use crate::prepare::history::Reach;
use crate::prepare::rows::Rows;
use crate::prepare::sequence::Sequence;
use crate::spec::{self, RollingFunction, Span, Window};

/// Computes statistics of windows that end in the row itself, within its group.
///
/// Each window is computed anew from its own cells, in their order. Running sums, as pandas and
/// polars keep them, would carry rounding from rows long gone, so that a row would come out another
/// way alone with its window than in a long table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rolling {
    /// The columns.
    pub columns: Vec<String>,
    /// How far the windows reach back.
    pub windows: Vec<Window>,
    /// The statistics, each a column named `<column>_<function>_<window>`.
    pub functions: Vec<RollingFunction>,
    /// Fewer numbers than this in a window give a missing cell.
    pub min_periods: u32,
}

/// The most columns that are made of one.
const MOST_COLUMNS: usize = 400;

impl Rolling {
    pub(super) fn resolve(how: &spec::Rolling, rows: &Rows) -> Result<Self, PrepareError> {
        let resolved = Self {
            columns: rows.chosen(how.columns.as_deref(), &[Kind::Number])?,
            windows: how.windows.clone(),
            functions: how.functions.clone(),
            min_periods: how.min_periods.get(),
        };
        rows.are_free(&resolved.names())?;
        if !resolved.is_sound() {
            return Err(PrepareError::TooManyColumns { limit: MOST_COLUMNS });
        }
        Ok(resolved)
    }

    /// The names of the new columns.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for column in &self.columns {
            for window in &self.windows {
                names.extend(self.functions.iter().map(|&one| name(column, window, one)));
            }
        }
        names
    }

    /// Whether there are no more columns than somebody would write down.
    pub(super) fn is_sound(&self) -> bool {
        self.windows.len().saturating_mul(self.functions.len()) <= MOST_COLUMNS
    }

    /// How far back its longest windows look.
    pub(super) fn reach(&self) -> Reach {
        let mut reach = Reach::default();
        for window in &self.windows {
            match window {
                Window::Rows(rows) => reach.rows = reach.rows.max(rows.get() as usize - 1),
                Window::Span(span) => {
                    let longest = reach.span.as_ref().map_or(0, Span::milliseconds);
                    if span.milliseconds() > longest {
                        reach.span = Some(span.clone());
                    }
                }
            }
        }
        reach
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        let timed = self.windows.iter().any(|window| matches!(window, Window::Span(_)));
        let sequence = if timed { Sequence::with_times(rows)? } else { Sequence::new(rows)? };
        let begins: Vec<Vec<usize>> =
            self.windows.iter().map(|window| begins(&sequence, window)).collect();
        for name in &self.columns {
            let cells = sequence.gather(&rows.numbers(name)?);
            let mut tasks = Vec::new();
            for (window, begins) in self.windows.iter().zip(&begins) {
                tasks.extend(self.functions.iter().map(|&function| (window, begins, function)));
            }
            let computed: Vec<Vec<f64>> = tasks
                .par_iter()
                .map(|(_, begins, function)| {
                    let least = self.min_periods as usize;
                    sequence.scatter(&roll(&cells, &sequence, begins, *function, least))
                })
                .collect();
            for ((window, _, function), values) in tasks.into_iter().zip(computed) {
                rows.put(&self::name(name, window, function), values)?;
            }
        }
        Ok(())
    }
}

fn name(column: &str, window: &Window, function: RollingFunction) -> String {
    format!("{column}_{}_{window}", function.name())
}

/// Where the window of each place begins, which ends with the place itself.
fn begins(sequence: &Sequence, window: &Window) -> Vec<usize> {
    let mut begins = Vec::with_capacity(sequence.order.len());
    for run in sequence.runs() {
        let mut begin = run.start;
        for place in run.clone() {
            match window {
                Window::Rows(rows) => {
                    begin = (place + 1).saturating_sub(rows.get() as usize).max(run.start);
                }
                Window::Span(span) => {
                    let after = sequence.times[place].saturating_sub(span.milliseconds());
                    while begin < place && sequence.times[begin] <= after {
                        begin += 1;
                    }
                }
            }
            begins.push(begin);
        }
    }
    begins
}

fn roll(
    cells: &[f64],
    sequence: &Sequence,
    begins: &[usize],
    function: RollingFunction,
    least: usize,
) -> Vec<f64> {
    match function {
        RollingFunction::Mean | RollingFunction::Std => {
            let figure = if function == RollingFunction::Mean { mean } else { deviation };
            let window = |(place, &begin): (usize, &usize)| figure(&cells[begin..=place], least);
            begins.iter().enumerate().map(window).collect()
        }
        RollingFunction::Min => extremes(cells, sequence, begins, least, |one, other| one < other),
        RollingFunction::Max => extremes(cells, sequence, begins, least, |one, other| one > other),
    }
}

fn mean(window: &[f64], least: usize) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for value in window.iter().filter(|value| !value.is_nan()) {
        sum += value;
        count += 1;
    }
    if count < least { f64::NAN } else { sum / f64::from(count as u32) }
}

/// The sample's standard deviation, of two numbers at least.
fn deviation(window: &[f64], least: usize) -> f64 {
    let mean = mean(window, least.max(1));
    let (mut squares, mut count) = (0.0, 0);
    for value in window.iter().filter(|value| !value.is_nan()) {
        squares += (value - mean) * (value - mean);
        count += 1;
    }
    if count < least.max(2) { f64::NAN } else { (squares / f64::from(count as u32 - 1)).sqrt() }
}

/// The best of each window, in one pass: a number that is not better than a later one can never be
/// the best again.
fn extremes(
    cells: &[f64],
    sequence: &Sequence,
    begins: &[usize],
    least: usize,
    better: impl Fn(f64, f64) -> bool,
) -> Vec<f64> {
    let mut values = Vec::with_capacity(cells.len());
    // How many numbers there are before each place.
    let mut before = vec![0; cells.len() + 1];
    for (place, cell) in cells.iter().enumerate() {
        before[place + 1] = before[place] + usize::from(!cell.is_nan());
    }
    for run in sequence.runs() {
        let mut queue: VecDeque<usize> = VecDeque::new();
        for place in run {
            if !cells[place].is_nan() {
                while queue.back().is_some_and(|&last| !better(cells[last], cells[place])) {
                    queue.pop_back();
                }
                queue.push_back(place);
            }
            while queue.front().is_some_and(|&first| first < begins[place]) {
                queue.pop_front();
            }
            let enough = before[place + 1] - before[begins[place]] >= least;
            let best = queue.front().filter(|_| enough);
            values.push(best.map_or(f64::NAN, |&best| cells[best]));
        }
    }
    values
}
