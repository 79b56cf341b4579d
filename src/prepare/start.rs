//! The table before the first step: which columns there are, and which of them are features.

use std::collections::HashSet;

use polars::prelude::{Column, PlSmallStr};

use super::PrepareError;
use super::columns::Kind;
use super::pipeline::Read;
use super::rows::{Roles, Rows, Tables};
use crate::data::{DataError, NameError, Table};
use crate::spec::{Data, GridFile, Step};

/// The rows of a table to train on, and all columns that a step may read.
pub(super) fn start<'t>(
    table: &'t Table,
    tables: &'t Tables,
    grid: &GridFile,
    steps: &[Step],
) -> Result<(Rows<'t>, Vec<Read>), PrepareError> {
    let data = &grid.data;
    let mut notes = Vec::new();
    let labelled = steps.iter().any(|step| matches!(step, Step::Label(_)));
    let target = if labelled { None } else { Some(table.column(&data.target)?.name().clone()) };
    let dropped = dropped(table, &data.drop, &mut notes)?;
    let name_of = |name: &String| Ok::<_, PrepareError>(table.column(name)?.name().clone());
    let categorical = data.categorical.iter().map(name_of);
    let categorical: HashSet<PlSmallStr> = categorical.collect::<Result<_, _>>()?;
    let time = data.time.as_ref().map(name_of).transpose()?;
    let group = data.group.as_ref().map(name_of).transpose()?;

    if let Some(target) =
        target.as_ref().filter(|one| [&time, &group].contains(&&Some((*one).clone())))
    {
        let (path, column) = (table.source.clone(), target.to_string());
        return Err(PrepareError::RoleIsTarget { path, column });
    }
    let left_out: HashSet<PlSmallStr> = dropped.into_iter().chain(target.clone()).collect();
    let named = named_features(table, data, &left_out)?;
    let features = if data.features.is_some() {
        named.iter().map(|(_, name)| name.clone()).collect()
    } else {
        let roles = [&time, &group];
        let is_learnt = |name: &&PlSmallStr| {
            !left_out.contains(*name) && !roles.iter().any(|role| role.as_ref() == Some(*name))
        };
        let columns = table.frame.columns().iter().map(Column::name);
        columns.filter(is_learnt).map(ToString::to_string).collect()
    };
    let shown = |column: &PlSmallStr| {
        let found = named.iter().find(|(taken, _)| taken == column);
        found.map_or_else(|| column.to_string(), |(_, name)| name.clone())
    };

    let mut columns = Vec::new();
    let mut reads = Vec::new();
    for column in table.frame.columns() {
        if Some(column.name()) == target.as_ref() {
            columns.push(column.clone());
            continue;
        }
        let is_time = Some(column.name()) == time.as_ref() && !parsed_later(steps, column, table);
        let kind = match Kind::of(column) {
            Kind::Number if categorical.contains(column.name()) => Kind::Text,
            Kind::Text if is_time => Kind::Time,
            kind => kind,
        };
        let read = Read { name: shown(column.name()), kind };
        columns.push(read.of(table)?);
        reads.push(read);
    }
    let mut rows = Rows::new(table, tables, columns, features);
    rows.roles = Roles { time: time.as_ref().map(shown), group: group.as_ref().map(shown) };
    rows.target = Some(target.map_or_else(|| data.target.clone(), |name| name.to_string()));
    rows.notes = notes;
    Ok((rows, reads))
}

/// The columns of `data.features`, each with its name there.
fn named_features(
    table: &Table,
    data: &Data,
    left_out: &HashSet<PlSmallStr>,
) -> Result<Vec<(PlSmallStr, String)>, PrepareError> {
    let mut named: Vec<(PlSmallStr, String)> = Vec::new();
    for name in data.features.iter().flatten() {
        let column = table.column(name)?.name().clone();
        let (path, name, shown) = (table.source.clone(), name.clone(), column.to_string());
        if left_out.contains(&column) {
            return Err(PrepareError::LeftOut { path, name, column: shown });
        }
        if named.iter().any(|(taken, _)| *taken == column) {
            return Err(PrepareError::FeatureTwice { path, name, column: shown });
        }
        named.push((column, name));
    }
    Ok(named)
}

/// The columns of `data.drop`, and a note for each name that no column has.
fn dropped(
    table: &Table,
    names: &[String],
    notes: &mut Vec<String>,
) -> Result<HashSet<PlSmallStr>, PrepareError> {
    let mut dropped = HashSet::new();
    for name in names {
        match table.column(name) {
            Ok(column) => {
                dropped.insert(column.name().clone());
            }
            Err(DataError::Column { source: source @ NameError::Unknown { .. }, .. }) => {
                notes.push(format!("data.drop: {source}"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(dropped)
}

/// Whether a step reads the column's text as times.
fn parsed_later(steps: &[Step], column: &Column, table: &Table) -> bool {
    let reads = |name: &String| table.column(name).is_ok_and(|one| one.name() == column.name());
    steps.iter().any(|step| match step {
        Step::ParseDates(how) => how.table.is_none() && how.columns.iter().any(reads),
        _ => false,
    })
}
