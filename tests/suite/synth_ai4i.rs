//! AI4I tables, judged from the written text alone.

use std::collections::HashMap;
use std::f64::consts::TAU;

use forewarn::synth::{Generator, write};

const SEEDS: [u64; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 42];

struct Row {
    udi: u64,
    product_id: String,
    quality: String,
    air_k: f64,
    process_k: f64,
    speed_rpm: f64,
    torque_nm: f64,
    wear_min: f64,
    target: u8,
    failure_type: String,
}

fn table(rows: usize, seed: u64) -> String {
    let mut out = Vec::new();
    write(Generator::Ai4i, rows, seed, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn parse(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records = reader.records().map(|record| {
        let record = record.unwrap();
        let number = |column: usize| record[column].parse::<f64>().unwrap();
        Row {
            udi: record[0].parse().unwrap(),
            product_id: record[1].to_string(),
            quality: record[2].to_string(),
            air_k: number(3),
            process_k: number(4),
            speed_rpm: number(5),
            torque_nm: number(6),
            wear_min: number(7),
            target: record[8].parse().unwrap(),
            failure_type: record[9].to_string(),
        }
    });
    records.collect()
}

fn count_classes(rows: &[Row]) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for row in rows {
        *counts.entry(row.failure_type.as_str()).or_default() += 1;
    }
    counts
}

fn by_quality<T: Copy>(quality: &str, [low, medium, high]: [T; 3]) -> T {
    match quality {
        "L" => low,
        "M" => medium,
        "H" => high,
        other => panic!("type {other}"),
    }
}

fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    (mean, (values.map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt())
}

#[test]
fn the_header_is_that_of_the_published_table() {
    let expected = "UDI,Product ID,Type,Air temperature [K],Process temperature [K],\
        Rotational speed [rpm],Torque [Nm],Tool wear [min],Target,Failure Type";
    assert_eq!(table(1, 0).lines().next().unwrap(), expected);
}

#[test]
fn any_number_of_rows_can_be_had_from_1_up() {
    for rows in [1, 2, 3, 7, 500, 12_345] {
        let text = table(rows, 5);
        assert_eq!(text.lines().count(), rows + 1);
        assert!(text.ends_with('\n') && !text.contains('\r') && !text.contains('"'));
    }
}

#[test]
fn numbers_and_identifiers_are_written_in_the_published_manner() {
    for (line, row) in table(3_000, 1).lines().skip(1).zip(parse(&table(3_000, 1))) {
        let fields: Vec<&str> = line.split(',').collect();
        for (column, value) in [(3, row.air_k), (4, row.process_k), (6, row.torque_nm)] {
            assert_eq!(fields[column], format!("{value:.1}"));
        }
        for (column, value) in [(5, row.speed_rpm), (7, row.wear_min)] {
            assert_eq!(fields[column], format!("{value:.0}"));
        }
        let offset = by_quality(fields[2], [47_179, 14_859, 29_413]);
        assert_eq!(row.product_id, format!("{}{}", row.quality, row.udi + offset));
    }
}

#[test]
fn every_label_agrees_with_the_rules_recomputed_from_the_text() {
    for seed in SEEDS {
        let rows = parse(&table(10_000, seed));
        for (index, row) in rows.iter().enumerate() {
            assert_eq!(row.udi, index as u64 + 1);
            let power_w = row.torque_nm * row.speed_rpm * TAU / 60.0;
            let strain_limit = by_quality(&row.quality, [11e3, 12e3, 13e3]);
            let tool_ends = rows.get(index + 1).is_none_or(|next| next.wear_min == 0.0);
            let label = row.failure_type.as_str();
            let expected = if row.process_k - row.air_k < 8.6 && row.speed_rpm < 1380.0 {
                "Heat Dissipation Failure"
            } else if !(3500.0..=9000.0).contains(&power_w) {
                "Power Failure"
            } else if tool_ends && label == "Tool Wear Failure" {
                label
            } else if row.wear_min * row.torque_nm > strain_limit {
                "Overstrain Failure"
            } else if label == "Random Failures" {
                label
            } else {
                "No Failure"
            };
            assert_eq!(label, expected, "seed {seed}, row {}", row.udi);
            let failed = !["No Failure", "Random Failures"].contains(&label);
            assert_eq!(row.target, u8::from(failed), "seed {seed}, row {}", row.udi);
        }
    }
}

#[test]
fn wear_grows_by_the_piece_just_machined_until_the_tool_ends() {
    let rows = parse(&table(10_000, 2));
    assert_eq!(rows[0].wear_min, 0.0);
    for pair in rows.windows(2) {
        let step = by_quality(&pair[0].quality, [2.0, 3.0, 5.0]);
        if pair[1].wear_min == 0.0 {
            assert!((198.0..=253.0).contains(&pair[0].wear_min));
        } else {
            assert_eq!(pair[1].wear_min - pair[0].wear_min, step);
        }
    }
}

#[test]
fn every_class_has_at_least_six_rows_in_ten_thousand() {
    for seed in SEEDS {
        let rows = parse(&table(10_000, seed));
        let counts = count_classes(&rows);
        assert_eq!(counts.len(), 6, "seed {seed}: {counts:?}");
        assert!(counts.values().all(|count| *count >= 6), "seed {seed}: {counts:?}");
    }
}

/// The bounds are about four standard errors of a mean of ten tables.
#[test]
fn class_counts_averaged_over_ten_seeds_lie_around_the_published_ones() {
    let mut sums = HashMap::<String, usize>::new();
    for seed in 0..10 {
        for (label, count) in count_classes(&parse(&table(10_000, seed))) {
            *sums.entry(label.to_string()).or_default() += count;
        }
    }
    for (label, published, within) in [
        ("No Failure", 9652.0, 30.0),
        ("Heat Dissipation Failure", 112.0, 30.0),
        ("Power Failure", 95.0, 15.0),
        ("Overstrain Failure", 78.0, 12.0),
        ("Tool Wear Failure", 45.0, 8.0),
        ("Random Failures", 18.0, 6.0),
    ] {
        let mean = sums[label] as f64 / 10.0;
        assert!((mean - published).abs() <= within, "{label}: {mean} against {published}");
    }
}

#[test]
fn readings_have_the_published_moments_and_ranges() {
    for seed in SEEDS {
        let rows = parse(&table(10_000, seed));
        let column = |read: fn(&Row) -> f64| rows.iter().map(read);
        let (speed_mean, speed_sd) = moments(column(|row| row.speed_rpm));
        let (torque_mean, torque_sd) = moments(column(|row| row.torque_nm));
        let (air_mean, air_sd) = moments(column(|row| row.air_k));
        let (gap_mean, gap_sd) = moments(column(|row| row.process_k - row.air_k));
        for (what, got, published, within) in [
            ("speed mean", speed_mean, 1539.0, 8.0),
            ("speed sd", speed_sd, 179.0, 10.0),
            ("torque mean", torque_mean, 40.0, 0.4),
            ("torque sd", torque_sd, 10.0, 0.3),
            ("air mean", air_mean, 300.0, 0.01),
            ("air sd", air_sd, 2.0, 0.01),
            ("process - air mean", gap_mean, 10.0, 0.01),
            ("process - air sd", gap_sd, 1.0, 0.01),
        ] {
            assert!((got - published).abs() < within, "seed {seed}: {what} {got}");
        }
        let products = column(|row| row.speed_rpm * row.torque_nm).sum::<f64>() / 10_000.0;
        let correlation = (products - speed_mean * torque_mean) / (speed_sd * torque_sd);
        assert!((correlation + 0.875).abs() < 0.02, "seed {seed}: {correlation}");
        for row in &rows {
            assert!((291.0..=309.0).contains(&row.air_k), "seed {seed}: {}", row.air_k);
            assert!((301.0..=319.0).contains(&row.process_k), "seed {seed}: {}", row.process_k);
            assert!((1080.0..=2999.0).contains(&row.speed_rpm), "seed {seed}: {}", row.speed_rpm);
            assert!((0.1..=90.0).contains(&row.torque_nm), "seed {seed}: {}", row.torque_nm);
        }
    }
}

#[test]
fn qualities_come_as_60_30_and_10_percent() {
    let rows = parse(&table(10_000, 6));
    for (quality, share) in [("L", 0.6), ("M", 0.3), ("H", 0.1)] {
        let count = rows.iter().filter(|row| row.quality == quality).count();
        assert!((count as f64 / 1e4 - share).abs() < 0.02, "{quality}: {count}");
    }
}
