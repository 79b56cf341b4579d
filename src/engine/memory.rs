//! Whether a pack fits into memory: an allocation that fails on a CPU ends the whole process.

use crate::engine::{EngineError, PackPlan};

/// Refuses a pack that takes `needed` bytes when a worker's share of the free memory is less.
///
/// # Errors
/// [`EngineError::TooLarge`].
pub(super) fn check(plan: &PackPlan, needed: f64) -> Result<(), EngineError> {
    let Some(free) = available_bytes() else { return Ok(()) };
    // The other workers start packs like this one at the same time.
    let workers = rayon::current_thread_index().map_or(1, |_| rayon::current_num_threads());
    let available = free / workers as f64;
    if needed <= available {
        return Ok(());
    }
    let (networks, parameters) = (plan.members.len(), plan.architecture.parameters());
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
