//! Whatever the bytes, the CSV loader reads them or refuses them; it never panics.

use forewarn::data::{Cells, DataError, read_csv_bytes};
use proptest::prelude::*;

/// Pieces of which broken and sound CSV texts are made.
fn piece() -> impl Strategy<Value = &'static [u8]> {
    prop::sample::select(vec![
        b",".as_slice(),
        b";",
        b"\t",
        b"|",
        b"\n",
        b"\r",
        b"\r\n",
        b"\"",
        b"\"\"",
        b" ",
        b"a",
        b"1",
        b"2.5",
        b"inf",
        b"NA",
        b"None",
        b"-",
        b"3,1",
        b"\xef\xbb\xbf",
        b"\xb0",
        b"\xc3\xa9",
        b"\xc2\xa0",
        b"x,y\n1,2\n",
        b"\0",
    ])
}

fn check(bytes: &[u8]) {
    if let Ok(table) = read_csv_bytes("pump.csv", bytes) {
        assert!(table.rows > 0 && !table.columns.is_empty());
        for column in &table.columns {
            let cells = match &column.cells {
                Cells::Numbers { values, missing, .. } => {
                    assert_eq!(values.iter().filter(|value| value.is_nan()).count(), *missing);
                    assert!(values.iter().all(|value| !value.is_infinite()));
                    values.len()
                }
                Cells::Text { labels, .. } | Cells::Mixed { labels, .. } => labels.codes.len(),
            };
            assert_eq!(cells, table.rows);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes);
    }

    #[test]
    fn anything_like_a_csv_is_read_or_refused(pieces in prop::collection::vec(piece(), 0..60)) {
        check(&[b"x,y\n".as_slice(), &pieces.concat()].concat());
        check(&pieces.concat());
    }

    #[test]
    fn cells_of_every_kind_make_full_columns(
        rows in prop::collection::vec(prop::collection::vec(
            prop::sample::select(vec!["1", "2.5", "", "NA", "inf", "x", "\"a,\"\"b\"", " 3 "]), 3), 1..30),
    ) {
        let lines: Vec<String> = rows.iter().map(|cells| cells.join(",")).collect();
        let text = format!("p,q,r\n{}\n", lines.join("\n"));
        check(text.as_bytes());
        let kept = rows.iter().filter(|cells| cells.iter().any(|cell| !cell.is_empty())).count();
        match read_csv_bytes("pump.csv", text.as_bytes()) {
            Ok(table) => prop_assert_eq!(table.rows, kept),
            Err(error) => prop_assert!(matches!(error, DataError::NoRows { .. }), "{}", error),
        }
    }
}
