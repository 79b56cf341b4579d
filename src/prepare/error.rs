//! What can be wrong with a table when it is prepared.

use super::columns::Kind;
use crate::data::{DataError, guess_format};
use crate::plural::counted;

/// Why a table cannot be prepared. Rows count from 1, below the header.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum PrepareError {
    /// A column does not exist, or is not of the kind that is needed.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A step, by its key in the grid file or in the model.
    #[error("{key} ({name}): {source}")]
    Step { key: String, name: &'static str, source: Box<Self> },
    /// An expression cannot be computed.
    #[error("{expression:?}: {reason}")]
    Expression { expression: String, reason: String },
    /// An expression of `derive`, by the name of its column.
    #[error("derive.{name}: {source}")]
    Derive { name: String, source: Box<Self> },
    /// A new column has the name of one that is there.
    #[error("{path}: a column {name:?} already exists: choose another name")]
    NameTaken { path: String, name: String },
    /// A step that names a column twice.
    #[error("{path}: the column {column:?} is named a second time by {name:?}")]
    NamedTwice { path: String, name: String, column: String },
    /// A column that an earlier step took away.
    #[error("{path}: there is no column {column:?} at this step: an earlier one took it away")]
    Gone { path: String, column: String },
    /// A step that would change the group or the time of the rows.
    #[error(
        "{path}: {column:?} is data.group or data.time, by which rows are told apart and put in order: leave \
         it as it is, and out of data.features"
    )]
    RoleChanged { path: String, column: String },
    /// The target is the group or the time.
    #[error("{path}: the target {column:?} is data.group or data.time too: name another column")]
    RoleIsTarget { path: String, column: String },
    /// Too many new columns.
    #[error(
        "it makes more than {limit} columns of one: split it into several steps, or take fewer"
    )]
    TooManyColumns { limit: usize },
    /// Too many kinds of events.
    #[error(
        "{path}: {column:?} holds {kinds} kinds of events, more than {limit}: is it an identifier?"
    )]
    TooManyKinds { path: String, column: String, kinds: usize, limit: usize },
    /// A class whose rows a step has left out.
    #[error(
        "{path}: no train row of class {class:?} is left, and a network has to meet it: leave out fewer \
         rows, or the class"
    )]
    ClassLost { path: String, class: String },
    /// Text where numbers are needed.
    #[error(
        "{path}: {column:?} does not hold numbers: leave it out, or make numbers of it by one_hot, \
         ordinal or time_parts"
    )]
    NoNumbers { path: String, column: String },
    /// Text where times are needed.
    #[error("{path}: {column:?} does not hold times: read them by a step parse_dates before")]
    NoTimes { path: String, column: String },
    /// A cell that is not a time.
    #[error("{path}: row {row}: {column:?} holds {value:?}, which is not a time as {advice}")]
    BadTime { path: String, row: usize, column: String, value: String, advice: String },
    /// A time that no calendar of four digits has.
    #[error(
        "{path}: row {row}: {column:?} holds the time {value}, and times are of the years 0 to 9999: correct \
         or empty the cell"
    )]
    FarTime { path: String, row: usize, column: String, value: String },
    /// A row without a time.
    #[error(
        "{path}: row {row}: the time {column:?} is missing: fill it in, or leave out such rows by drop_missing"
    )]
    NoTime { path: String, column: String, row: usize },
    /// A row without a group.
    #[error(
        "{path}: row {row}: the group {column:?} is missing: fill it in, or leave out such rows by drop_missing"
    )]
    NoGroup { path: String, column: String, row: usize },
    /// A step that needs to know which column is the time.
    #[error("it needs the time of the rows: name their column in data.time")]
    NoTimeRole,
    /// A step that needs to know which column is the group.
    #[error("it needs the {role} of the rows: name their column in data.{role}")]
    NoRole { role: &'static str },
    /// A table that a step looks into, and that is not given.
    #[error("no auxiliary table {table:?}: name its file by --table {table}=FILE{known}")]
    NoTable { table: String, known: String },
    /// A key that should belong to one row belongs to two.
    #[error(
        "{path}: rows {first} and {second} are both of {key}, so that joining them would multiply rows: \
         take \"latest\", or count_events or time_since for events"
    )]
    KeyTwice { path: String, key: String, first: usize, second: usize },
    /// Text to fill a column of numbers with.
    #[error("{column:?} holds numbers, which a text cannot fill: write a number")]
    FillKind { column: String },
    /// Nothing to fit a filler on.
    #[error(
        "{path}: the train rows hold no cell of {column:?} to fill the others with: leave it out"
    )]
    NothingToFillWith { path: String, column: String },
    /// A category that an order does not name.
    #[error(
        "{path}: row {row}: {column:?} holds {value:?}, which its order does not name: add it, or set \
         \"unseen\": \"ignore\""
    )]
    NotInOrder { path: String, column: String, row: usize, value: String },
    /// A category twice in an order.
    #[error("the order of {column:?} holds {category:?} twice")]
    OrderTwice { column: String, category: String },
    /// A second target.
    #[error(
        "a label needs a target that is not there yet: take one label step, and name the target"
    )]
    LabelTwice,
    /// A step that is fitted on train rows before there are any.
    #[error("{step} is fitted on train rows, and the rows are not split yet")]
    BeforeSplit { step: &'static str },
    /// A feature that is not a number in the end.
    #[error("{path}: {column:?} is {} in the end, and a network takes numbers: {}", kind_name(*.kind), kind_advice(*.kind))]
    NoInput { path: String, column: String, kind: Kind },
    /// A missing cell where neighbours are looked for.
    #[error("{path}: {column:?} has missing cells, and neighbours need all: fill it before")]
    GapBeforeBalance { path: String, column: String },
    /// Balancing is not possible.
    #[error(transparent)]
    Balance(#[from] super::balance::BalanceError),
    /// A feature that is the target, or dropped.
    #[error(
        "{path}: data.features names {name:?}, but its column {column:?} is the target or stands in \
         data.drop: take it out of one of them"
    )]
    LeftOut { path: String, name: String, column: String },
    /// Two features are one column.
    #[error("{path}: data.features names the column {column:?} a second time by {name:?}")]
    FeatureTwice { path: String, name: String, column: String },
    /// Numbers whose squares are beyond 64-bit floats.
    #[error(
        "{path}: the numbers of {column:?} are too large, or too close, to be computed with: give it another unit"
    )]
    TooLarge { path: String, column: String },
    /// A cell is missing and nothing says what to do about it.
    #[error(
        "{path}: {column:?} has {}, the first in row {row}: fill them in, or add a step such as \
         {{\"fill\": {{\"with\": \"median\"}}}} or {{\"drop_missing\": {{}}}}",
        counted(*.cells, "missing cell")
    )]
    Missing { path: String, column: String, row: usize, cells: usize },
    /// The target is missing in some rows.
    #[error(
        "{path}: the target {column:?} is missing in {}, first in row {row}: fill them in, or leave such \
         rows out by a step {{\"drop_missing\": {{\"columns\": [{column:?}]}}}}",
        counted(*.cells, "row")
    )]
    MissingTarget { path: String, column: String, row: usize, cells: usize },
    /// A row to judge a model on has no class.
    #[error("{path}: the target {column:?} is missing in row {row}: fill it in or delete the row")]
    NoTarget { path: String, column: String, row: usize },
    /// A derived value is infinite or not a number.
    #[error("{path}: row {row}: {column:?} comes to {value}, which no network can learn from")]
    NotFinite { path: String, column: String, row: usize, value: f64 },
    /// A category that was not there when the pipeline was fitted.
    #[error(
        "{path}: row {row}: {column:?} holds {value:?}, which the train rows do not hold (they \
         hold {known}): correct it, or train with \"unseen\": \"ignore\" in the step that encodes it"
    )]
    UnseenCategory { path: String, column: String, row: usize, value: String, known: String },
    /// A text column with very many values is no category.
    #[error(
        "{path}: {column:?} is text with {distinct} different values: it looks like an identifier; \
         name it in data.drop"
    )]
    TooManyCategories { path: String, column: String, distinct: usize },
    /// A variant's own steps leave other rows than those of the variants before it.
    #[error(
        "{key}: these steps leave other rows, or other classes of them, than those of the variants before, \
         and all variants are trained on the same rows: change, leave out and label rows as they do"
    )]
    OtherRows { key: String },
    /// No column is left to learn from.
    #[error("{path}: no feature is left: data.drop and the target take every column")]
    NoFeatures { path: String },
    /// Nothing to tell apart.
    #[error(
        "{path}: the target {column:?} has one class only, {class:?}: there is nothing to learn"
    )]
    OneClass { path: String, column: String, class: String },
    /// A target with a value for nearly every row.
    #[error(
        "{path}: the target {column:?} has {classes} different values, more than {limit}: is it a \
         number to be estimated rather than a class?"
    )]
    TooManyClasses { path: String, column: String, classes: usize, limit: usize },
    /// A class that the model does not know.
    #[error("{path}: row {row}: the target holds {value:?}; the model knows {known}")]
    UnknownClass { path: String, row: usize, value: String, known: String },
    /// No row stays.
    #[error("{path}: no row is left: {said}")]
    NothingLeft { path: String, said: String },
}

