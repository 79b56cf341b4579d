//! Gradient boosting by XGBoost: a round is one of XGBoost's.

use std::cell::RefCell;

use rand::Rng;

use super::dataset::Dataset;
use super::fitted::Fitted;
use super::learner::{FitError, Learner};
use super::recipe::{Context, Member, Recipe, Size};
use super::singles::{Single, Singles};
use super::xgboost_library::xgboost;
use crate::boosting::{Rows, TrainRows};
use crate::examples::{Fold, Part};
use crate::random::{Purpose, Streams};
use crate::spec::{self, ClassWeight, Count, EarlyStopping, Params, XgboostParams};
use crate::xgboost::{Booster, GrowPolicy, MemoryNeed, Settings, Trainer};

/// Bytes of a leaf and the split above it in the text of a model, at most, and of what else a tree says.
const LEAF_BYTES: f64 = 300.0;
const TREE_BYTES: f64 = 1000.0;
/// Bytes of a category in a split.
const CATEGORY_BYTES: f64 = 6.0;

/// Levels of a tree without a limit, for the time that it takes.
const LEVELS: u32 = 12;

impl XgboostParams {
    fn settings(&self) -> Settings {
        Settings {
            n_estimators: self.n_estimators.get(),
            learning_rate: self.learning_rate.get(),
            max_depth: self.max_depth.get().unwrap_or(0),
            max_leaves: self.max_leaves.get().unwrap_or(0),
            grow_policy: match self.grow_policy {
                spec::GrowPolicy::Depthwise => GrowPolicy::Depthwise,
                spec::GrowPolicy::Lossguide => GrowPolicy::Lossguide,
            },
            min_child_weight: self.min_child_weight.get(),
            gamma: self.gamma.get(),
            subsample: self.subsample.get(),
            colsample_bytree: self.colsample_bytree.get(),
            colsample_bylevel: self.colsample_bylevel.get(),
            colsample_bynode: self.colsample_bynode.get(),
            reg_lambda: self.reg_lambda.get(),
            reg_alpha: self.reg_alpha.get(),
            max_delta_step: self.max_delta_step.get(),
            max_bin: self.max_bin.get(),
            max_cat_to_onehot: self.max_cat_to_onehot.get(),
            max_cat_threshold: self.max_cat_threshold.get(),
        }
    }
}

impl Recipe for XgboostParams {
    fn rounds(&self) -> u32 {
        self.n_estimators.get()
    }

    fn seed(&self) -> Option<u64> {
        Some(self.seed)
    }

    fn class_weight(&self) -> Option<&ClassWeight> {
        Some(&self.class_weight)
    }

    fn early_stopping(&self) -> EarlyStopping {
        self.early_stopping
    }

    fn picks_round(&self) -> bool {
        true
    }

    /// All but the number of rounds.
    fn own(&self) -> String {
        let fewest = Count::try_from(1).unwrap_or(self.n_estimators);
        format!("{:?}", Self { n_estimators: fewest, ..self.clone() })
    }

    fn library(&self) -> Result<Option<(&'static str, &'static str)>, FitError> {
        Ok(Some(("xgboost", xgboost()?.version())))
    }

    fn check(&self, _: &Dataset<'_>, _: usize) -> Result<(), (&'static str, String)> {
        self.settings().check().map_err(|error| (error.name, error.to_string()))
    }

    /// Inputs looked at for a class's tree, level by level.
    fn cost(&self, data: &Dataset<'_>, preparation: usize) -> u64 {
        let inputs = data.fold(preparation, 0).train.features.columns() as u64;
        let of_leaves = self.max_leaves.get().map(|most| most.ilog2() + 1);
        let levels = [self.max_depth.get(), of_leaves].into_iter().flatten().fold(LEVELS, u32::min);
        inputs * u64::from(levels) * trees(data.classes())
    }

