//! How much memory packs may take.

use bytesize::ByteSize;
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, get_current_pid};

use crate::commands::failure::{Exit, Failure};
use crate::engine::torch::Placement;
use crate::sweep::MemoryLimit;

/// The share of the free memory that packs may take where the user does not say: the estimate of a
/// pack is no measurement, and the machine has other work.
const SHARE: f64 = 0.9;

/// The share of all memory that a single pack may take, so that several fit: more is cut. It is of
/// what there is or what the user says, never of what is free, on which no result may depend.
const OF_ALL: f64 = 0.25;

/// The memory for packs: what `--memory` leaves beside the program and its table, or else most of
/// what is free. On CUDA, `--memory` of each of so many devices; how much of theirs is free is not
/// known.
pub(super) fn limit(
    wanted: Option<ByteSize>,
    placement: &Placement,
    devices: usize,
) -> Result<MemoryLimit, Failure> {
    let wanted = wanted.map(|size| size.as_u64() as f64);
    if !placement.on_cpu() {
        let each = |most: f64| MemoryLimit { cut: most, pack: most, total: most * devices as f64 };
        return Ok(wanted.map_or(MemoryLimit::NONE, each));
    }
    let of = |all: f64, room: f64| MemoryLimit { cut: OF_ALL * all, pack: room, total: room };
    let Some(found) = Found::now() else {
        return Ok(wanted.map_or(MemoryLimit::NONE, |wanted| of(wanted, wanted)));
    };
    match wanted {
        None => Ok(of(found.all, SHARE * found.free)),
        Some(wanted) if wanted > found.ours => Ok(of(wanted, wanted - found.ours)),
        Some(_) => {
            let text = format!(
                "--memory: the program and its table take {} before anything is trained: give more",
                ByteSize(found.ours as u64).display().si()
            );
            Err(Failure::new(Exit::Other, text))
        }
    }
}

/// The memory of this machine, or of the container that it is seen from, in bytes.
struct Found {
    all: f64,
    free: f64,
    /// Memory of this process.
    ours: f64,
}

impl Found {
    fn now() -> Option<Self> {
        let mut system = System::new();
        system.refresh_memory();
        let own = get_current_pid().ok()?;
        let what = ProcessRefreshKind::nothing().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, what);
        let process = system.process(own)?;
        let (mut all, mut free) = (system.total_memory(), system.available_memory());
        if let Some(container) = process.cgroup_limits() {
            (all, free) = (all.min(container.total_memory), free.min(container.free_memory));
        }
        Some(Self { all: all as f64, free: free as f64, ours: process.memory() as f64 })
    }
}
