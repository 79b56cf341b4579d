//! Why rows cannot be split.

use crate::examples::Part;
use crate::plural::counted;
use crate::spec::By;

/// Why rows cannot be split. Folds count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum SplitError {
    /// A class has too few rows to stand in every part: train, valid and test; or test and folds.
    #[error(
        "class {class:?} of the target has {}, too few for {parts} parts that each need one: \
         merge the class with another, leave its rows out, or split into fewer parts",
        counted(*.rows, "row")
    )]
    SmallClass { class: String, rows: usize, parts: usize },
    /// A network would never meet a class.
    #[error(
        "no train row{} is of class {class:?} of the target: {}, merge the class with another, or leave \
         its rows out", of_fold(*.fold), advice(*.by)
    )]
    NotTrained { class: String, fold: Option<usize>, by: By },
    /// Fewer groups than parts.
    #[error(
        "data.group has {}, too few for {parts} parts that each need one: split into fewer parts, or by \
         something else", counted(*.groups, "group")
    )]
    FewGroups { groups: usize, parts: usize },
    /// Fewer different times than parts.
    #[error(
        "data.time has {}, too few for {parts} parts that each need one: split into fewer parts, or by \
         something else", counted(*.times, "different time")
    )]
    FewTimes { times: usize, parts: usize },
    /// The gap takes a whole part.
    #[error(
        "the gap leaves no {} row{}: give a shorter gap, or split into fewer parts", part.name(),
        of_fold(*.fold)
    )]
    GapTooLong { part: Part, fold: Option<usize> },
    /// The rows are to be split by what they do not have.
    #[error("the rows are to be split by {what}, and have none: name their column in data.{what}")]
    NoKey { what: &'static str },
}

fn of_fold(fold: Option<usize>) -> String {
    fold.map(|fold| format!(" of fold {fold}")).unwrap_or_default()
}

fn advice(by: By) -> &'static str {
    match by {
        By::Stratified => "split into fewer parts",
        By::Random => "split by stratified",
        By::Group => "give the split another seed",
        By::Time => "give a larger train share, fewer folds or a shorter gap",
    }
}
