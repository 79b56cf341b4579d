//! Hyperparameters of which one of a few is chosen; names are scikit-learn's, LightGBM's and
//! XGBoost's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cell::Cell;
use crate::spec::value::{Count, Ratio};

/// Declares an axis of names.
macro_rules! choice {
    ($(#[$doc:meta])* $choice:ident { $($(#[$of:meta])* $value:ident $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub enum $choice {
            $($(#[$of])* #[serde(rename = $name)] $value,)+
        }

        impl $choice {
            /// The name used in grid files and tables.
            pub fn name(self) -> &'static str {
                match self { $(Self::$value => $name,)+ }
            }
        }

        impl Cell for $choice {
            fn cell(&self) -> String {
                self.name().to_owned()
            }
        }
    };
}

choice! {
    /// How impure a node of a tree is.
    Criterion {
        /// The Gini impurity.
        Gini "gini",
        /// The entropy.
        Entropy "entropy",
        /// The entropy under its other name.
        LogLoss "log_loss",
    }
}

choice! {
    /// What each neighbour counts.
    NeighborWeights {
        /// All the same.
        Uniform "uniform",
        /// The inverse of its distance.
        Distance "distance",
    }
}

choice! {
    /// How far apart two rows are.
    Metric {
        /// The length of the difference.
        Euclidean "euclidean",
        /// The sum of the absolute differences.
        Manhattan "manhattan",
        /// The largest absolute difference.
        Chebyshev "chebyshev",
        /// The p-norm of the difference.
        Minkowski "minkowski",
        /// One minus the cosine of the angle between them.
        Cosine "cosine",
    }
}

choice! {
    /// How boosting draws rows.
    DataSampleStrategy {
        /// By chance, with `bagging_fraction` and `bagging_freq`.
        Bagging "bagging",
        /// All with large gradients, and a share of the others.
        Goss "goss",
    }
}

choice! {
    /// Which node `xgboost` splits next.
    GrowPolicy {
        /// All of a level, then those of the next.
        Depthwise "depthwise",
        /// The one that gains most.
        Lossguide "lossguide",
    }
}

/// How many inputs a split of a forest chooses among.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "it must be \"sqrt\", \"log2\", \"all\", a whole number of 1 or more, or a share of the \
                 inputs such as 0.5"
)]
pub enum MaxFeatures {
    /// A rule.
    Rule(FeatureRule),
    /// So many.
    Count(Count),
    /// A share of all.
    Share(Ratio),
}

choice! {
    /// A rule for the number of inputs that a split chooses among.
    FeatureRule {
        /// The square root of their number.
        Sqrt "sqrt",
        /// The logarithm of their number to the base 2.
        Log2 "log2",
        /// All of them.
        All "all",
    }
}

impl MaxFeatures {
    /// The default of the grid file.
    pub(super) const SQRT: Self = Self::Rule(FeatureRule::Sqrt);
}

impl Cell for MaxFeatures {
    fn cell(&self) -> String {
        match self {
            Self::Rule(rule) => rule.cell(),
            Self::Count(count) => count.cell(),
            // With a point, so that 1.0 is not taken for one input.
            Self::Share(share) => format!("{:?}", share.get()),
        }
    }
}
