//! Gradient boosting by XGBoost: a round is one of XGBoost's.

use super::boosted::{self, memory_need, trees};
use super::dataset::Dataset;
use super::fitted::Fitted;
use super::learner::{FitError, Learner};
use super::recipe::{Context, Member, Recipe, Size};
use super::xgboost_library::xgboost;
use crate::boosting::Rows;
use crate::examples::Fold;
use crate::spec::{self, ClassWeight, Count, EarlyStopping, Params, XgboostParams};
use crate::xgboost::{Booster, GrowPolicy, Settings, Trainer};

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
        let need = |member| memory_need(member, cx.data.classes());
        let rows = members.iter().map(|member| need(member).rows).max().unwrap_or(0);
        Size {
            bytes: members.iter().map(|member| settings.bytes(&need(member)) as f64).sum(),
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
        boosted::start(members, cx, |params, rows, sets, seed| {
            let Params::Xgboost(params) = params else { return None };
            let trainer = Trainer::new(library, rows, sets, &params.settings(), seed);
            Some(trainer.map_err(FitError::from))
        })
    }

    fn restore(&self, bytes: &[u8], fold: &Fold, classes: usize) -> Option<Fitted> {
        let booster = Booster::parse(String::from_utf8(bytes.to_vec()).ok()?).ok()?;
        let fits =
            booster.classes() == classes && booster.columns() == fold.train.features.columns();
        fits.then_some(Fitted::Xgboost(booster))
    }
}

impl boosted::Trainer for Trainer {
    fn train_round(&mut self) -> Result<bool, FitError> {
        self.round()?;
        Ok(true)
    }

    fn probabilities_of(&mut self, rows: Rows) -> Result<Vec<f64>, FitError> {
        Ok(self.probabilities(rows)?)
    }

    fn trained(&mut self) -> Result<usize, FitError> {
        Ok(self.rounds())
    }

    fn model(&mut self, rounds: usize) -> Result<Fitted, FitError> {
        Ok(Fitted::Xgboost(self.booster(rounds)?))
    }
}
