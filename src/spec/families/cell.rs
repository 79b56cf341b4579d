//! Values of hyperparameters as tables show them.

use crate::network::{Activation, Norm};
use crate::spec::class_weight::ClassWeight;
use crate::spec::early_stopping::EarlyStopping;
use crate::spec::embedding::Embedding;
use crate::spec::limit::{CountLimit, Limit, RatioLimit};
use crate::spec::lr_schedule::LrSchedule;
use crate::spec::optimizers::Optimizer;
use crate::spec::value::{
    Count, Fraction, LeafCount, NonNegative, Positive, Ratio, Share01, SplitCount,
};

/// A value that a table shows.
pub trait Cell {
    /// Its text.
    fn cell(&self) -> String;
}

/// Values with an inner number or a name.
macro_rules! cells {
    ($get:ident: $($value:ty),+) => {
        $(impl Cell for $value {
            fn cell(&self) -> String {
                self.$get().to_string()
            }
        })+
    };
}

cells!(get: Positive, NonNegative, Fraction, Ratio, Share01, Count, LeafCount, SplitCount);
cells!(name: Optimizer, Activation, Norm);
cells!(to_string: u32, u64, bool, ClassWeight, EarlyStopping, Embedding, LrSchedule);

/// Widths as `64-32`, or `none`.
impl Cell for Vec<Count> {
    fn cell(&self) -> String {
        let widths: Vec<String> = self.iter().map(Cell::cell).collect();
        if widths.is_empty() { "none".to_owned() } else { widths.join("-") }
    }
}

/// Limits: a number, or `none`.
macro_rules! limits {
    ($($value:ty),+) => {
        $(impl Cell for $value {
            fn cell(&self) -> String {
                self.get().map_or("none".to_owned(), |most| most.to_string())
            }
        })+
    };
}

limits!(Limit, CountLimit, RatioLimit);
