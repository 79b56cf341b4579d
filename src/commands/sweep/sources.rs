//! The tables of a run: files that the command line names, or else what the grid file does.

use std::path::{Path, PathBuf};

use super::facts::quoted;
use crate::cli::Sweep;
use crate::commands::failure::{Exit, Failure};
use crate::commands::load_tables;
use crate::data::Table;
use crate::prepare::Tables;
use crate::record::begun;
use crate::spec::{Source, Study, Synth};
use crate::synth;

/// The files that the command line names, as it does.
pub(super) fn given(arguments: &Sweep) -> Vec<String> {
    let data = arguments.data.iter();
    let data = data.map(|path| format!("--data {}", quoted(&path.to_string_lossy())));
    let table = |(name, path): &(String, PathBuf)| {
        format!("--table {}", quoted(&format!("{name}={}", path.display())))
    };
    data.chain(arguments.tables.iter().map(table)).collect()
}

/// A failure to resume the run in `out`, with the files that it was begun with where these were
/// others: the grid file does not name them.
pub(super) fn remind(failure: Failure, arguments: &Sweep, out: &Path) -> Failure {
    let may_help = failure.exit() == Exit::Data || failure.is_refusal();
    if !arguments.resume || !may_help {
        return failure;
    }
    let then = begun(out).map(|head| head.given).unwrap_or_default();
    let now = given(arguments);
    if then.iter().all(|file| now.contains(file)) {
        return failure;
    }
    let then = then.join(" ");
    failure.advise(format!("the run was begun with {then}: give that again"))
}

/// The table: the file of `--data`, or else the grid file's.
pub(super) fn load(study: &Study, arguments: &Sweep) -> Result<Table, Failure> {
    match &arguments.data {
        Some(path) => Ok(Table::load(path)?),
        None => open(study, &study.file.data.source).map_err(|failure| {
            let place = study.place("data.source");
            failure.advise(format!("{place} (data.source) names it; --data FILE takes another"))
        }),
    }
}

/// The auxiliary tables: the files of `--table`, or else the grid file's.
pub(super) fn load_beside(study: &Study, arguments: &Sweep) -> Result<Tables, Failure> {
    let wanted = &study.file.data.tables;
    if let Some((name, _)) = arguments.tables.iter().find(|(name, _)| !wanted.contains_key(name)) {
        let known: Vec<&str> = wanted.keys().map(String::as_str).collect();
        let known = known.join(", ");
        let text =
            format!("--table {name}: data.tables of the grid file holds no such name: {known}");
        return Err(Failure::new(Exit::Grid, text));
    }
    let mut tables = load_tables(&arguments.tables)?;
    for (name, source) in wanted {
        if !tables.contains_key(name) {
            let table = match source {
                Source::File(file) => Table::load_beside(&study.path(file)).map_err(Failure::from),
                Source::Sql(sql) => {
                    Table::query_beside(&study.database(sql), &sql.query).map_err(Failure::from)
                }
                Source::Synth(_) => open(study, source),
            };
            let table = table.map_err(|failure| {
                let key = format!("data.tables.{name}");
                let place = study.place(&key);
                failure
                    .advise(format!("{place} ({key}) names it; --table {name}=FILE takes another"))
            })?;
            tables.insert(name.clone(), table);
        }
    }
    Ok(tables)
}

/// A table of the grid file.
pub(super) fn open(study: &Study, source: &Source) -> Result<Table, Failure> {
    let Synth { generator, rows, seed } = match source {
        Source::File(file) => return Ok(Table::load(&study.path(file))?),
        Source::Sql(sql) => return Ok(Table::query(&study.database(sql), &sql.query)?),
        Source::Synth(synth) => synth,
    };
    let rows = rows.get() as usize;
    let mut bytes = Vec::new();
    synth::write(*generator, rows, *seed, &mut bytes)
        .map_err(|error| Failure::new(Exit::Data, error.to_string()))?;
    let source = format!("synth {} --rows {rows} --seed {seed}", generator.name());
    Ok(Table::parse(&source, &bytes)?)
}