impl PrepareError {
    /// The same, at a step.
    pub(super) fn in_step(self, key: String, name: &'static str) -> Self {
        Self::Step { key, name, source: Box::new(self) }
    }

    /// The same, of a derived column.
    pub(super) fn named(self, name: &str) -> Self {
        Self::Derive { name: name.to_owned(), source: Box::new(self) }
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "a number",
        Kind::Text => "text",
        Kind::Time => "a time",
    }
}

fn kind_advice(kind: Kind) -> &'static str {
    match kind {
        Kind::Time => "take its parts by time_parts, and leave it out by drop_columns",
        _ => "encode it by one_hot or ordinal, or leave it out by drop_columns",
    }
}

/// In which format a cell is not a time, and what to write. `beside` names the table among `data.tables`.
pub(super) fn time_advice(
    (column, beside): (&str, Option<&str>),
    cells: &[&str],
    format: Option<&str>,
) -> String {
    let tried = format.unwrap_or("ISO 8601");
    let table = beside.map(|name| format!("\"table\": {name:?}, ")).unwrap_or_default();
    let step = |format: &str| {
        format!("{{\"parse_dates\": {{{table}\"columns\": [{column:?}], \"format\": {format:?}}}}}")
    };
    match guess_format(&cells.iter().copied()) {
        Some(guess) if format != Some(guess) => {
            format!("{tried}: as the first of the steps, {} reads the whole column", step(guess))
        }
        _ if format.is_none() => {
            let step = step("%d.%m.%Y %H:%M");
            format!("{tried}: give the format by the first of the steps, such as {step}")
        }
        _ => format!("{tried} in the years 0 to 9999: correct the cell, or the format"),
    }
}
