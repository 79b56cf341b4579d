use super::packed::{WIDTH, width};
use super::{Metric, Settings};

/// Bytes that a search takes at most, and those that `Neighbours` holds beside the train rows and
/// labels: of `train` rows with so many columns, for the `most` neighbours of `rows` rows.
pub fn memory(train: u64, columns: u64, rows: u64, most: u64, settings: Settings) -> u64 {
    let width = width(columns as usize, settings.metric) as u64;
    let lengths = if settings.metric == Metric::Cosine { 8 } else { 0 };
    let packed = train.next_multiple_of(WIDTH as u64) * width * 4 + train * (4 + lengths);
    // A neighbour as found takes 16 bytes, and as told of 16 more.
    packed + rows * (most * 32 + 64 + lengths)
}
