//! Numbers that cannot be wrong once read: each type checks itself while the grid file is parsed,
//! so that the message carries the line, the column and the key.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares a checked number: its inner type, the test it must pass and the words of its error.
macro_rules! checked_number {
    ($(#[$doc:meta])* $name:ident($inner:ty, $kind:literal), $schema:tt, $holds:expr, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = $kind, into = $kind)]
        #[schemars(extend $schema)]
        pub struct $name($inner);

        impl $name {
            /// The number itself.
            pub fn get(self) -> $inner {
                self.0
            }

            /// A default of the grid file; a test checks every one of them.
            #[allow(dead_code)] // not every type has a default
            pub(in crate::spec) const fn default_of(value: $inner) -> Self {
                Self(value)
            }
        }

        impl TryFrom<$inner> for $name {
            type Error = String;

            fn try_from(value: $inner) -> Result<Self, String> {
                let holds: fn($inner) -> bool = $holds;
                if holds(value) { Ok(Self(value)) } else { Err(format!(concat!($rule, ", not {}"), value)) }
            }
        }

        impl From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

checked_number!(
    /// A finite number above zero, such as a learning rate.
    Positive(f64, "f64"), ("exclusiveMinimum" = 0),
    |value| value.is_finite() && value > 0.0, "must be a finite number above 0"
);
checked_number!(
    /// A finite number of zero or more, such as a weight decay.
    NonNegative(f64, "f64"), ("minimum" = 0),
    |value| value.is_finite() && value >= 0.0, "must be a finite number of 0 or more"
);
checked_number!(
    /// A number in [0, 1), such as a dropout probability or a momentum.
    Fraction(f64, "f64"), ("minimum" = 0, "exclusiveMaximum" = 1),
    |value| (0.0..1.0).contains(&value), "must be at least 0 and below 1"
);
checked_number!(
    /// A share of the rows, in (0, 1).
    Share(f64, "f64"), ("exclusiveMinimum" = 0, "exclusiveMaximum" = 1),
    |value| value > 0.0 && value < 1.0, "must be a share between 0 and 1"
);
checked_number!(
    /// One count divided by another that is no smaller, in (0, 1].
    Ratio(f64, "f64"), ("exclusiveMinimum" = 0, "maximum" = 1),
    |value| value > 0.0 && value <= 1.0, "must be a ratio above 0 and at most 1"
);
checked_number!(
    /// What a row of a class counts in the training loss.
    ClassFactor(f64, "f64"), ("minimum" = 1e-6, "maximum" = 1e6),
    |value| (1e-6..=1e6).contains(&value), "must be between 1e-6 and 1e6"
);
checked_number!(
    /// A number of nearest neighbours, from 1 to 100.
    Neighbors(u32, "u32"), ("minimum" = 1, "maximum" = 100),
    |value| (1..=100).contains(&value), "must be between 1 and 100"
);
checked_number!(
    /// A count of at least one and at most a million, such as epochs or a layer's width.
    Count(u32, "u32"), ("minimum" = 1, "maximum" = 1_000_000),
    |value| (1..=1_000_000).contains(&value), "must be between 1 and 1000000"
);

checked_number!(
    /// A number of networks to average, from 1 to 1000.
    Members(u32, "u32"), ("minimum" = 1, "maximum" = 1000),
    |value| (1..=1000).contains(&value), "must be between 1 and 1000"
);
checked_number!(
    /// A number of bins, from 2 to 256.
    BinCount(u32, "u32"), ("minimum" = 2, "maximum" = 256),
    |value| (2..=256).contains(&value), "must be between 2 and 256"
);

checked_number!(
    /// A share in [0, 1], such as that of an L1 penalty.
    Share01(f64, "f64"), ("minimum" = 0, "maximum" = 1),
    |value| (0.0..=1.0).contains(&value), "must be between 0 and 1"
);
checked_number!(
    /// A count of at least two and at most a million, such as the rows of a node that is split.
    SplitCount(u32, "u32"), ("minimum" = 2, "maximum" = 1_000_000),
    |value| (2..=1_000_000).contains(&value), "must be between 2 and 1000000"
);
checked_number!(
    /// The leaves of a tree, from 2 to 131072, LightGBM's most.
    LeafCount(u32, "u32"), ("minimum" = 2, "maximum" = 131_072),
    |value| (2..=131_072).contains(&value), "must be between 2 and 131072"
);

/// The most values of an axis. Each is compared with those before it.
const MOST_VALUES: usize = 100_000;

/// The values of one hyperparameter: at least one, none twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<T>")]
#[schemars(extend("minItems" = 1, "uniqueItems" = true))]
pub struct Axis<T: PartialEq>(Vec<T>);

impl<T: PartialEq> Axis<T> {
    /// An axis of a single value.
    pub fn single(value: T) -> Self {
        Self(vec![value])
    }

    /// The values, in the order of the grid file.
    pub fn values(&self) -> &[T] {
        &self.0
    }
}

impl<T: PartialEq> TryFrom<Vec<T>> for Axis<T> {
    type Error = String;

    fn try_from(values: Vec<T>) -> Result<Self, String> {
        if values.is_empty() {
            return Err("this axis is empty: give it at least one value".to_owned());
        }
        if values.len() > MOST_VALUES {
            let count = values.len();
            return Err(format!("this axis has {count} values, more than {MOST_VALUES}"));
        }
        let twice = (1..values.len()).find(|&at| values[..at].contains(&values[at]));
        match twice {
            Some(at) => Err(format!("value number {} of this axis stands there twice", at + 1)),
            None => Ok(Self(values)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_that_no_machine_could_train_is_refused_at_once() {
        let axis = Axis::try_from((0..1_000_000).collect::<Vec<u64>>());
        assert_eq!(axis, Err("this axis has 1000000 values, more than 100000".to_owned()));
    }
}
