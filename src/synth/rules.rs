//! AI4I 2020: when a row fails, and of what.

use std::f64::consts::TAU;

/// The quality of the workpiece, which sets how fast the tool wears and what strain it bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quality {
    Low,
    Medium,
    High,
}

impl Quality {
    /// Tool wear that machining one such piece adds, minutes.
    pub(super) const fn wear_min(self) -> u32 {
        match self {
            Self::Low => 2,
            Self::Medium => 3,
            Self::High => 5,
        }
    }

    /// Tool wear times torque above which the tool is overstrained, min Nm.
    const fn overstrain_min_nm(self) -> f64 {
        match self {
            Self::Low => 11_000.0,
            Self::Medium => 12_000.0,
            Self::High => 13_000.0,
        }
    }
}

/// The sensor readings of one row, as integers in the last digit that is written.
///
/// The rules see tenths divided by 10 in f64. That is the very number a reader gets from parsing
/// the text, so anyone who evaluates the rules in f64 on the file gets the labels of the file;
/// in exact decimals some rows at 8.6 K differ, as they do in the published table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Readings {
    pub(super) quality: Quality,
    pub(super) air_temperature_tenths_k: i64,
    pub(super) process_temperature_tenths_k: i64,
    pub(super) speed_rpm: i64,
    pub(super) torque_tenths_nm: i64,
    pub(super) tool_wear_min: u32,
}

/// What the readings alone do not tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fate {
    /// The tool reached the end of its life in this row and broke before it was replaced.
    pub(super) tool_broke: bool,
    /// The row was drawn to fail whatever its readings.
    pub(super) random: bool,
}

/// The classes of `Failure Type`, in order of precedence, the last being no failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailureType {
    HeatDissipation,
    Power,
    ToolWear,
    Overstrain,
    Random,
    NoFailure,
}

impl FailureType {
    /// The first class, in order of precedence, that applies to a row.
    pub(super) fn classify(readings: &Readings, fate: Fate) -> Self {
        if loses_heat(readings) {
            Self::HeatDissipation
        } else if leaves_power_band(readings) {
            Self::Power
        } else if fate.tool_broke {
            Self::ToolWear
        } else if is_overstrained(readings) {
            Self::Overstrain
        } else if fate.random {
            Self::Random
        } else {
            Self::NoFailure
        }
    }

    /// The spelling of the published table.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::HeatDissipation => "Heat Dissipation Failure",
            Self::Power => "Power Failure",
            Self::ToolWear => "Tool Wear Failure",
            Self::Overstrain => "Overstrain Failure",
            Self::Random => "Random Failures",
            Self::NoFailure => "No Failure",
        }
    }

    /// The `Target` of such a row: 1 for a failure of the machine, 0 for none or a random one.
    pub(super) const fn target(self) -> u8 {
        match self {
            Self::HeatDissipation | Self::Power | Self::ToolWear | Self::Overstrain => 1,
            Self::Random | Self::NoFailure => 0,
        }
    }
}

fn loses_heat(readings: &Readings) -> bool {
    let air_k = readings.air_temperature_tenths_k as f64 / 10.0;
    let process_k = readings.process_temperature_tenths_k as f64 / 10.0;
    process_k - air_k < 8.6 && readings.speed_rpm < 1380
}

fn leaves_power_band(readings: &Readings) -> bool {
    let torque_nm = readings.torque_tenths_nm as f64 / 10.0;
    let power_w = torque_nm * readings.speed_rpm as f64 * TAU / 60.0;
    !(3500.0..=9000.0).contains(&power_w)
}

fn is_overstrained(readings: &Readings) -> bool {
    let torque_nm = readings.torque_tenths_nm as f64 / 10.0;
    f64::from(readings.tool_wear_min) * torque_nm > readings.quality.overstrain_min_nm()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Readings = Readings {
        quality: Quality::Low,
        air_temperature_tenths_k: 3000,
        process_temperature_tenths_k: 3100,
        speed_rpm: 1500,
        torque_tenths_nm: 400,
        tool_wear_min: 100,
    };
    const SOUND: Fate = Fate { tool_broke: false, random: false };
    const DOOMED: Fate = Fate { tool_broke: true, random: true };

    #[test]
    fn a_quiet_row_fails_only_by_its_fate() {
        assert_eq!(FailureType::classify(&QUIET, SOUND), FailureType::NoFailure);
        assert_eq!(FailureType::classify(&QUIET, DOOMED), FailureType::ToolWear);
        let unlucky = Fate { random: true, ..SOUND };
        assert_eq!(FailureType::classify(&QUIET, unlucky), FailureType::Random);
    }

    #[test]
    fn heat_goes_before_power_before_tool_wear_before_overstrain_before_random() {
        let strained = Readings { tool_wear_min: 300, ..QUIET };
        let unlucky = Fate { random: true, ..SOUND };
        assert_eq!(FailureType::classify(&strained, unlucky), FailureType::Overstrain);
        assert_eq!(FailureType::classify(&strained, DOOMED), FailureType::ToolWear);
        let weak = Readings { speed_rpm: 500, ..strained };
        assert_eq!(FailureType::classify(&weak, DOOMED), FailureType::Power);
        let hot = Readings { process_temperature_tenths_k: 3080, ..weak };
        assert_eq!(FailureType::classify(&hot, DOOMED), FailureType::HeatDissipation);
    }

    #[test]
    fn heat_needs_both_a_small_difference_and_a_slow_spindle() {
        let close = Readings { process_temperature_tenths_k: 3085, ..QUIET };
        let slow = Readings { speed_rpm: 1379, ..close };
        let at_limit = Readings { speed_rpm: 1380, ..close };
        assert!(loses_heat(&slow) && !loses_heat(&at_limit) && !loses_heat(&close));
    }

    #[test]
    fn a_difference_that_prints_as_8_6_is_judged_as_f64_subtraction_gives_it() {
        for air_tenths in 2950..3050_i64 {
            let row = Readings {
                air_temperature_tenths_k: air_tenths,
                process_temperature_tenths_k: air_tenths + 86,
                speed_rpm: 1300,
                ..QUIET
            };
            let parse = |tenths: i64| {
                format!("{}.{}", tenths / 10, tenths % 10).parse::<f64>().unwrap_or(f64::NAN)
            };
            let parsed = parse(air_tenths + 86) - parse(air_tenths) < 8.6;
            assert_eq!(loses_heat(&row), parsed, "air {air_tenths}");
        }
    }

    #[test]
    fn each_quality_bears_its_own_strain_and_none_fails_at_the_limit() {
        for (quality, wear) in [(Quality::Low, 220), (Quality::Medium, 240), (Quality::High, 260)] {
            let at_limit =
                Readings { quality, torque_tenths_nm: 500, tool_wear_min: wear, ..QUIET };
            let above = Readings { torque_tenths_nm: 501, ..at_limit };
            assert!(!is_overstrained(&at_limit) && is_overstrained(&above), "{quality:?}");
        }
    }
}
