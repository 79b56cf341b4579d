//! From typed columns to a table.

use super::cells::RawColumn;
use super::csv_file::RawTable;
use super::header::Header;
use super::repairs::Repair;
use super::typed_column::TypedColumn;

/// Unique names for columns that are called `written`, by the rules of a CSV file's header.
pub(super) fn names<'a>(
    written: impl Iterator<Item = &'a str>,
    repairs: &mut Vec<Repair>,
) -> Vec<String> {
    let header = Header::new(&written.collect());
    repairs.extend(header.repairs);
    header.names
}

/// The table of `columns`, each of which has `rows` rows.
pub(super) fn raw_table(
    columns: Vec<TypedColumn>,
    rows: usize,
    mut repairs: Vec<Repair>,
    sha256: String,
) -> RawTable {
    repairs.extend(columns.iter().filter_map(TypedColumn::repairs));
    let named = columns.into_iter().map(|column| {
        let name = column.name().to_owned();
        RawColumn { name, cells: column.finish() }
    });
    RawTable { columns: named.collect(), rows, repairs, sha256 }
}
