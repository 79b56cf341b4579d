//! Visits: which components are replaced when, and which of them had failed.

use std::io::{self, Write};

use chacha20::ChaCha8Rng;
use rand::RngExt;

use super::clock;
use super::component::Component;
use super::machine::Machine;
use crate::synth::FleetStream;

/// Days between two visits to a machine.
const VISIT_DAYS: i64 = 15;

/// Days of the history before the telemetry, whose visits all machines have in common: from
/// 2014-06-01 to 2014-12-28, the 15 dates of the published table.
const HISTORY_DAYS: [i64; 2] = [-214, -4];

/// First hour in which a component can fail, so that its errors lie within the table.
const FIRST_FAILURE_HOUR: i64 = 24;

/// A component that a visit replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Replacement {
    /// Hour from the first of the telemetry on; negative before.
    pub(super) hour: i64,
    pub(super) component: Component,
    /// The component failed in this hour.
    pub(super) failed: bool,
}

/// The replacements of a machine until `hours` of telemetry end, by hour and component.
///
/// Before the telemetry every component is replaced once, at a date of its own, so that its days of
/// service are known. Then a visit replaces none, one or two with probabilities 0.1, 0.6 and 0.3;
/// of the published visits, the first of each machine aside, 10.2, 59.7 and 30.1 % do.
pub(super) fn replacements(machine: Machine, hours: i64) -> Vec<Replacement> {
    let mut rng = machine.open(FleetStream::Visits);
    let mut replaced = Vec::new();
    let [oldest, newest] = HISTORY_DAYS;
    let mut since_days = [0; 4];
    for (component, since) in Component::ALL.into_iter().zip(&mut since_days) {
        *since = oldest + VISIT_DAYS * rng.random_range(0..=(newest - oldest) / VISIT_DAYS);
        replaced.push(Replacement { hour: *since * 24, component, failed: false });
    }
    let first_visit = rng.random_range(0..VISIT_DAYS);
    let visits = (first_visit..).step_by(VISIT_DAYS as usize);
    for day in visits.take_while(|day| day * 24 < hours) {
        let chosen = choose(&mut rng);
        for (component, since) in Component::ALL.into_iter().zip(&mut since_days) {
            if !chosen.contains(&Some(component)) {
                continue;
            }
            let hour = day * 24;
            let worn_out = component.fails(machine, day - *since, &mut rng);
            let failed = worn_out && hour >= FIRST_FAILURE_HOUR;
            replaced.push(Replacement { hour, component, failed });
            *since = day;
        }
    }
    replaced.sort_unstable();
    replaced
}

/// The components that a visit replaces: two different ones at most, all equally likely.
fn choose(rng: &mut ChaCha8Rng) -> [Option<Component>; 2] {
    let count = match rng.random_range(0..10_u32) {
        0 => 0,
        1..7 => 1,
        _ => 2,
    };
    let first = rng.random_range(0..4_usize);
    let second = (first + rng.random_range(1..4_usize)) % 4;
    let pick =
        |place: usize, index: usize| Component::ALL.get(index).copied().filter(|_| place < count);
    [pick(0, first), pick(1, second)]
}

/// Writes the machine's rows of the maintenance table.
pub(super) fn write_rows(machine: Machine, hours: i64, out: &mut impl Write) -> io::Result<()> {
    replacements(machine, hours).iter().try_for_each(|replaced| write_row(machine, replaced, out))
}

/// Writes the machine's rows of the table of failures.
pub(super) fn write_failures(machine: Machine, hours: i64, out: &mut impl Write) -> io::Result<()> {
    let replaced = replacements(machine, hours);
    let mut failed = replaced.iter().filter(|replaced| replaced.failed);
    failed.try_for_each(|failed| write_row(machine, failed, out))
}

fn write_row(machine: Machine, replaced: &Replacement, out: &mut impl Write) -> io::Result<()> {
    let time = clock::text(replaced.hour);
    writeln!(out, "{time},{},{}", machine.id, replaced.component.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_replaces_two_different_components_at_most_and_none_more_often_than_another() {
        let mut rng = Machine::draw(5, 1).open(FleetStream::Visits);
        let (mut counts, mut components) = ([0; 3], [0; 4]);
        for _ in 0..20_000 {
            let [first, second] = choose(&mut rng);
            assert!(first.is_none() || first != second);
            for component in [first, second].into_iter().flatten() {
                components[component as usize] += 1;
            }
            counts[usize::from(first.is_some()) + usize::from(second.is_some())] += 1;
        }
        for (count, share) in counts.into_iter().zip([0.1, 0.6, 0.3]) {
            assert!((f64::from(count) / 2e4 - share).abs() < 0.015, "{counts:?}");
        }
        for count in components {
            assert!((f64::from(count) / 2e4 - 0.3).abs() < 0.015, "{components:?}");
        }
    }
}
