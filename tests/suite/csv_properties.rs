//! Every row of a table that is not blank is kept, whatever its cells hold.

use forewarn::data::read_csv_bytes;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cells_of_every_kind_make_full_columns(
        rows in prop::collection::vec(prop::collection::vec(
            prop::sample::select(vec!["1", "2.5", "", "NA", "inf", "x", "\"a,\"\"b\"", " 3 "]), 3), 1..30),
    ) {
        let lines: Vec<String> = rows.iter().map(|cells| cells.join(",")).collect();
        let text = format!("p,q,r\n{}\n", lines.join("\n"));
        let kept = rows.iter().filter(|cells| cells.iter().any(|cell| !cell.is_empty())).count();
        prop_assert_eq!(read_csv_bytes("pump.csv", text.as_bytes()).unwrap().rows, kept);
    }
}
