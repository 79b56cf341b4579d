//! The time that a trained model takes to predict.

use std::time::{Duration, Instant};

use crate::engine::Engine;
use crate::examples::Matrix;
use crate::families::Fitted;

/// How many rows are predicted at once.
pub const PACE_ROWS: usize = 1000;

/// The time that repeats may take together; one is made in any case.
const MOST_TIME: Duration = Duration::from_millis(50);

/// The most repeats.
const MOST_REPEATS: usize = 25;

/// Seconds to predict [`PACE_ROWS`] prepared rows at once on one thread: the median of a few repeats after
/// one that does not count. `rows` are repeated or cut to that many. `None` where there are no rows, or
/// they cannot be predicted.
pub fn predict_seconds(fitted: &Fitted, engine: &dyn Engine, rows: &Matrix) -> Option<f64> {
    if rows.rows() == 0 {
        return None;
    }
    let places = (0..rows.rows()).cycle().take(PACE_ROWS);
    let values = places.flat_map(|row| rows.row(row)).copied().collect();
    let rows = Matrix::new(rows.columns(), values);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().ok()?;
    pool.install(|| {
        fitted.log_probabilities(engine, &rows).ok()?;
        let (started, mut seconds) = (Instant::now(), Vec::new());
        while seconds.is_empty() || (started.elapsed() < MOST_TIME && seconds.len() < MOST_REPEATS)
        {
            let begun = Instant::now();
            std::hint::black_box(fitted.log_probabilities(engine, &rows).ok()?);
            seconds.push(begun.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        seconds.get(seconds.len() / 2).copied()
    })
}
