//! The four components of a machine: when they fail, and what tells of it.

use rand::RngExt;

use super::machine::{Machine, Model};

/// A component, named by the reading that it moves when it is about to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Component {
    Volt,
    Rotate,
    Pressure,
    Vibration,
}

/// What a reading is like: normally distributed, and moved by a constant in some hours.
pub(super) struct Signal {
    pub(super) mean: f64,
    pub(super) sd: f64,
    pub(super) shift: f64,
}

impl Component {
    /// Every component, in the order of the telemetry's columns.
    pub(super) const ALL: [Self; 4] = [Self::Volt, Self::Rotate, Self::Pressure, Self::Vibration];

    /// The name in the published tables.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Volt => "comp1",
            Self::Rotate => "comp2",
            Self::Pressure => "comp3",
            Self::Vibration => "comp4",
        }
    }

    /// The reading that the component moves.
    ///
    /// With the published failures, and 500 shifts a reading that end without one (`telemetry`),
    /// such mixtures have the published means over all hours, 170.778 / 446.605 / 100.859 / 40.385,
    /// to within 0.03 %, and the sds, 15.509 / 52.674 / 11.049 / 5.370, to within 0.4 %.
    pub(super) const fn signal(self) -> Signal {
        match self {
            Self::Volt => Signal { mean: 170.0, sd: 15.0, shift: 20.0 },
            Self::Rotate => Signal { mean: 450.0, sd: 50.0, shift: -80.0 },
            Self::Pressure => Signal { mean: 100.0, sd: 10.0, shift: 25.0 },
            Self::Vibration => Signal { mean: 40.0, sd: 5.0, shift: 10.0 },
        }
    }

    /// The errors, 1 to 5, that come 24 hours before a failure.
    pub(super) const fn errors(self) -> &'static [u8] {
        match self {
            Self::Volt => &[1],
            Self::Rotate => &[2, 3],
            Self::Pressure => &[4],
            Self::Vibration => &[5],
        }
    }

    /// Whether the component that a visit replaces after `days` of service has failed.
    ///
    /// In the published tables `comp1` and `comp2` fail in half of the cases (419 of 846),
    /// `comp3` in all machines of models 1 and 2 and in no other, and `comp4` in all machines that
    /// are 14 years or older and in none that are 12 or younger; none is 13. `comp2` may fail
    /// after 30 days, the others only later.
    pub(super) fn fails(self, machine: Machine, days: i64, rng: &mut impl rand::Rng) -> bool {
        let old_enough = if self == Self::Rotate { days >= 30 } else { days > 30 };
        old_enough
            && match self {
                Self::Volt | Self::Rotate => rng.random_bool(0.5),
                Self::Pressure => matches!(machine.model, Model::One | Model::Two),
                Self::Vibration => machine.is_old(),
            }
    }
}
