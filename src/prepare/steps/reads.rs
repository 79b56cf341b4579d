//! Which columns a step reads: those of them that the table has are what a model asks a table for.

use super::{Fill, Filler, FittedStep};
use crate::prepare::rows::{ByColumn, Roles};

impl FittedStep {
    /// The columns that the step reads, of a table to predict.
    pub(in crate::prepare) fn reads(&self, roles: &Roles) -> Vec<String> {
        match self {
            Self::DropColumns(_) | Self::DropDuplicates(_) => Vec::new(),
            Self::DropMissing(step) => step.columns.clone(),
            Self::DropRows(step) => step.condition.columns.values().cloned().collect(),
            Self::ParseDates(step) => match step.table {
                Some(_) => Vec::new(),
                None => step.columns.clone(),
            },
            Self::Fill(step) => keys(&step.columns).chain(carried(step, roles)).collect(),
            Self::Bounds(step) => keys(&step.columns).collect(),
            Self::Derive(step) => {
                let columns = step.columns.values().flat_map(|one| one.columns.values());
                columns.cloned().collect()
            }
            Self::TimeParts(step) => vec![step.column.clone()],
            Self::Rolling(step) => step.columns.iter().cloned().chain(both(roles)).collect(),
            Self::Shift(step) => step.columns.iter().cloned().chain(both(roles)).collect(),
            Self::Resample(step) => keys(&step.columns).chain(both(roles)).collect(),
            Self::Join(_) | Self::LookBack(_) | Self::Label(_) => both(roles).collect(),
            Self::OneHot(step) => keys(&step.columns).collect(),
            Self::Ordinal(step) => keys(&step.orders).collect(),
            Self::Bins(step) => keys(&step.columns).collect(),
            Self::Scale(step) => keys(&step.columns).collect(),
        }
    }
}

fn keys<T>(columns: &ByColumn<T>) -> impl Iterator<Item = String> {
    columns.keys().cloned()
}

/// What puts the rows in order.
fn both(roles: &Roles) -> impl Iterator<Item = String> + use<> {
    roles.group.clone().into_iter().chain(roles.time.clone())
}

fn carried(fill: &Fill, roles: &Roles) -> impl Iterator<Item = String> + use<> {
    let carries = |filler: &Filler| matches!(filler, Filler::Forward | Filler::Backward);
    let needed = fill.columns.values().any(carries);
    both(roles).filter(move |_| needed).collect::<Vec<_>>().into_iter()
}
