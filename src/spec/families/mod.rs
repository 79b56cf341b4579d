//! The families of models: the list of them, and of each its hyperparameters with their defaults.

mod cell;
mod choices;
mod params;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::axes::Axes;
pub use cell::Cell;
pub use choices::{
    Criterion, DataSampleStrategy, FeatureRule, GrowPolicy, MaxFeatures, Metric, NeighborWeights,
};
#[cfg(test)]
pub use params::ToyParams;
pub use params::{
    ExtraTreesParams, GradientBoostingParams, KnnParams, LogisticRegressionParams, MlpParams,
    RandomForestParams, XgboostParams,
};

/// Declares the list of families: names, hyperparameters, the axis of the rounds, and which are
/// there on a condition alone.
macro_rules! families {
    ($($(#[$doc:meta])* $family:ident $name:literal: $params:ident by $rounds:literal $(, if $cfg:meta)?;)+) => {
        /// A family of models.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            JsonSchema,
        )]
        pub enum Family {
            $($(#[$doc])* $(#[cfg($cfg)])? #[serde(rename = $name)] $family,)+
        }

        /// The hyperparameters of a trial.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Params {
            $($(#[$doc])* $(#[cfg($cfg)])? $family($params),)+
        }

        impl Family {
            /// All families.
            pub const ALL: &'static [Self] = &[$($(#[cfg($cfg)])? Self::$family),+];

            /// The name used in grid files and tables.
            pub fn name(self) -> &'static str {
                match self { $($(#[cfg($cfg)])? Self::$family => $name,)+ }
            }

            /// The names of its axes, those that vary fastest first.
            pub fn axes(self) -> &'static [&'static str] {
                match self { $($(#[cfg($cfg)])? Self::$family => $params::AXES,)+ }
            }

            /// The axis that says how many rounds.
            pub fn rounds_axis(self) -> &'static str {
                match self { $($(#[cfg($cfg)])? Self::$family => $rounds,)+ }
            }

            /// The first of its axes that has no default and no value.
            pub fn lacking(self, axes: &Axes) -> Option<&'static str> {
                match self { $($(#[cfg($cfg)])? Self::$family => $params::lacking(axes),)+ }
            }

            /// Those of `axes` that it has, and the defaults of the others.
            #[must_use]
            pub fn complete(self, axes: &Axes) -> Axes {
                match self { $($(#[cfg($cfg)])? Self::$family => $params::complete(axes),)+ }
            }

            /// How many trials complete axes make (saturating: a count that no machine could train).
            pub fn trials(self, axes: &Axes) -> u64 {
                match self { $($(#[cfg($cfg)])? Self::$family => $params::trials(axes),)+ }
            }

            /// The trial at a place of complete axes; the first axis varies fastest.
            pub fn nth(self, axes: &Axes, place: usize) -> Option<Params> {
                match self {
                    $($(#[cfg($cfg)])? Self::$family => {
                        $params::nth(axes, place).map(Params::$family)
                    })+
                }
            }
        }

        impl Params {
            /// The family.
            pub fn family(&self) -> Family {
                match self { $($(#[cfg($cfg)])? Self::$family(_) => Family::$family,)+ }
            }

            /// The value of an axis as tables show it; `None` where the family has no such axis.
            pub fn cell(&self, axis: &str) -> Option<String> {
                match self { $($(#[cfg($cfg)])? Self::$family(params) => params.cell(axis),)+ }
            }
        }
    };
}

families! {
    /// A multi-layer perceptron.
    Mlp "mlp": MlpParams by "epochs";
    /// Multinomial logistic regression.
    LogisticRegression "logistic_regression": LogisticRegressionParams by "max_iter";
    /// A random forest.
    RandomForest "random_forest": RandomForestParams by "n_estimators";
    /// Extremely randomised trees.
    ExtraTrees "extra_trees": ExtraTreesParams by "n_estimators";
    /// Gradient boosting by LightGBM.
    GradientBoosting "gradient_boosting": GradientBoostingParams by "num_iterations";
    /// Gradient boosting by XGBoost.
    Xgboost "xgboost": XgboostParams by "n_estimators";
    /// Nearest neighbours.
    Knn "knn": KnnParams by "n_neighbors";
    /// A family that only tests know.
    Toy "toy": ToyParams by "n_estimators", if test;
}

/// What a variant is without a word on it.
impl Default for Family {
    fn default() -> Self {
        Self::Mlp
    }
}

impl Family {
    /// What a variant of this family trains: its own axes, for those that it does not name the grid
    /// file's, and then the defaults. The grid file's own axes are those of networks, but for `seed` and
    /// `class_weight`, which all families share.
    #[must_use]
    pub fn grid(self, own: &Axes, shared: &Axes) -> Axes {
        let all = match self {
            Self::Mlp => own.or(shared),
            _ => own.or(&Axes {
                seed: shared.seed.clone(),
                class_weight: shared.class_weight.clone(),
                ..Axes::default()
            }),
        };
        self.complete(&all)
    }

    /// Whether its models use missing cells as they are.
    pub fn takes_missing(self) -> bool {
        matches!(
            self,
            Self::RandomForest | Self::ExtraTrees | Self::GradientBoosting | Self::Xgboost
        )
    }

    /// Whether its models use categories as they are.
    pub fn takes_categories(self) -> bool {
        matches!(self, Self::GradientBoosting | Self::Xgboost)
    }

    /// Whether the size of its inputs matters to its models.
    pub fn sees_scale(self) -> bool {
        matches!(self, Self::Mlp | Self::LogisticRegression | Self::Knn)
    }

    /// The families that have an axis.
    pub fn with_axis(axis: &str) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |family| family.axes().contains(&axis))
    }
}

impl std::fmt::Display for Family {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}
