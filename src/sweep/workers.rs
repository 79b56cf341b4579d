//! Worker threads that take one piece of work after the other.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Does `work` for every one of `items`, on that many worker threads, and gives the results in order. Each
/// worker takes the next item in order once it is done with one.
///
/// Workers are no tasks of the pool: a worker that waits for parallel work within an item never starts
/// another item meanwhile, which would wait for memory that the first one holds.
///
/// # Errors
/// When the threads cannot be started.
pub(super) fn on_workers<'i, I: Sync, T: Send>(
    workers: usize,
    items: &'i [I],
    work: impl Fn(&'i I) -> T + Sync,
) -> Result<Vec<T>, rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(workers).build()?;
    let next = AtomicUsize::new(0);
    let of_worker = |_: rayon::BroadcastContext<'_>| {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(place) else { return done };
            done.push((place, work(item)));
        }
    };
    let mut done: Vec<(usize, T)> = pool.broadcast(of_worker).into_iter().flatten().collect();
    done.sort_unstable_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rayon::iter::{IntoParallelIterator, ParallelIterator};

    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items_whatever_the_number_of_workers() {
        let items: Vec<u64> = (0..200).collect();
        for workers in [1, 2, 5] {
            let found = on_workers(workers, &items, |item| {
                (0..*item).into_par_iter().map(|one| one + 1).sum::<u64>()
            });
            let expected: Vec<u64> = items.iter().map(|item| item * (item + 1) / 2).collect();
            assert_eq!(found.unwrap(), expected);
        }
    }

    #[test]
    fn a_worker_that_waits_within_an_item_starts_no_other() {
        let inside = AtomicUsize::new(0);
        let items = [(); 40];
        let found = on_workers(1, &items, |()| {
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two items at once on one worker");
            let sum = (0..1000_u64).into_par_iter().map(|one| one * one).sum::<u64>();
            inside.fetch_sub(1, Ordering::SeqCst);
            sum
        });
        assert_eq!(found.unwrap().len(), 40);
    }
}
