//! Fleets, judged from the written text alone.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use forewarn::synth::{Fleet, FleetTable};

const FULL: Fleet = Fleet { machines: 100, days: 365, seed: 42 };

/// Mean and shift of the readings in the order of the columns, and the errors that go with them.
const SIGNALS: [(f64, f64, &[&str]); 4] = [
    (170.0, 20.0, &["error1"]),
    (450.0, -80.0, &["error2", "error3"]),
    (100.0, 25.0, &["error4"]),
    (40.0, 10.0, &["error5"]),
];

fn text(table: FleetTable, fleet: Fleet) -> String {
    let mut out = Vec::new();
    fleet.write(table, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What happened: hour from 2015-01-01 06:00 on, machine, and which error or component.
fn events(table: FleetTable, fleet: Fleet) -> Vec<(i64, u16, String)> {
    let first = time("2015-01-01 06:00:00");
    let text = text(table, fleet);
    let rows = text.lines().skip(1).map(|line| {
        let [at, machine, what] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let since = time(at) - first;
        assert_eq!(since.num_seconds() % 3600, 0, "{line}");
        (since.num_hours(), machine.parse().unwrap(), what.to_owned())
    });
    rows.collect()
}

fn time(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
}

/// The readings by machine and hour.
fn telemetry(fleet: Fleet) -> Vec<Vec<[f64; 4]>> {
    let mut machines = vec![Vec::new(); usize::from(fleet.machines)];
    for line in text(FleetTable::Telemetry, fleet).lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let machine: usize = fields[1].parse().unwrap();
        machines[machine - 1].push([2, 3, 4, 5].map(|column| fields[column].parse().unwrap()));
    }
    machines
}

/// Model and age by machine.
fn machines(fleet: Fleet) -> Vec<(String, u32)> {
    let text = text(FleetTable::Machines, fleet);
    let rows = text.lines().skip(1).enumerate().map(|(index, line)| {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields[0], (index + 1).to_string());
        (fields[1].to_owned(), fields[2].parse().unwrap())
    });
    rows.collect()
}

/// The component, from 0 up, that `comp1` to `comp4` name.
fn component(name: &str) -> usize {
    name.strip_prefix("comp").unwrap().parse::<usize>().unwrap() - 1
}

#[test]
fn files_and_headers_are_those_of_the_published_tables() {
    let small = Fleet { machines: 1, days: 1, seed: 0 };
    let got = FleetTable::ALL.map(|table| {
        let text = text(table, small);
        assert!(text.ends_with('\n') && !text.contains('\r') && !text.contains('"'));
        format!("{}: {}", table.file_name(), text.lines().next().unwrap())
    });
    let expected = [
        "PdM_telemetry.csv: datetime,machineID,volt,rotate,pressure,vibration",
        "PdM_errors.csv: datetime,machineID,errorID",
        "PdM_maint.csv: datetime,machineID,comp",
        "PdM_failures.csv: datetime,machineID,failure",
        "PdM_machines.csv: machineID,model,age",
    ];
    assert_eq!(got, expected);
}

