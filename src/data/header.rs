//! From the header row to unique column names.

use std::collections::{HashMap, HashSet};

use csv::StringRecord;

use super::cells::{Reading, read_cell};
use super::records::trim_cell;
use super::repairs::Repair;

/// The names of a file's columns.
pub(super) struct Header {
    /// Unique names, in the order of the file.
    pub(super) names: Vec<String>,
    /// Whether the file names each column.
    pub(super) is_named: Vec<bool>,
    /// What was changed.
    pub(super) repairs: Vec<Repair>,
}

impl Header {
    /// Trims the names, names the unnamed ones `column_7` and renames repeated ones `y.1`.
    pub(super) fn new(cells: &StringRecord) -> Self {
        let trimmed: Vec<_> = cells.iter().map(trim_cell).collect();
        let mut repairs = Vec::new();
        let padded = trimmed.iter().filter(|(name, was_padded)| *was_padded && !name.is_empty());
        let padded: Vec<String> = padded.map(|(name, _)| name.to_string()).collect();
        if !padded.is_empty() {
            repairs.push(Repair::TrimmedNames { names: padded });
        }
        let written: Vec<String> = trimmed.into_iter().map(|(name, _)| name.to_owned()).collect();
        let names = unique_names(&written, &mut repairs);
        if numbers(&written).is_some() {
            repairs.push(Repair::NumericNames);
        }
        Self { names, is_named: written.iter().map(|name| !name.is_empty()).collect(), repairs }
    }
}

/// The first cell of a header row that holds data: numbers only, and some fractional, negative or
/// repeated. Distinct counting numbers may be the names of a table that was written without any.
pub(super) fn data_in_header(cells: &StringRecord) -> Option<String> {
    let written: Vec<String> =
        cells.iter().map(|cell| trim_cell(cell).0.to_owned()).filter(|c| !c.is_empty()).collect();
    let values = numbers(&written)?;
    let counts = values.iter().all(|value| *value >= 0.0 && value.fract() == 0.0);
    let distinct: HashSet<u64> = values.iter().map(|value| value.to_bits()).collect();
    if counts && distinct.len() == values.len() { None } else { written.into_iter().next() }
}

/// The names as numbers, if there are any and all are; names that are empty do not count.
fn numbers(names: &[String]) -> Option<Vec<f64>> {
    let written = names.iter().filter(|name| !name.is_empty());
    let read = written.map(|name| match read_cell(name) {
        Reading::Number(value) => Some(value),
        _ => None,
    });
    read.collect::<Option<Vec<f64>>>().filter(|values| !values.is_empty())
}

fn unique_names(written: &[String], repairs: &mut Vec<Repair>) -> Vec<String> {
    let mut taken: HashSet<String> = written.iter().cloned().collect();
    let mut occurrences: HashMap<&str, usize> = HashMap::new();
    let mut suffixes: HashMap<&str, usize> = HashMap::new();
    let mut names = Vec::with_capacity(written.len());
    for (index, name) in written.iter().enumerate() {
        let occurrence = occurrences.entry(name).or_insert(0);
        *occurrence += 1;
        if name.is_empty() {
            let number = index + 1;
            let mut given = format!("column_{number}");
            while !taken.insert(given.clone()) {
                given.push('_');
            }
            repairs.push(Repair::NamedColumn { number, name: given.clone() });
            names.push(given);
        } else if *occurrence == 1 {
            names.push(name.clone());
        } else {
            let suffix = suffixes.entry(name).or_insert(0);
            let renamed = loop {
                *suffix += 1;
                let candidate = format!("{name}.{suffix}");
                if taken.insert(candidate.clone()) {
                    break candidate;
                }
            };
            repairs.push(Repair::RenamedColumn {
                name: name.clone(),
                occurrence: *occurrence,
                renamed: renamed.clone(),
            });
            names.push(renamed);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    fn cells(line: &str) -> StringRecord {
        line.split(',').collect()
    }

    fn lines(header: &Header) -> Vec<String> {
        header.repairs.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn repeated_names_get_a_number_that_is_still_free() {
        let header = Header::new(&cells("y,x,y,y.1,y"));
        assert_eq!(header.names, ["y", "x", "y.2", "y.1", "y.3"]);
        assert_eq!(
            lines(&header),
            ["renamed the second \"y\" to \"y.2\"", "renamed the third \"y\" to \"y.3\""]
        );
    }

    #[test]
    fn unnamed_columns_are_named_by_their_number() {
        let header = Header::new(&cells(" a ,, column_2"));
        assert_eq!(header.names, ["a", "column_2_", "column_2"]);
        assert_eq!(header.is_named, [true, false, true]);
        assert_eq!(lines(&header)[0], "trimmed spaces around 2 column names: \"a\", \"column_2\"");
    }

    #[test]
    fn a_row_of_measurements_is_not_a_header() {
        assert_eq!(data_in_header(&cells("298.1,308,1551")).as_deref(), Some("298.1"));
        assert_eq!(data_in_header(&cells("1,1,0")).as_deref(), Some("1"));
        assert_eq!(data_in_header(&cells("a,1,1")), None);
    }

    #[test]
    fn counting_numbers_may_be_names_but_are_noted() {
        assert_eq!(data_in_header(&cells(",0,1,2")), None);
        assert!(Header::new(&cells(",0,1,2")).repairs.contains(&Repair::NumericNames));
    }
}
