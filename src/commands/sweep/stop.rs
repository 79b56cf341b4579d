//! What ends a sweep early: Ctrl-C, and a time budget.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};

use crate::commands::failure::Exit;

/// The flag that training looks at before every step, and who raised it.
#[derive(Debug, Default)]
pub(super) struct Stop {
    flag: Arc<AtomicBool>,
    interrupted: Arc<AtomicBool>,
}

impl Stop {
    /// Listens for signals. The first Ctrl-C raises the flag; a second one leaves at once, without
    /// the clean-up of libraries that worker threads still use. A `kill` counts as one.
    pub fn listen() -> Self {
        let stop = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the second flag down, and then raises it. Where
            // signals cannot be caught they end the process at once, as they always did.
            let interrupted = || Arc::clone(&stop.interrupted);
            let _ = register_conditional_shutdown(signal, Exit::Interrupted as i32, interrupted());
            let _ = register(signal, interrupted());
            let _ = register(signal, Arc::clone(&stop.flag));
        }
        // A file that may not grow is to be an error like that of a full disk; unheard, this signal
        // ends the process.
        #[cfg(unix)]
        let _ = register(signal_hook::consts::SIGXFSZ, Arc::default());
        stop
    }

    /// Raises the flag when so much time has gone by since `started`.
    ///
    /// # Errors
    /// When no thread can be had to wait for it.
    pub fn after(&self, budget: Duration, started: Instant) -> std::io::Result<()> {
        let flag = Arc::clone(&self.flag);
        let wait = move || {
            thread::sleep(budget.saturating_sub(started.elapsed()));
            flag.store(true, Ordering::Relaxed);
        };
        thread::Builder::new().spawn(wait).map(drop)
    }

    /// The flag.
    pub fn flag(&self) -> &AtomicBool {
        &self.flag
    }

    /// Whether a signal raised it.
    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}
