//! The door of `explore`: whatever is a table can be looked at, and drawn.

use forewarn::data::Table;
use forewarn::explore::{ExploreError, Options, explore, render_page};

use super::{Door, tables};

pub fn door() -> Door {
    let row = |row: u32| {
        let (kind, gap) = (["L", "M", "H"][row as usize % 3], if row % 7 < 1 { "" } else { "2.5" });
        let (hour, class) = (row % 24, ["none", "heat"][row as usize % 5 / 4]);
        format!("2024-01-{:02} {hour:02}:00,{row},{kind},{gap},{class}\n", 1 + row / 24)
    };
    let table = format!("time,rpm,kind,gaps,failure\n{}", (0..90).map(row).collect::<String>());
    Door {
        name: "explore",
        seeds: vec![table.into(), "a;b\r\n1;0.5\r\n2;1e300\r\n3;-1e300\r\n".into()],
        mutate: tables::mutate,
        enter: Box::new(|bytes| match enter(bytes) {
            Ok(outcome) => format!("ok: {outcome}"),
            Err(error) => error.to_string(),
        }),
    }
}

/// The last column is the target, and, where nothing else is known of the times, the first the time.
fn enter(bytes: &[u8]) -> Result<String, ExploreError> {
    let table = Table::parse("x.csv", bytes)?;
    let names: Vec<String> =
        table.frame.columns().iter().map(|column| column.name().to_string()).collect();
    let target = names.last().map(String::as_str);
    let found = explore(&table, &Options { target, ..Options::default() })?;
    assert_eq!(found.columns.len(), names.len());
    for column in &found.columns {
        assert_eq!(column.present + column.missing, found.rows);
        assert!(column.distinct <= column.present);
    }
    render_page(&found)?;
    let time = names.first().map(String::as_str);
    let timed =
        explore(&table, &Options { time, time_format: Some("%d.%m.%Y"), target, group: target })
            .err()
            .map_or_else(|| "a time".to_owned(), |error| error.to_string());
    let oddity = found.columns.iter().find_map(|column| column.oddity);
    let warnings = found.warnings.len().min(3);
    let has_times = found.series.is_some();
    Ok(format!("{oddity:?}, {warnings} warnings, times {has_times}, {timed}"))
}
