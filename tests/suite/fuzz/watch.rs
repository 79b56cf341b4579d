//! Time and memory of a case: says which input takes too much of them while it still does.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// A case that takes longer is a finding.
const SLOW: Duration = Duration::from_secs(5);
/// A case that takes longer hangs: the process ends, and leaves its input.
const HANGING: Duration = Duration::from_mins(1);
/// A case that takes more memory is a finding.
const MOST_KIB: u64 = 1 << 20;

pub struct Watch {
    epoch: Instant,
    /// When the case began, in milliseconds since `epoch`, plus 1; 0 between cases.
    began: Arc<AtomicU64>,
    /// Whether to look at the memory, which other tests use beside this one in the gate.
    alone: bool,
    resident: AtomicU64,
}

impl Watch {
    /// A watch over the cases whose input lies in `input`.
    pub fn new(input: PathBuf, alone: bool) -> Self {
        let (epoch, began) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let weak = Arc::downgrade(&began);
        thread::spawn(move || watch(epoch, &weak, &input));
        Self { epoch, began, alone, resident: AtomicU64::new(0) }
    }

    pub fn begin(&self) {
        if self.alone {
            // Lets the peak start again at what is resident now.
            let _ = fs::write("/proc/self/clear_refs", "5");
            self.resident.store(kib("VmRSS:").unwrap_or(0), Ordering::Relaxed);
        }
        self.began.store(self.epoch.elapsed().as_millis() as u64 + 1, Ordering::Relaxed);
    }

    /// What the case took too much of, if anything.
    pub fn end(&self) -> Option<String> {
        let began = self.began.swap(0, Ordering::Relaxed);
        let took = self.epoch.elapsed().saturating_sub(Duration::from_millis(began));
        if took > SLOW {
            return Some(format!("slow: {took:.1?}"));
        }
        let peak = if self.alone { kib("VmHWM:")? } else { return None };
        let taken = peak.saturating_sub(self.resident.load(Ordering::Relaxed));
        (taken > MOST_KIB).then(|| format!("memory: {} MiB", taken / 1024))
    }
}

fn watch(epoch: Instant, began: &Weak<AtomicU64>, input: &std::path::Path) {
    while let Some(began) = began.upgrade().map(|began| began.load(Ordering::Relaxed)) {
        let took = epoch.elapsed().saturating_sub(Duration::from_millis(began));
        if began > 0 && took > HANGING {
            eprintln!("a case hangs for {took:.0?}: {}", input.display());
            std::process::abort();
        }
        thread::sleep(Duration::from_millis(500));
    }
}

/// A figure of this process; nothing where the system has no `/proc`.
fn kib(name: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
