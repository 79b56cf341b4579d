//! `forewarn ingest`: a table from any source, written as CSV or Parquet.

use std::path::Path;

use super::failure::{Exit, Failure};
use super::{check_vacant, is_stdout, write_out};
use crate::cli::Ingest;
use crate::data::{DatabaseError, Table, TableFormat};
use crate::plural::counted;
use crate::spec::DatabaseUrl;

pub(super) fn run(arguments: &Ingest) -> Result<Exit, Failure> {
    let Ingest { source, query, out, overwrite } = arguments;
    check_vacant(out, *overwrite)?;
    let table = load(source, query.as_deref())?;
    // The command line took no other.
    let format = TableFormat::of(out).unwrap_or(TableFormat::Csv);
    write_out(out, |file| table.write(format, file))?;
    if !is_stdout(out) {
        for repair in &table.repairs {
            say!("note: {repair}");
        }
        let (rows, columns) = (table.rows(), table.frame.width());
        let (rows, columns) = (counted(rows, "row"), counted(columns, "column"));
        say!("wrote {rows}, {columns} to {}", out.display());
    }
    Ok(Exit::Done)
}

fn load(source: &str, query: Option<&str>) -> Result<Table, Failure> {
    if !DatabaseUrl::is_meant(source) {
        if query.is_some() {
            let text = format!("{source}: is a file, which takes no --query");
            return Err(Failure::new(Exit::Data, text));
        }
        return Ok(Table::load(Path::new(source))?);
    }
    let url = DatabaseUrl::try_from(source.to_owned()).map_err(DatabaseError::Address);
    let url = url.map_err(crate::data::DataError::from)?;
    let Some(query) = query else {
        let text = format!("{}: say which rows: --query 'SELECT … FROM …'", url.shown());
        return Err(Failure::new(Exit::Data, text));
    };
    Ok(Table::query(&url, query)?)
}
