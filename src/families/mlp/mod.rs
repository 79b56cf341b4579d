//! Multi-layer perceptrons, trained in packs by an [`Engine`].

mod learner;
mod modules;
mod optimizer;
mod rates;

use super::dataset::Dataset;
use super::fitted::{Fitted, Network};
use super::learner::{FitError, Learner};
use super::recipe::{Context, Member, Recipe, Size};
use crate::engine::{self, Engine, PackPlan, Regularisers};
use crate::examples::Fold;
use crate::network::{Architecture, Tensor, Weights};
use crate::spec::{ClassWeight, EarlyStopping, MlpParams, Params};
use learner::PackLearner;
pub use modules::{Argument, Module};
use optimizer::optimizer;
pub use rates::{RateCourse, Rates};

/// What a parameter of the best network takes on its way into the journal, in bytes: as a number of the
/// one before and of this one, and twice as text.
const KEPT: f64 = 20.0;

impl MlpParams {
    /// The network on the rows of a fold.
    fn architecture(&self, fold: &Fold, classes: usize) -> Architecture {
        Architecture {
            inputs: fold.train.features.columns(),
            embedding: self.embedding.of(&fold.numbers),
            hidden: self.hidden.iter().map(|width| width.get() as usize).collect(),
            classes,
            activation: self.activation,
            norm: self.norm,
        }
    }

    /// The largest of its networks on several folds; of equals, that of the first.
    fn largest<'a>(
        &self,
        folds: impl IntoIterator<Item = &'a Fold>,
        classes: usize,
    ) -> Option<Architecture> {
        let networks = folds.into_iter().map(|fold| self.architecture(fold, classes));
        networks.reduce(
            |largest, other| {
                if other.parameters() > largest.parameters() { other } else { largest }
            },
        )
    }

    fn regularisers(&self) -> Regularisers {
        Regularisers {
            label_smoothing: self.label_smoothing.get(),
            focal_gamma: self.focal_gamma.get(),
            l1: self.l1.get(),
            clip_grad_norm: self.clip_grad_norm.get(),
            max_norm: self.max_norm.get(),
            input_noise: self.input_noise.get(),
        }
    }

    /// How a member is trained.
    fn course(&self, fold: &Fold) -> RateCourse {
        RateCourse {
            learning_rate: self.learning_rate.get(),
            lr_schedule: self.lr_schedule,
            steps: fold.train.labels.len().div_ceil(self.batch_size.get() as usize),
            epochs: self.epochs.get(),
        }
    }

    /// The pack of a job. Its members have one shape, that of `self`.
    fn pack(&self, members: &[Member<'_>], cx: &Context<'_>) -> Option<PackPlan> {
        let of_network = |member: &Member<'_>| {
            let params = params(member)?;
            Some(engine::Member {
                learning_rate: params.learning_rate.get(),
                weight_decay: params.weight_decay.get(),
                dropout: params.dropout.get(),
                class_weights: member.class_weights.clone(),
                regularisers: params.regularisers(),
                fold: member.place,
                streams: member.streams,
            })
        };
        Some(PackPlan {
            architecture: {
                let folds = members.iter().map(|member| member.fold);
                self.largest(folds, cx.data.classes())?
            },
            batch_size: self.batch_size.get() as usize,
            optimizer: optimizer(self.optimizer, cx.fixed),
            needs_probabilities: cx.needs_probabilities,
            members: members.iter().map(of_network).collect::<Option<_>>()?,
        })
    }
}

/// The hyperparameters of a member that is a network.
fn params<'a>(member: &Member<'a>) -> Option<&'a MlpParams> {
    match member.params {
        Params::Mlp(params) => Some(params),
        _ => None,
    }
}

impl Recipe for MlpParams {
    fn rounds(&self) -> u32 {
        self.epochs.get()
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

    /// Embedding, layers, activation, norm, batch size, optimizer, and whether units are dropped and
    /// noise is added, since trainings without are not to pay for a neighbour's draws.
    fn shape(&self) -> String {
        let draws = (self.dropout.get() > 0.0, self.input_noise.get() > 0.0);
        let layers = (self.embedding, &self.hidden, self.activation, self.norm);
        format!("{:?}", (layers, self.batch_size, self.optimizer, draws))
    }

    /// All but the epochs, unless its learning rates depend on them.
    fn own(&self) -> String {
        let length = self.lr_schedule.depends_on_length().then_some(self.epochs);
        let optimization = (self.learning_rate, self.weight_decay, self.dropout, self.lr_schedule);
        let watch = (&self.class_weight, self.early_stopping, length, self.seed);
        format!("{:?}", (optimization, self.regularisers(), watch))
    }

    fn pack_size(&self, engine: &dyn Engine) -> usize {
        engine.pack_size()
    }

    /// Its parameters.
    fn cost(&self, data: &Dataset<'_>, preparation: usize) -> u64 {
        let largest = self.largest(data.folds(preparation), data.classes());
        largest.map_or(0, |network| network.parameters() as u64)
    }

    fn size(&self, members: &[Member<'_>], cx: &Context<'_>) -> Size {
        let plan = self.pack(members, cx);
        let parameters = plan.as_ref().map_or(0, |plan| plan.architecture.parameters());
        let training = plan.map_or(0.0, |plan| cx.engine.bytes(&plan));
        Size {
            bytes: training + KEPT * parameters as f64,
            what: format!("a network of {parameters} weights"),
            remedy: "take smaller widths",
        }
    }

    fn most_bytes(&self, data: &Dataset<'_>, preparation: usize) -> f64 {
        let largest = self.largest(data.folds(preparation), data.classes());
        4.0 * largest
            .map_or(0.0, |network| network.tensors().iter().map(|tensor| tensor.len() as f64).sum())
    }

    fn start<'a>(
        &self,
        members: Vec<Member<'a>>,
        worker: usize,
        cx: &Context<'a>,
    ) -> Result<Box<dyn Learner + 'a>, FitError> {
        let plan = self.pack(&members, cx).ok_or(FitError::Left { member: 0 })?;
        let networks = members.iter().filter_map(|member| {
            let params = params(member)?;
            let architecture = params.architecture(member.fold, cx.data.classes());
            Some((architecture, params.dropout.get(), params.course(member.fold)))
        });
        let pack = cx.engine.start(&plan, worker, cx.stop)?;
        Ok(Box::new(PackLearner::new(pack, networks)))
    }

    fn restore(&self, bytes: &[u8], fold: &Fold, classes: usize) -> Option<Fitted> {
        let architecture = self.architecture(fold, classes);
        let (values, rest) = bytes.as_chunks::<4>();
        let tensors = architecture.tensors();
        let wanted = tensors.iter().map(Tensor::len).fold(0, usize::saturating_add);
        if !rest.is_empty() || values.len() != wanted {
            return None;
        }
        let mut values = values.iter().map(|&value| f32::from_le_bytes(value));
        let tensors = tensors.iter().map(|tensor| values.by_ref().take(tensor.len()).collect());
        let weights = Weights::from_tensors(&architecture, tensors.collect())?;
        Some(Fitted::Network(Network { architecture, dropout: self.dropout.get(), weights }))
    }
}
