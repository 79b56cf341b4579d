//! Rows that say the same as an earlier one.

use rayon::prelude::*;

use super::column::Column;

/// How many of the rows equal an earlier row in every column, missing cells being equal, as pandas'
/// `duplicated` counts them.
pub(super) fn count_duplicates(columns: &[Column], rows: usize) -> usize {
    if columns.is_empty() {
        return 0;
    }
    let hash =
        |row: usize| columns.iter().fold(0_u64, |hash, column| mix(hash ^ column.fingerprint(row)));
    let mut hashed: Vec<(u64, usize)> =
        (0..rows).into_par_iter().map(|row| (hash(row), row)).collect();
    hashed.par_sort_unstable();
    let equal = |one: usize, other: usize| {
        columns.iter().all(|column| column.fingerprint(one) == column.fingerprint(other))
    };
    let mut duplicates = 0;
    for group in hashed.chunk_by(|one, other| one.0 == other.0) {
        // Rows of one hash are nearly always equal, so that this list has one row.
        let mut different: Vec<usize> = Vec::new();
        for &(_, row) in group {
            if different.iter().any(|&earlier| equal(earlier, row)) {
                duplicates += 1;
            } else {
                different.push(row);
            }
        }
    }
    duplicates
}

/// A bijection of 64 bits in which each bit depends on all: multiplications by odd numbers, and
/// shifts.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    bits = (bits ^ (bits >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    bits ^ (bits >> 32)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::data::Table;

    fn count(csv: &str) -> usize {
        let table = Table::parse("t", csv.as_bytes()).unwrap();
        let columns: Vec<Column> = table.frame.columns().iter().map(Column::read).collect();
        count_duplicates(&columns, table.rows())
    }

    #[test]
    fn each_repetition_of_a_row_counts_once() {
        assert_eq!(count("a,b\n1,x\n1,x\n2,x\n1,x\n1,y\n"), 2);
        assert_eq!(count("a,b\n,x\n,x\n0,y\n-0,y\n"), 2);
        assert_eq!(count("a,b\n1,x\n2,x\n"), 0);
    }
}
