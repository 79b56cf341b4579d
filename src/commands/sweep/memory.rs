//! How much memory packs may take.

use bytesize::ByteSize;
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, get_current_pid};

use crate::commands::failure::{Exit, Failure};
use crate::engine::torch::Placement;
use crate::sweep::MemoryLimit;

/// The share of the free memory that packs may take where the user does not say: the estimate of a
/// pack is no measurement, and the machine has other work.
const SHARE: f64 = 0.9;

/// The memory for packs: what `--memory` leaves beside the program and its table, or else most of
/// what is free. On CUDA devices, `--memory` of each; how much of theirs is free is not known.
pub(super) fn limit(
    wanted: Option<ByteSize>,
    placement: &Placement,
    devices: usize,
) -> Result<MemoryLimit, Failure> {
    let wanted = wanted.map(|size| size.as_u64() as f64);
    let on_cpu = |total: f64| MemoryLimit { pack: total, total };
    if !placement.on_cpu() {
        let each = |pack: f64| MemoryLimit { pack, total: pack * devices as f64 };
        return Ok(wanted.map_or(MemoryLimit::NONE, each));
    }
    let Some(state) = Memory::now() else { return Ok(wanted.map_or(MemoryLimit::NONE, on_cpu)) };
    match wanted {
        None => Ok(on_cpu(SHARE * state.free)),
        Some(wanted) if wanted > state.ours => Ok(on_cpu(wanted - state.ours)),
        Some(_) => {
            let text = format!(
                "--memory: the program and its table take {} before anything is trained: give more",
                ByteSize(state.ours as u64).display().si()
            );
            Err(Failure::new(Exit::Other, text))
        }
    }
}

/// The state of the memory, in bytes.
struct Memory {
    /// What this process holds.
    ours: f64,
    /// What it may still take, in its container too.
    free: f64,
}

impl Memory {
    fn now() -> Option<Self> {
        let mut system = System::new();
        system.refresh_memory();
        let own = get_current_pid().ok()?;
        let what = ProcessRefreshKind::nothing().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, what);
        let process = system.process(own)?;
        let contained = process.cgroup_limits().map_or(u64::MAX, |limits| limits.free_memory);
        let free = system.available_memory().min(contained) as f64;
        Some(Self { ours: process.memory() as f64, free })
    }
}
