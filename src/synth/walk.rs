//! AI4I's temperatures: slow random walks, normalised over the whole table.

use chacha20::ChaCha8Rng;

use super::{Stream, open_stream};
use crate::random::draw_normal;

/// Rows over which a walk forgets about 63 % of where it was.
const MEMORY_ROWS: f64 = 500.0;

/// Correlation of (process - air) with air in the published table, where the process stays
/// steadier than the room: without it the process temperature would spread by 2.2 K, not 1.5 K.
const AIR_CORRELATION: f64 = -0.7;

/// Air and process temperature, K, row by row over a table of `rows` rows.
///
/// Air has mean 300 and sd 2, process minus air has mean 10 and sd 1. Matzka (2020) normalises
/// free random walks. Over 10,000 rows the shape of such a walk is luck: the share of rows below
/// 8.6 K, which decides how many lose heat, runs from 0 to 18 % between seeds. Here each walk is
/// pulled back to its mean (a first-order autoregression with a memory of 500 rows, started in
/// its stationary state) and then normalised, so every long table visits both tails while air
/// still moves by only about 0.13 K a row. The published temperatures drift more slowly still, as
/// with a memory of 1,000 to 2,500 rows.
///
/// Memory use is constant whatever `rows` is: the streams are drawn once for mean and standard
/// deviation and once more for the values.
pub(super) fn walk_temperatures_k(seed: u64, rows: usize) -> impl Iterator<Item = (f64, f64)> {
    let air = normalise(move || Path::new(seed, Stream::AirTemperature), rows);
    let difference = normalise(move || difference_path(seed), rows);
    air.zip(difference).map(|(air_walk, difference_walk)| {
        let air_k = 300.0 + 2.0 * air_walk;
        (air_k, air_k + 10.0 + difference_walk)
    })
}

/// Shifts and scales a path so that its first `rows` values have mean 0 and sd 1. Those of a
/// table of one row, which has no spread, become 0.
fn normalise<P>(open_path: impl Fn() -> P, rows: usize) -> impl Iterator<Item = f64>
where
    P: Iterator<Item = f64>,
{
    let (mut mean, mut squares) = (0.0, 0.0);
    for (index, position) in open_path().take(rows).enumerate() {
        let deviation = position - mean;
        mean += deviation / (index + 1) as f64;
        squares += deviation * (position - mean);
    }
    let sd = (squares / rows as f64).sqrt();
    open_path().take(rows).map(move |position| if sd > 0.0 { (position - mean) / sd } else { 0.0 })
}

/// A path for process minus air: correlated with the path of air, otherwise of its own.
fn difference_path(seed: u64) -> impl Iterator<Item = f64> {
    let own_share = (1.0 - AIR_CORRELATION * AIR_CORRELATION).sqrt();
    Path::new(seed, Stream::AirTemperature)
        .zip(Path::new(seed, Stream::TemperatureDifference))
        .map(move |(air, own)| AIR_CORRELATION * air + own_share * own)
}

/// A mean-reverting walk before it is normalised: endless, stationary, variance 1.
struct Path {
    rng: ChaCha8Rng,
    position: Option<f64>,
}

impl Path {
    fn new(seed: u64, stream: Stream) -> Self {
        Self { rng: open_stream(seed, stream), position: None }
    }
}

impl Iterator for Path {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        let keep = 1.0 - 1.0 / MEMORY_ROWS;
        let shock = draw_normal(&mut self.rng);
        self.position = Some(match self.position {
            None => shock,
            Some(before) => keep * before + (1.0 - keep * keep).sqrt() * shock,
        });
        self.position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_sd(values: &[f64]) -> (f64, f64) {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        (mean, (squares / values.len() as f64).sqrt())
    }

    #[test]
    fn air_and_difference_have_the_published_mean_and_sd_over_any_table_of_two_rows_or_more() {
        for rows in [2, 3, 100, 10_000] {
            let (air, difference): (Vec<f64>, Vec<f64>) =
                walk_temperatures_k(4, rows).map(|(air, process)| (air, process - air)).unzip();
            for (values, mean, sd) in [(air, 300.0, 2.0), (difference, 10.0, 1.0)] {
                let got = mean_and_sd(&values);
                assert_eq!(values.len(), rows);
                assert!((got.0 - mean).abs() < 1e-9 && (got.1 - sd).abs() < 1e-9, "{got:?}");
            }
        }
    }

    #[test]
    fn a_table_of_one_row_sits_on_the_means() {
        assert_eq!(walk_temperatures_k(4, 1).collect::<Vec<_>>(), [(300.0, 310.0)]);
    }

    #[test]
    fn air_moves_slowly_and_both_walks_visit_both_tails_whatever_the_seed() {
        for seed in 0..20 {
            let pairs: Vec<(f64, f64)> = walk_temperatures_k(seed, 10_000).collect();
            let steps: Vec<f64> = pairs.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
            assert!(mean_and_sd(&steps).1 < 0.2, "seed {seed}");
            let (air, difference): (Vec<f64>, Vec<f64>) = pairs
                .iter()
                .map(|(air, process)| ((air - 300.0) / 2.0, process - air - 10.0))
                .unzip();
            for (walk, tail) in [(&air, -1.4), (&air, 1.4), (&difference, -1.4), (&difference, 1.4)]
            {
                let visits = walk.iter().filter(|deviate| **deviate / tail > 1.0).count();
                assert!((200..=1_600).contains(&visits), "seed {seed}: {visits} beyond {tail}");
            }
        }
    }

    #[test]
    fn a_warm_room_has_the_smaller_difference_as_in_the_published_table() {
        let correlations = (0..20).map(|seed| {
            let products = walk_temperatures_k(seed, 10_000)
                .map(|(air, process)| (air - 300.0) / 2.0 * (process - air - 10.0));
            products.sum::<f64>() / 10_000.0
        });
        let mean = correlations.sum::<f64>() / 20.0;
        assert!((mean - AIR_CORRELATION).abs() < 0.1, "{mean}");
    }
}
