//! The bytes of a generated table depend on generator, size and seed alone.

use forewarn::synth::{Fleet, FleetTable, Generator, write};

fn table(generator: Generator, rows: usize, seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    write(generator, rows, seed, &mut out).unwrap();
    out
}

fn fleet_table(table: FleetTable, seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    Fleet { machines: 3, days: 60, seed }.write(table, &mut out).unwrap();
    out
}

/// FNV-1a, 64 bit: enough to notice a change, and nothing to depend on.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_gives_others() {
    for generator in Generator::ALL {
        let name = generator.name();
        let first = table(generator, 2_000, 42);
        assert!(first == table(generator, 2_000, 42), "{name}: two runs of one seed differ");
        assert!(first != table(generator, 2_000, 43), "{name}: two seeds agree");
    }
}

/// A failure here means that a dependency or an edit changed the tables behind every seed.
#[test]
fn the_tables_of_seed_42_are_those_of_the_first_release() {
    for (generator, expected) in
        [(Generator::Ai4i, 0xde16_6e92_d29a_5e52), (Generator::Motor, 0x3690_4356_e9b7_0445)]
    {
        let got = fingerprint(&table(generator, 2_000, 42));
        assert_eq!(got, expected, "{}: {got:#018x}", generator.name());
    }
}

#[test]
fn generators_have_distinct_names() {
    assert_eq!(Generator::ALL.map(Generator::name), ["ai4i", "motor"]);
}

#[test]
fn the_same_seed_gives_the_same_fleet_and_another_seed_gives_another() {
    for table in FleetTable::ALL {
        assert!(fleet_table(table, 42) == fleet_table(table, 42), "{table:?}: one seed differs");
        assert!(fleet_table(table, 42) != fleet_table(table, 43), "{table:?}: two seeds agree");
    }
}

#[test]
fn the_fleet_of_seed_42_is_that_of_the_first_release() {
    for (table, expected) in [
        (FleetTable::Telemetry, 0x29b2_1e1f_df5d_3eb8),
        (FleetTable::Errors, 0x064f_6726_1c4c_88d2),
        (FleetTable::Maintenance, 0x8603_7843_673b_0225),
        (FleetTable::Failures, 0x1da6_6d0e_42a4_9c79),
        (FleetTable::Machines, 0xfe2c_7da8_1392_9ba8),
    ] {
        let got = fingerprint(&fleet_table(table, 42));
        assert_eq!(got, expected, "{table:?}: {got:#018x}");
    }
}
