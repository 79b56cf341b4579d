//! Whole groups dealt by chance, so that a network is judged on machines that it has not met.

use std::collections::HashMap;

use super::SplitError;
use crate::random::{Purpose, Streams, shuffle};

/// The most deals of which the best is taken.
const MOST_DEALS: usize = 100;

/// The most steps that are weighed in all these deals, but for the first.
const MOST_WORK: usize = 10_000_000;

/// The most times that all groups of a deal are gone through for steps that better it.
const MOST_PASSES: usize = 20;

/// With how many others a group may be exchanged.
const NEIGHBOURS: usize = 100;

/// Less than this share of what a part should have is no difference: so a few rows more or less in
/// a machine do not decide where it goes, and the seed does.
const TOLERANCE: f64 = 0.01;

/// Deals whole groups, `[rows]` of their codes, into parts of the given shares of the rows.
///
/// Groups are dealt in random order, then moved and exchanged as long as that brings the parts
/// closer to their shares; of many such deals the closest is taken, the first of ties.
///
/// # Errors
/// [`SplitError::FewGroups`].
pub(super) fn deal(
    groups: &[u32],
    shares: &[f64],
    streams: &Streams,
) -> Result<Vec<Vec<usize>>, SplitError> {
    let (numbers, sizes) = count(groups);
    if sizes.len() < shares.len() {
        return Err(SplitError::FewGroups { groups: sizes.len(), parts: shares.len() });
    }
    let wanted: Vec<f64> = shares.iter().map(|share| share * groups.len() as f64).collect();
    let steps = sizes.len().saturating_mul(shares.len() + NEIGHBOURS);
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    let mut best: Option<(Deal, f64)> = None;
    for number in 0..(MOST_WORK / steps).clamp(1, MOST_DEALS) {
        shuffle(&mut order, &mut streams.generator(Purpose::Split, number as u64));
        let mut deal = Deal::new(&order, &sizes, &wanted);
        deal.improve(&order);
        let miss = (deal.miss() / TOLERANCE).round();
        if best.as_ref().is_none_or(|(_, least)| miss < *least) {
            best = Some((deal, miss));
        }
        if miss == 0.0 {
            break;
        }
    }
    let mut parts = vec![Vec::new(); shares.len()];
    if let Some((deal, _)) = best {
        for (row, &group) in numbers.iter().enumerate() {
            parts[deal.part_of[group]].push(row);
        }
    }
    Ok(parts)
}

/// Each row's group, numbered as they are met, and each group's rows.
fn count(groups: &[u32]) -> (Vec<usize>, Vec<usize>) {
    let (mut known, mut sizes) = (HashMap::new(), Vec::new());
    let number = |group: &u32| {
        let number = *known.entry(*group).or_insert_with(|| {
            sizes.push(0);
            sizes.len() - 1
        });
        sizes[number] += 1;
        number
    };
    let numbers = groups.iter().map(number).collect();
    (numbers, sizes)
}

/// Which part each group goes to.
struct Deal<'a> {
    /// Rows of each group.
    sizes: &'a [usize],
    /// Rows that each part should have.
    wanted: &'a [f64],
    /// `[groups]`.
    part_of: Vec<usize>,
    /// Groups of each part.
    held: Vec<usize>,
    /// Rows that each part lacks; below zero, has too many.
    lacking: Vec<f64>,
}

impl<'a> Deal<'a> {
    /// Deals groups in an order, each to the part that lacks most rows, the last ones to parts that
    /// are still empty.
    fn new(order: &[usize], sizes: &'a [usize], wanted: &'a [f64]) -> Self {
        let (mut part_of, mut held) = (vec![0; sizes.len()], vec![0; wanted.len()]);
        let mut lacking = wanted.to_vec();
        let mut empty = wanted.len();
        for (before, &group) in order.iter().enumerate() {
            let must_fill = order.len() - before <= empty;
            let open = (0..wanted.len()).filter(|&part| held[part] == 0 || !must_fill);
            // The first of equals: max_by keeps the last.
            let part = open.rev().max_by(|&one, &other| lacking[one].total_cmp(&lacking[other]));
            let part = part.unwrap_or(0);
            empty -= usize::from(held[part] == 0);
            held[part] += 1;
            part_of[group] = part;
            lacking[part] -= sizes[group] as f64;
        }
        Self { sizes, wanted, part_of, held, lacking }
    }

