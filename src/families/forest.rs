//! Random forests and extremely randomised trees: a round is a tree.

use std::sync::atomic::AtomicBool;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::dataset::Dataset;
use super::fitted::Fitted;
use super::learner::{FitError, Learner};
use super::recipe::{Context, Member, Recipe, Size};
use super::singles::{Single, Singles};
use crate::examples::{Fold, Part};
use crate::spec::{self, ClassWeight, ExtraTreesParams, FeatureRule, Params, RandomForestParams};
use crate::trees::{Criterion, Forest, Grower, MaxFeatures, Rows, Settings, Splitter, Tree};

/// Trees that are grown at once where threads are idle.
const AT_ONCE: u32 = 8;

/// Bytes of a node in [`Forest::to_bytes`], and of a class in a leaf, at most.
const NODE_BYTES: f64 = 24.0;

/// A forest's hyperparameters, of either kind.
struct ForestParams {
    settings: Settings,
    trees: u32,
}

/// Both kinds have the same axes.
macro_rules! forest {
    ($params:ty, $splitter:expr) => {
        impl From<&$params> for ForestParams {
            fn from(params: &$params) -> Self {
                let settings = Settings {
                    criterion: match params.criterion {
                        spec::Criterion::Gini => Criterion::Gini,
                        spec::Criterion::Entropy => Criterion::Entropy,
                        spec::Criterion::LogLoss => Criterion::LogLoss,
                    },
                    splitter: $splitter,
                    max_depth: params.max_depth.get(),
                    min_samples_split: params.min_samples_split.get(),
                    min_samples_leaf: params.min_samples_leaf.get(),
                    min_weight_fraction_leaf: params.min_weight_fraction_leaf.get(),
                    max_features: match params.max_features {
                        spec::MaxFeatures::Rule(FeatureRule::Sqrt) => MaxFeatures::Sqrt,
                        spec::MaxFeatures::Rule(FeatureRule::Log2) => MaxFeatures::Log2,
                        spec::MaxFeatures::Rule(FeatureRule::All) => MaxFeatures::All,
                        spec::MaxFeatures::Count(count) => MaxFeatures::Count(count.get()),
                        spec::MaxFeatures::Share(share) => MaxFeatures::Fraction(share.get()),
                    },
                    max_leaf_nodes: params.max_leaf_nodes.get(),
                    min_impurity_decrease: params.min_impurity_decrease.get(),
                    bootstrap: params.bootstrap,
                    max_samples: params.max_samples.get(),
                    ccp_alpha: params.ccp_alpha.get(),
                };
                Self { settings, trees: params.n_estimators.get() }
            }
        }

        impl Recipe for $params {
            fn rounds(&self) -> u32 {
                self.n_estimators.get()
            }

            fn seed(&self) -> Option<u64> {
                Some(self.seed)
            }

            fn class_weight(&self) -> Option<&ClassWeight> {
                Some(&self.class_weight)
            }

            /// All but the number of trees.
            fn own(&self) -> String {
                let fewest = spec::Count::try_from(1).unwrap_or(self.n_estimators);
                format!("{:?}", Self { n_estimators: fewest, ..self.clone() })
            }

            fn cost(&self, data: &Dataset<'_>, preparation: usize) -> u64 {
                ForestParams::from(self).cost(data, preparation)
            }

            fn check(&self, _: &Dataset<'_>, _: usize) -> Result<(), (&'static str, String)> {
                ForestParams::from(self).check()
            }

            fn size(&self, members: &[Member<'_>], cx: &Context<'_>) -> Size {
                ForestParams::from(self).size(members, cx.data.classes())
            }

            fn most_bytes(&self, data: &Dataset<'_>, preparation: usize) -> f64 {
                ForestParams::from(self).most_bytes(data, preparation)
            }

            fn start<'a>(
                &self,
                members: Vec<Member<'a>>,
                _: usize,
                cx: &Context<'a>,
            ) -> Result<Box<dyn Learner + 'a>, FitError> {
                start(members, cx)
            }

            fn restore(&self, bytes: &[u8], fold: &Fold, classes: usize) -> Option<Fitted> {
                restore(bytes, fold, classes)
            }
        }
    };
}

forest!(RandomForestParams, Splitter::Best);
forest!(ExtraTreesParams, Splitter::Random);

impl ForestParams {
    /// Columns looked at in a tree, level by level; rows are what all families have in common.
    fn cost(&self, data: &Dataset<'_>, preparation: usize) -> u64 {
        let rows = &data.fold(preparation, 0).train;
        let levels = u64::from(rows.labels.len().checked_ilog2().unwrap_or(0)) + 1;
        self.settings.max_features.count(rows.features.columns()) as u64 * levels * 4
    }

    fn check(&self) -> Result<(), (&'static str, String)> {
        self.settings.check().map_err(|error| match error {
            crate::trees::ForestError::Setting { setting, .. } => (setting, error.to_string()),
            error => ("n_estimators", error.to_string()),
        })
    }

