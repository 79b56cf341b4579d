//! Whether a pack fits into memory: an allocation that fails on a CPU ends the whole process.

use crate::engine::{EngineError, PackPlan};

/// Parameters, gradients, two moments and the best epoch, 4 bytes each; as much again on the way.
const BYTES_A_PARAMETER: f64 = 40.0;

/// Refuses a pack whose parameters alone do not fit into the memory that is free.
///
/// # Errors
/// [`EngineError::TooLarge`].
pub(super) fn check(plan: &PackPlan) -> Result<(), EngineError> {
    let Some(available) = available_bytes() else { return Ok(()) };
    let (networks, parameters) = (plan.members.len(), plan.architecture.parameters());
    let needed = networks as f64 * parameters as f64 * BYTES_A_PARAMETER;
    if needed <= available {
        return Ok(());
    }
    let (needed_gb, available_gb) = (needed / 1e9, available / 1e9);
    Err(EngineError::TooLarge { networks, parameters, needed_gb, available_gb })
}

/// Free memory as Linux counts it; nothing on other systems.
fn available_bytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0)
}