#[test]
fn every_machine_and_hour_has_one_row_in_order_with_six_decimals() {
    let text = text(FleetTable::Telemetry, Fleet { machines: 3, days: 40, seed: 1 });
    let mut lines = text.lines().skip(1);
    for machine in 1..=3 {
        for hour in 0..=40 * 24 {
            let fields: Vec<&str> = lines.next().unwrap().split(',').collect();
            let at = time(fields[0]) - time("2015-01-01 06:00:00");
            assert_eq!(at.num_hours(), hour);
            assert_eq!(fields[1], machine.to_string());
            for reading in &fields[2..] {
                assert_eq!(format!("{:.6}", reading.parse::<f64>().unwrap()), *reading);
            }
        }
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn events_are_in_order_of_machine_and_time_and_keys_repeat_but_rows_do_not() {
    for (table, published) in
        [(FleetTable::Errors, 303), (FleetTable::Maintenance, 758), (FleetTable::Failures, 42)]
    {
        let events = events(table, FULL);
        let rows: Vec<_> =
            events.iter().map(|(hour, machine, what)| (machine, hour, what)).collect();
        assert!(rows.is_sorted(), "{table:?}");
        assert_eq!(rows.iter().collect::<HashSet<_>>().len(), rows.len(), "{table:?}");
        let keys: HashSet<_> = rows.iter().map(|(machine, hour, _)| (machine, hour)).collect();
        let repeats = rows.len() - keys.len();
        assert!(repeats > published / 2 && repeats < published * 2, "{table:?}: {repeats}");
        assert!(rows.iter().all(|(_, hour, _)| **hour <= 365 * 24), "{table:?}");
    }
}

/// The bounds are three standard deviations of one Poisson count, or more of a mean of ten.
#[test]
fn counts_averaged_over_ten_seeds_lie_around_the_published_ones() {
    let mut sums = HashMap::<(&str, String), usize>::new();
    for seed in 0..10 {
        let fleet = Fleet { seed, ..FULL };
        for table in [FleetTable::Errors, FleetTable::Maintenance, FleetTable::Failures] {
            for (_, _, what) in events(table, fleet) {
                *sums.entry((table.file_name(), what)).or_default() += 1;
            }
        }
    }
    for (file, published) in [
        ("PdM_errors.csv", &[1010, 988, 838, 727, 356][..]),
        ("PdM_maint.csv", &[804, 863, 808, 811]),
        ("PdM_failures.csv", &[192, 259, 131, 179]),
    ] {
        let what = if file == "PdM_errors.csv" { "error" } else { "comp" };
        for (number, published) in (1..).zip(published) {
            let mean = sums[&(file, format!("{what}{number}"))] as f64 / 10.0;
            let published = f64::from(*published);
            let within = 3.0 * published.sqrt();
            assert!((mean - published).abs() < within, "{file} {what}{number}: {mean}");
        }
    }
}

#[test]
fn models_and_ages_come_in_the_published_shares() {
    let machines = machines(Fleet { machines: 10_000, ..FULL });
    for (model, share) in [("model1", 0.16), ("model2", 0.17), ("model3", 0.35), ("model4", 0.32)] {
        let count = machines.iter().filter(|machine| machine.0 == model).count();
        assert!((count as f64 / 1e4 - share).abs() < 0.02, "{model}: {count}");
    }
    let mean = machines.iter().map(|machine| f64::from(machine.1)).sum::<f64>() / 1e4;
    assert!((mean - 11.33).abs() < 0.5, "{mean}");
    assert!(machines.iter().all(|machine| machine.1 <= 20));
}

/// The published moments hold the shifts before failures and 500 a reading without one.
#[test]
fn readings_have_the_published_moments_and_no_correlation() {
    let readings: Vec<[f64; 4]> = telemetry(FULL).concat();
    assert_eq!(readings.len(), 876_100);
    let count = readings.len() as f64;
    let moments = [0, 1, 2, 3].map(|column| {
        let mean = readings.iter().map(|row| row[column]).sum::<f64>() / count;
        let squares = readings.iter().map(|row| (row[column] - mean).powi(2)).sum::<f64>();
        (mean, (squares / count).sqrt())
    });
    let published = [(170.778, 15.509), (446.605, 52.674), (100.859, 11.049), (40.385, 5.370)];
    for ((mean, sd), (published_mean, published_sd)) in moments.into_iter().zip(published) {
        assert!((mean - published_mean).abs() < 0.01 * published_sd, "{mean}");
        assert!((sd / published_sd - 1.0).abs() < 0.01, "{sd}");
    }
    for (one, other) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
        let deviate =
            |row: &[f64; 4], column: usize| (row[column] - moments[column].0) / moments[column].1;
        let products = readings.iter().map(|row| deviate(row, one) * deviate(row, other));
        assert!((products.sum::<f64>() / count).abs() < 0.01, "{one} {other}");
    }
}

#[test]
fn every_failure_has_its_errors_a_day_before_and_its_replacement_at_once() {
    let errors: HashSet<_> = events(FleetTable::Errors, FULL).into_iter().collect();
    let replaced: HashSet<_> = events(FleetTable::Maintenance, FULL).into_iter().collect();
    let failures = events(FleetTable::Failures, FULL);
    for (hour, machine, what) in &failures {
        for error in SIGNALS[component(what)].2 {
            assert!(
                errors.contains(&(hour - 24, *machine, (*error).to_owned())),
                "{hour} {machine}"
            );
        }
        assert!(replaced.contains(&(*hour, *machine, what.clone())), "{hour} {machine} {what}");
    }
    // error1 announces comp1 alone, and mostly nothing.
    let announced = failures.iter().filter(|(_, _, what)| what == "comp1").count();
    let all = errors.iter().filter(|(_, _, what)| what == "error1").count();
    assert!(announced > 100 && announced * 3 < all, "{announced} of {all}");
}

/// The shift of an hour averaged over all failures of a component, in units of the planted one.
#[test]
fn a_reading_is_shifted_from_48_hours_before_its_failure_until_it_and_no_other_is() {
    let fleet = Fleet { machines: 60, ..FULL };
    let telemetry = telemetry(fleet);
    let failures = events(FleetTable::Failures, fleet);
    let mean = |failing: usize, reading: usize, offsets: std::ops::RangeInclusive<i64>| {
        let (normal, shift, _) = SIGNALS[reading];
        let of = failures.iter().filter(|(_, _, what)| component(what) == failing);
        let shifts = of.flat_map(|(hour, machine, _)| {
            let hours = &telemetry[usize::from(*machine) - 1];
            let found = offsets.clone().filter_map(|offset| hours.get((hour + offset) as usize));
            found.map(|row| (row[reading] - normal) / shift).collect::<Vec<_>>()
        });
        let shifts: Vec<f64> = shifts.collect();
        shifts.iter().sum::<f64>() / shifts.len() as f64
    };
    for failing in 0..4 {
        for edge in [-48..=-48, 0..=0] {
            assert!((mean(failing, failing, edge) - 1.0).abs() < 0.3, "comp{}", failing + 1);
        }
        assert!((mean(failing, failing, -48..=0) - 1.0).abs() < 0.05, "comp{}", failing + 1);
        for edge in [-49..=-49, 1..=1] {
            assert!(mean(failing, failing, edge).abs() < 0.4, "comp{}", failing + 1);
        }
        for other in (0..4).filter(|other| *other != failing) {
            let shift = mean(failing, other, -48..=0);
            assert!(shift.abs() < 0.15, "comp{} moves reading {other}: {shift}", failing + 1);
        }
    }
}

#[test]
fn a_machine_is_visited_at_six_on_every_fifteenth_day_and_had_each_component_replaced_before() {
    let mut phases = HashMap::<u16, HashSet<i64>>::new();
    let mut before = HashMap::<u16, HashSet<String>>::new();
    for (hour, machine, what) in events(FleetTable::Maintenance, FULL) {
        assert_eq!(hour % 24, 0);
        if hour < 0 {
            assert!((-214 * 24..=-4 * 24).contains(&hour), "{hour}");
            assert!(before.entry(machine).or_default().insert(what));
        } else {
            phases.entry(machine).or_default().insert(hour % (15 * 24));
        }
    }
    assert!(before.len() == 100 && before.values().all(|components| components.len() == 4));
    assert!(phases.len() == 100 && phases.values().all(|phases| phases.len() == 1));
    assert!(phases.values().flatten().collect::<HashSet<_>>().len() > 10);
}

#[test]
fn comp3_fails_in_models_1_and_2_alone_and_comp4_in_machines_from_14_years_on() {
    let machines = machines(FULL);
    for (_, machine, what) in events(FleetTable::Failures, FULL) {
        let (model, age) = &machines[usize::from(machine) - 1];
        match what.as_str() {
            "comp3" => assert!(model == "model1" || model == "model2", "{machine}: {model}"),
            "comp4" => assert!(*age >= 14, "{machine}: {age}"),
            _ => {}
        }
    }
}

#[test]
fn a_fleet_begins_with_the_machines_of_a_smaller_one() {
    let small = Fleet { machines: 2, days: 200, seed: 3 };
    for table in FleetTable::ALL {
        let (small, large) = (text(table, small), text(table, Fleet { machines: 3, ..small }));
        assert!(large.starts_with(&small) && large.len() > small.len(), "{table:?}");
    }
}