    fn size(&self, members: &[Member<'_>], classes: usize) -> Size {
        let trees = self.trees as usize;
        let bytes = members.iter().map(|member| {
            let rows = &member.fold.train.features;
            let parts: usize =
                Part::ALL.iter().map(|&part| member.fold.part(part).labels.len()).sum();
            let shape = (rows.rows(), rows.columns(), classes);
            let at_once = trees.min(AT_ONCE as usize);
            Grower::bytes_estimate(shape, &self.settings, trees, at_once) as f64
                + (parts * classes * 8) as f64
        });
        Size {
            bytes: bytes.sum(),
            what: format!("a forest of {trees} trees"),
            remedy: "take fewer trees, a max_depth, or a larger min_samples_leaf",
        }
    }

    fn most_bytes(&self, data: &Dataset<'_>, preparation: usize) -> f64 {
        let rows = data.folds(preparation).iter().map(|fold| fold.train.labels.len());
        2.0 * NODE_BYTES * f64::from(self.trees) * (rows.max().unwrap_or(0) as f64 + 64.0)
    }
}

/// A forest that grows.
struct Growing<'a> {
    grower: Grower,
    forest: Forest,
    /// Trees that are grown but have not had their round.
    ahead: Vec<Tree>,
    /// The most trees that the forest will have.
    trees: u32,
    fold: &'a Fold,
    /// By part: the sums of the probabilities of that many trees.
    sums: [(usize, Vec<f64>); 3],
    /// Trees of the model that was kept.
    kept: usize,
    stop: &'a AtomicBool,
}

impl Single for Growing<'_> {
    fn round(&mut self) -> Result<bool, FitError> {
        if self.ahead.is_empty() {
            let first = self.forest.trees.len() as u32;
            let last = self.trees.min(first + AT_ONCE).max(first + 1);
            let grown = (first..last).into_par_iter();
            let grown = grown.map(|number| self.grower.tree(number, self.stop));
            let mut grown: Vec<Tree> = grown.collect::<Option<_>>().ok_or(FitError::Stopped)?;
            grown.reverse();
            self.ahead = grown;
        }
        self.forest.trees.extend(self.ahead.pop());
        Ok(true)
    }

    fn probabilities(&mut self, part: Part) -> Result<Vec<f64>, FitError> {
        let trees = self.forest.trees.len();
        let (known, sum) = &mut self.sums[part as usize];
        let rows = &self.fold.part(part).features;
        sum.resize(rows.rows() * self.forest.classes as usize, 0.0);
        self.forest.add_probabilities(*known..trees, rows, sum);
        *known = trees;
        Ok(sum.iter().map(|sum| sum / trees as f64).collect())
    }

    fn keep(&mut self) -> Result<(), FitError> {
        self.kept = self.forest.trees.len();
        Ok(())
    }

    fn best(&self) -> Result<Fitted, FitError> {
        Ok(Fitted::Forest(self.forest.prefix(self.kept)))
    }
}

fn params(params: &Params) -> Option<ForestParams> {
    match params {
        Params::RandomForest(params) => Some(params.into()),
        Params::ExtraTrees(params) => Some(params.into()),
        _ => None,
    }
}

fn start<'a>(
    members: Vec<Member<'a>>,
    cx: &Context<'a>,
) -> Result<Box<dyn Learner + 'a>, FitError> {
    let classes = cx.data.classes();
    let grow = |member: Member<'a>| {
        let ForestParams { settings, trees } =
            params(member.params).ok_or(FitError::Left { member: 0 })?;
        let train = &member.fold.train;
        let rows = Rows {
            features: &train.features,
            labels: &train.labels,
            classes: classes as u32,
            class_weights: member.class_weights.as_deref(),
        };
        let grower = Grower::new(rows, settings, member.streams)?;
        let columns = train.features.columns() as u32;
        let forest = Forest { classes: classes as u32, columns, trees: Vec::new() };
        let (fold, stop) = (member.fold, cx.stop);
        let (ahead, sums) = (Vec::new(), std::array::from_fn(|_| (0, Vec::new())));
        let growing = Growing { grower, forest, ahead, trees, fold, sums, kept: 0, stop };
        let single: Box<dyn Single + 'a> = Box::new(growing);
        Ok((single, fold))
    };
    let singles = members.into_iter().map(grow).collect::<Result<Vec<_>, FitError>>()?;
    Ok(Box::new(Singles::new(singles, classes, cx)))
}

fn restore(bytes: &[u8], fold: &Fold, classes: usize) -> Option<Fitted> {
    let forest = Forest::from_bytes(bytes).ok()?;
    let fits = forest.classes as usize == classes
        && forest.columns as usize == fold.train.features.columns();
    fits.then_some(Fitted::Forest(forest))
}
