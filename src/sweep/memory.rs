//! Memory for the packs in flight: a pack starts when there is room for it. An allocation that fails
//! on a CPU ends the whole process, so this is decided before.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::trim::trim;
use crate::families::Size;

/// How often a pack that waits for room looks whether the run is stopping.
const LOOK: Duration = Duration::from_millis(100);

/// A pack of fewer bytes is not worth a walk over the allocator's lists.
const TRIMMED: f64 = 16e6;

/// How much memory packs may take, in bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MemoryLimit {
    /// A pack of more than one network, which is cut into smaller ones. The bits of a pack may depend
    /// on how it is cut, so this is not what happens to be free.
    pub cut: f64,
    /// A single pack.
    pub pack: f64,
    /// All packs that train at the same time.
    pub total: f64,
}

impl MemoryLimit {
    /// No limit.
    pub const NONE: Self = Self { cut: f64::INFINITY, pack: f64::INFINITY, total: f64::INFINITY };
}

/// A pack can never have the memory that it needs.
#[derive(Debug, thiserror::Error)]
#[error(
    "{what} needs about {needed_mb:.0} MB to train, and {limit_mb:.0} MB may be used: {remedy}, or a \
     larger --memory where the machine has more"
)]
pub(super) struct TooLarge {
    /// What it is.
    pub what: String,
    /// How to make it smaller.
    pub remedy: &'static str,
    /// What it needs, in megabytes.
    pub needed_mb: f64,
    /// What a pack may take, in megabytes.
    pub limit_mb: f64,
}

/// The memory that packs in flight have taken.
#[derive(Debug)]
pub(super) struct Memory {
    limit: MemoryLimit,
    taken: Mutex<Taken>,
    given_back: Condvar,
}

/// The memory that packs in flight have taken.
#[derive(Debug, Default)]
struct Taken {
    packs: usize,
    bytes: f64,
}

/// A pack's share of the memory, until it is dropped.
#[derive(Debug)]
pub(super) struct Share<'a> {
    memory: &'a Memory,
    bytes: f64,
}

impl Memory {
    pub fn new(limit: MemoryLimit) -> Self {
        Self { limit, taken: Mutex::default(), given_back: Condvar::new() }
    }

    /// Why a job of this size cannot be trained, if so.
    pub fn refuse(&self, size: &Size) -> Option<TooLarge> {
        let (needed_mb, limit_mb) = (size.bytes / 1e6, self.limit.pack / 1e6);
        let (what, remedy) = (size.what.clone(), size.remedy);
        (size.bytes > self.limit.pack).then_some(TooLarge { what, remedy, needed_mb, limit_mb })
    }

    /// Waits until other packs leave room for `bytes`; `None` if `stop` is raised meanwhile.
    pub fn take(&self, bytes: f64, stop: &AtomicBool) -> Option<Share<'_>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        // A pack that is alone always starts: nothing would ever make more room for it.
        while taken.packs > 0 && taken.bytes + bytes > self.limit.total {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let waited = self.given_back.wait_timeout(taken, LOOK);
            taken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        taken.packs += 1;
        taken.bytes += bytes;
        Some(Share { memory: self, bytes })
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        if self.bytes >= TRIMMED {
            trim();
        }
        let mut taken = self.memory.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.packs -= 1;
        taken.bytes -= self.bytes;
        drop(taken);
        self.memory.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn packs_in_flight_never_take_more_than_the_limit() {
        let memory = Memory::new(MemoryLimit { total: 100.0, ..MemoryLimit::NONE });
        let (now, most) = (Mutex::new(0.0_f64), Mutex::new(0.0_f64));
        let go_on = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for worker in 0..6 {
                let (memory, now, most, go_on) = (&memory, &now, &most, &go_on);
                scope.spawn(move || {
                    for pack in 0..50 {
                        let bytes = f64::from(10 + (worker * 7 + pack * 13) % 50);
                        let share = memory.take(bytes, go_on).unwrap();
                        let held = {
                            let mut now = now.lock().unwrap();
                            *now += bytes;
                            *now
                        };
                        let mut most = most.lock().unwrap();
                        *most = most.max(held);
                        drop(most);
                        *now.lock().unwrap() -= bytes;
                        drop(share);
                    }
                });
            }
        });
        let most = *most.lock().unwrap();
        assert!(most <= 100.0 && most > 50.0, "{most}");
    }

    #[test]
    fn a_pack_that_waits_gives_up_when_the_run_stops() {
        let memory = Memory::new(MemoryLimit { total: 100.0, ..MemoryLimit::NONE });
        let stop = AtomicBool::new(false);
        let held = memory.take(80.0, &stop).unwrap();
        stop.store(true, Ordering::Relaxed);
        assert!(memory.take(80.0, &stop).is_none());
        drop(held);
        assert!(memory.take(80.0, &stop).is_some());
    }
}
