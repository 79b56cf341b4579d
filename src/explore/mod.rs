//! A first look at a table: what its columns hold, how they go together, what tells too much.
//!
//! One sort of each column with the classes of its rows gives quantiles, distinct values, outliers,
//! boxes and leaks ([`ColumnFacts`]); correlations and repeated rows are counted over all columns. Columns
//! are looked at in parallel, and no statistic depends on the number of threads. The statistics are
//! pandas'.

mod classes;
mod column;
mod correlation;
mod describe;
mod duplicates;
mod error;
mod facts;
mod groups;
mod outliers;
mod page;
mod pairs;
mod series;
mod shape;
mod sorted;
mod suspicious;
mod time_column;
mod warnings;

use rayon::prelude::*;
use serde::Serialize;

pub use classes::{ClassRows, TargetFacts};
pub use column::Kind;
pub use describe::Numbers;
pub use error::ExploreError;
pub use facts::{BestClass, ColumnFacts, Oddity};
pub use groups::{Groups, Interleaved};
pub use outliers::OutlierRows;
pub use page::render_page;
pub use pairs::{Correlations, Pair};
pub use series::{Events, Gap, Series, Tally};
pub use shape::{BoxPlot, Shape};
pub use suspicious::{Sentinel, Strays};

use crate::data::{DataError, Table};
use classes::{Classes, read_target};
use column::Column;
use groups::{Grouping, find_groups};
use time_column::find_time;

/// Rows of the head, and of the tail.
const ENDS: usize = 5;

/// The longest cell or label that is kept, in characters.
const LONGEST_TEXT: usize = 100;

/// Columns whose spread the page draws: more would make it slow to open.
const DRAWN_COLUMNS: usize = 100;

/// What the user says of the table.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The column to predict.
    pub target: Option<&'a str>,
    /// The column of times; else the first of `time_format`, else the first that reads as times.
    pub time: Option<&'a str>,
    /// The column of groups, such as machines, whose times are followed apart.
    pub group: Option<&'a str>,
    /// The format of the times, as `strftime` has it.
    pub time_format: Option<&'a str>,
}

/// All that is known of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exploration {
    /// Where the table came from.
    pub source: String,
    /// SHA-256 of what was read.
    pub sha256: String,
    /// Number of rows.
    pub rows: usize,
    /// Bytes of the table in memory.
    pub bytes: usize,
    /// What was repaired when it was read.
    pub repairs: Vec<String>,
    /// What to beware of.
    pub warnings: Vec<String>,
    /// Each column's facts, in the order of the table.
    pub columns: Vec<ColumnFacts>,
    /// The first rows, cell by cell; `None` if missing.
    pub head: Vec<Vec<Option<String>>>,
    /// The last rows.
    pub tail: Vec<Vec<Option<String>>>,
    /// Rows that equal an earlier one.
    pub duplicates: usize,
    /// The column to predict.
    pub target: Option<TargetFacts>,
    /// How columns of numbers go together.
    pub correlations: Correlations,
    /// Rows with an outlier.
    pub outliers: OutlierRows,
    /// The time column, where there is one.
    pub series: Option<Series>,
}

/// Looks at a table.
///
/// Beside the table it takes 4 bytes for each cell of text, 8 of numbers with gaps, 16 of times, and some
/// 60 bytes a row and thread.
///
/// # Errors
/// [`ExploreError`] when a column does not exist, the time column holds something else, or none holds the
/// times that are asked for.
pub fn explore(table: &Table, options: &Options) -> Result<Exploration, ExploreError> {
    let mut columns: Vec<Column> = table.frame.columns().par_iter().map(Column::read).collect();
    let target = options.target.map(|name| place(table, name)).transpose()?;
    let time = options.time.map(|name| place(table, name)).transpose()?;
    let group = options.group.map(|name| place(table, name)).transpose()?;
    let time = find_time(table, &mut columns, options, [target, time])?;

    let (target_facts, classes) = match target.map(|place| read_target(&columns[place], place)) {
        Some((facts, classes)) => (Some(facts), classes),
        None => (None, Classes::none()),
    };
    let look = |(place, column): (usize, &Column)| {
        facts::look(column, &classes, Some(place) != target, place < DRAWN_COLUMNS)
    };
    let facts: Vec<ColumnFacts> = columns.par_iter().enumerate().map(look).collect();
    let rows = table.rows();
    let series = time.and_then(|place| {
        let times = columns[place].times()?;
        let grouping = group.map(|group| Grouping::new(&columns[group], group, rows));
        let target_facts = target_facts.as_ref();
        let followed = series::follow(times, place, grouping.as_ref(), target_facts, &classes)?;
        let ungrouped = group.is_none();
        let find = || find_groups(times, &columns, &facts, [Some(place), target]);
        Some(Series { interleaved: ungrouped.then(find).flatten(), ..followed })
    });
    let mut exploration = Exploration {
        source: table.source.clone(),
        sha256: table.sha256.clone(),
        rows,
        bytes: table.frame.estimated_size(),
        repairs: table.repairs.iter().map(ToString::to_string).collect(),
        warnings: Vec::new(),
        head: show(&columns, 0..rows.min(ENDS)),
        tail: show(&columns, rows.saturating_sub(ENDS).max(rows.min(ENDS))..rows),
        duplicates: duplicates::count_duplicates(&columns, rows),
        correlations: pairs::correlations(&columns, &facts),
        outliers: outliers::count_rows(&columns, &facts, target, &classes, rows),
        columns: facts,
        target: target_facts,
        series,
    };
    exploration.warnings = warnings::warn(&exploration, table);
    Ok(exploration)
}

/// Where a column stands in the table.
fn place(table: &Table, wanted: &str) -> Result<usize, DataError> {
    let found = table.column(wanted)?.name();
    Ok(table.frame.columns().iter().position(|column| column.name() == found).unwrap_or(0))
}

fn show(columns: &[Column], rows: std::ops::Range<usize>) -> Vec<Vec<Option<String>>> {
    let cell = |column: &Column, row| column.show(row).map(|text| shorten(&text));
    rows.map(|row| columns.iter().map(|column| cell(column, row)).collect()).collect()
}

/// A cell or label for reading; a table's may be megabytes long.
fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST_TEXT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