    /// Moves groups, and exchanges those that are neighbours in `order`, as long as it helps.
    fn improve(&mut self, order: &[usize]) {
        for _ in 0..MOST_PASSES {
            let mut helped = false;
            for (at, &group) in order.iter().enumerate() {
                for part in 0..self.wanted.len() {
                    helped |= self.held[self.part_of[group]] > 1
                        && self.shift(group, part, self.sizes[group] as f64);
                }
                for &other in order[at + 1..].iter().take(NEIGHBOURS) {
                    let from = self.part_of[group];
                    let more = self.sizes[group] as f64 - self.sizes[other] as f64;
                    if self.shift(group, self.part_of[other], more) {
                        (self.part_of[other], helped) = (from, true);
                        self.held[from] += 1;
                        self.held[self.part_of[group]] -= 1;
                    }
                }
            }
            if !helped {
                break;
            }
        }
    }

    /// Puts a group into another part, which gets `rows` more, where that brings the two parts
    /// closer to their shares.
    fn shift(&mut self, group: usize, to: usize, rows: f64) -> bool {
        let from = self.part_of[group];
        let miss = |part: usize, lacking: f64| (lacking / self.wanted[part]).abs();
        let before = miss(from, self.lacking[from]) + miss(to, self.lacking[to]);
        let after = miss(from, self.lacking[from] + rows) + miss(to, self.lacking[to] - rows);
        let helps = from != to && before - after >= TOLERANCE;
        if helps {
            self.lacking[from] += rows;
            self.lacking[to] -= rows;
            self.held[from] -= 1;
            self.held[to] += 1;
            self.part_of[group] = to;
        }
        helps
    }

    /// By how much the parts miss what they should have, as a share of it: the mean.
    fn miss(&self) -> f64 {
        let misses =
            self.lacking.iter().zip(self.wanted).map(|(rows, wanted)| (rows / wanted).abs());
        misses.sum::<f64>() / self.wanted.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of each part, groups of these sizes dealt into these shares.
    fn rows(sizes: &[usize], shares: &[f64], seed: u64) -> Vec<usize> {
        let groups = sizes.iter().zip(0..).flat_map(|(&size, code)| vec![code; size]);
        let parts = deal(&groups.collect::<Vec<u32>>(), shares, &Streams::new(seed, 0, 0));
        parts.map(|parts| parts.iter().map(Vec::len).collect()).unwrap_or_default()
    }

    #[test]
    fn a_giant_group_goes_to_the_largest_share() {
        for seed in 0..20 {
            assert_eq!(rows(&[10, 1000, 10], &[0.7, 0.15, 0.15], seed), [1000, 10, 10]);
            let shared = rows(&[&[600][..], &[10; 40]].concat(), &[0.7, 0.15, 0.15], seed);
            assert_eq!(shared, [700, 150, 150]);
        }
    }

    #[test]
    fn of_three_groups_the_largest_is_trained_on() {
        for seed in 0..20 {
            assert_eq!(rows(&[300, 500, 200], &[0.6, 0.25, 0.15], seed), [500, 300, 200]);
        }
    }

    #[test]
    fn fewer_groups_than_parts_are_refused_with_both_counts() {
        let error = deal(&[7, 7, 3], &[0.7, 0.15, 0.15], &Streams::new(0, 0, 0));
        assert_eq!(error, Err(SplitError::FewGroups { groups: 2, parts: 3 }));
    }

    #[test]
    fn groups_that_are_nearly_equal_go_where_the_seed_says() {
        let sizes = [8761, 8759, 8760, 8755, 8761];
        let parts = |seed| {
            let groups = sizes.iter().zip(0..).flat_map(|(&size, code)| vec![code; size]);
            deal(&groups.collect::<Vec<u32>>(), &[0.6, 0.2, 0.2], &Streams::new(seed, 0, 0))
        };
        let distinct: std::collections::HashSet<_> = (0..40).map(|seed| parts(seed).ok()).collect();
        assert!(distinct.len() > 10, "{}", distinct.len());
    }
}
