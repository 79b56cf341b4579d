//! The bytes of a generated table depend on generator, rows and seed alone.

use forewarn::synth::{Generator, write};

fn table(generator: Generator, rows: usize, seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    write(generator, rows, seed, &mut out).unwrap();
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