    fn size(&self, members: &[Member<'_>], cx: &Context<'_>) -> Size {
        let settings = self.settings();
        let need = |member: &Member<'_>| {
            let evaluated =
                [Part::Valid, Part::Test].map(|part| member.fold.part(part).labels.len());
            let train = &member.fold.train.features;
            MemoryNeed {
                rows: train.rows(),
                evaluated: evaluated.iter().sum(),
                columns: train.columns(),
                classes: cx.data.classes(),
            }
        };
        let rows = members.iter().map(|member| need(member).rows).max().unwrap_or(0);
        Size {
            bytes: members.iter().map(|member| need(member).bytes(&settings) as f64).sum(),
            what: format!("boosting of {} leaves", settings.most_leaves(rows)),
            remedy: "take a smaller max_depth, max_leaves or max_bin",
        }
    }

    fn most_bytes(&self, data: &Dataset<'_>, preparation: usize) -> f64 {
        let folds = data.folds(preparation);
        let rows = folds.iter().map(|fold| fold.train.labels.len()).max().unwrap_or(0);
        let categories = folds.iter().map(Fold::most_categories).max().unwrap_or(0);
        let leaf = LEAF_BYTES + CATEGORY_BYTES * categories as f64;
        let tree = TREE_BYTES + self.settings().most_leaves(rows) as f64 * leaf;
        1e6 + f64::from(self.rounds()) * trees(data.classes()) as f64 * tree
    }

    fn start<'a>(
        &self,
        members: Vec<Member<'a>>,
        _: usize,
        cx: &Context<'a>,
    ) -> Result<Box<dyn Learner + 'a>, FitError> {
        let library = xgboost()?;
        let classes = cx.data.classes();
        let single = |member: Member<'a>| {
            let Params::Xgboost(params) = member.params else {
                return Err(FitError::Left { member: 0 });
            };
            let Fold { train, valid, test, names, categories, .. } = member.fold;
            let weights: Option<Vec<f64>> =
                member.class_weights.map(|weights| weights.into_iter().map(f64::from).collect());
            let rows = TrainRows {
                features: &train.features,
                labels: &train.labels,
                classes,
                class_weights: weights.as_deref(),
                categorical: categories,
                names,
            };
            let sets = [&valid.features, &test.features];
            let seed = seed(&member.streams);
            let trainer = Trainer::new(library, &rows, &sets, &params.settings(), seed)?;
            let single: Box<dyn Single + 'a> =
                Box::new(Boosted { trainer: RefCell::new(trainer), kept: 0 });
            Ok((single, member.fold))
        };
        let singles = members.into_iter().map(single).collect::<Result<Vec<_>, FitError>>()?;
        Ok(Box::new(Singles::new(singles, classes, cx)))
    }

    fn restore(&self, bytes: &[u8], fold: &Fold, classes: usize) -> Option<Fitted> {
        let booster = Booster::parse(String::from_utf8(bytes.to_vec()).ok()?).ok()?;
        let fits =
            booster.classes() == classes && booster.columns() == fold.train.features.columns();
        fits.then_some(Fitted::Xgboost(booster))
    }
}

/// Trees of a round.
fn trees(classes: usize) -> u64 {
    if classes == 2 { 1 } else { classes as u64 }
}

/// XGBoost's seed, of which it takes 31 bits.
fn seed(streams: &Streams) -> i32 {
    (streams.generator(Purpose::Boosting, 0).next_u32() >> 1).cast_signed()
}

/// Boosting under way.
struct Boosted {
    /// XGBoost writes a model from what it trains, which it takes for a change.
    trainer: RefCell<Trainer>,
    /// Rounds of the model that was kept.
    kept: usize,
}

impl Single for Boosted {
    fn round(&mut self) -> Result<bool, FitError> {
        self.trainer.get_mut().round()?;
        Ok(true)
    }

    fn probabilities(&mut self, part: Part) -> Result<Vec<f64>, FitError> {
        let rows = match part {
            Part::Train => Rows::Train,
            Part::Valid => Rows::Set(0),
            Part::Test => Rows::Set(1),
        };
        Ok(self.trainer.get_mut().probabilities(rows)?)
    }

    fn keep(&mut self) -> Result<(), FitError> {
        self.kept = self.trainer.get_mut().rounds();
        Ok(())
    }

    fn best(&self) -> Result<Fitted, FitError> {
        Ok(Fitted::Xgboost(self.trainer.borrow_mut().booster(self.kept)?))
    }
}
