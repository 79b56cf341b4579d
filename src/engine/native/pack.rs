//! Networks in training, one after the other, each within the cache.

use std::sync::atomic::{AtomicBool, Ordering};

use pulp::Arch;

use super::layout::Layout;
use super::optimizer::{State, Step};
use super::panels::Line;
use super::passes::{Mode, Sums, Workspace};
use super::regularise::{add_l1, clip_norm, limit_norms};
use super::row_weights::RowWeights;
use crate::engine::draws::{Dropout, InputNoise, row_order};
use crate::engine::{
    EngineError, Evaluation, LossAccuracy, Member, Pack, PackPlan, RateFactors, Regularisers,
    Snapshot,
};
use crate::examples::{Examples, Fold, Part};
use crate::metrics::{Confusion, ProbabilityScores};
use crate::network::{Architecture, Norm, Weights, first_weights};

/// Most rows a pass: their values stay in the cache. A larger batch goes in several passes whose
/// gradients add up, but with a batch norm, which looks at all its rows at once: that goes in one.
pub(super) const CHUNK: usize = 256;

/// Fewest rows of buffers: an exact pass is not to go row by row because the batch does.
const LEAST_CHUNK: usize = 64;

/// One network.
#[derive(Debug)]
struct Training {
    member: Member,
    /// Snapshot of the pack's [`Shared`] it trains with: that of its fold's layers.
    shared: usize,
    /// With the state of its norms.
    parameters: Vec<Line>,
    state: State,
    /// Those of its best epoch.
    best: Vec<Line>,
}

/// What a network draws in an epoch.
#[derive(Debug)]
struct Draws {
    dropout: Option<Dropout>,
    noise: Option<InputNoise>,
}

/// What the networks of a pack share that have the same layers: they take turns.
#[derive(Debug)]
struct Shared<'a> {
    arch: Arch,
    folds: &'a [Fold],
    stop: &'a AtomicBool,
    plan: PackPlan,
    layout: Layout,
    workspace: Workspace,
    gradients: Vec<Line>,
    /// Of the step's batch.
    shares: RowWeights,
}

/// Networks in training on the CPU.
#[derive(Debug)]
pub(super) struct NativePack<'a> {
    networks: Vec<Training>,
    /// By layers: mostly one.
    shared: Vec<Shared<'a>>,
    /// Passes done.
    epoch: u64,
}

/// Rows of the passes of a plan, and whether any of them drops units.
fn passes(folds: &[Fold], plan: &PackPlan) -> (usize, bool) {
    let dropout = plan.members.iter().any(|member| member.dropout > 0.0);
    let rows = plan.members.iter().map(|member| folds[member.fold].train.labels.len());
    let most = match plan.architecture.norm {
        Norm::Batch => rows.max().unwrap_or(0).max(LEAST_CHUNK),
        Norm::None | Norm::Layer => CHUNK,
    };
    (plan.batch_size.clamp(LEAST_CHUNK, most), dropout)
}

/// The layers of a plan's networks on a fold.
fn layers(folds: &[Fold], plan: &PackPlan, member: &Member) -> Architecture {
    let fold = &folds[member.fold];
    plan.on(fold.train.features.columns(), &fold.numbers)
}

/// The different layers of a plan's networks: mostly the same on all folds.
fn architectures(folds: &[Fold], plan: &PackPlan) -> Vec<Architecture> {
    let mut all = Vec::new();
    for member in &plan.members {
        let one = layers(folds, plan, member);
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

impl<'a> NativePack<'a> {
    /// The memory that a pack will take.
    pub fn bytes(folds: &[Fold], plan: &PackPlan) -> f64 {
        let layout = Layout::new(&plan.architecture);
        let (capacity, dropout) = passes(folds, plan);
        let workspace = Workspace::lines(&plan.architecture, &layout, capacity, dropout);
        let shared = architectures(folds, plan).len() as f64;
        let members = plan.members.len() as f64;
        // All numbers and their best epoch, and two means of every parameter; the gradients they share.
        let copies = 2.0 * members * layout.lines as f64;
        let parameters = (2.0 * members + shared) * layout.parameters as f64;
        // In floats: the widths that a grid file may ask for overflow integers.
        (copies + parameters + shared * workspace as f64) * size_of::<Line>() as f64
    }

    /// A pack with its first weights.
    pub fn new(arch: Arch, folds: &'a [Fold], plan: &PackPlan, stop: &'a AtomicBool) -> Self {
        let architectures = architectures(folds, plan);
        let (capacity, dropout) = passes(folds, plan);
        let shared = |architecture: &Architecture| {
            let plan = PackPlan { architecture: architecture.clone(), ..plan.clone() };
            let layout = Layout::new(&plan.architecture);
            let workspace = layout.clone();
            Shared {
                arch,
                folds,
                stop,
                workspace: Workspace::new(arch, &plan.architecture, workspace, capacity, dropout),
                gradients: vec![Line::default(); layout.parameters],
                shares: RowWeights::new(plan.architecture.classes),
                layout,
                plan,
            }
        };
        let shared: Vec<Shared> = architectures.iter().map(shared).collect();
        let network = |member: &Member| {
            let own = layers(folds, plan, member);
            let place = architectures.iter().position(|one| *one == own).unwrap_or(0);
            let Shared { plan, layout, .. } = &shared[place];
            let parameters = layout.flatten(&first_weights(&plan.architecture, &member.streams));
            let (best, state) = (parameters.clone(), State::new(layout.parameters));
            Training { member: member.clone(), shared: place, parameters, state, best }
        };
        Self { networks: plan.members.iter().map(network).collect(), shared, epoch: 0 }
    }
}

impl Shared<'_> {
    /// Asked before every chunk of rows: a batch, and a part, may be as large as the table.
    fn go_on(&self) -> Result<(), EngineError> {
        if self.stop.load(Ordering::Relaxed) { Err(EngineError::Stopped) } else { Ok(()) }
    }
}

impl Training {
    /// One pass over the train rows, step by step.
    fn epoch(
        &mut self,
        epoch: u64,
        factors: &RateFactors,
        shared: &mut Shared<'_>,
    ) -> Result<LossAccuracy, EngineError> {
        let folds = shared.folds;
        let rows = &folds[self.member.fold].train;
        let order = row_order(&self.member.streams, rows.labels.len(), epoch);
        let hidden = shared.plan.architecture.hidden.len();
        let drops = self.member.dropout > 0.0;
        let mut draws = Draws {
            dropout: drops.then(|| Dropout::new(&self.member, hidden, epoch)),
            noise: InputNoise::new(&self.member, epoch),
        };
        let mut sums = Sums::default();
        for (number, batch) in order.chunks(shared.plan.batch_size).enumerate() {
            let rate = self.member.learning_rate * factors.of(number);
            let step = self.step(rows, batch, rate, &mut draws, shared)?;
            sums.loss += step.loss;
            sums.hits += step.hits;
        }
        let count = rows.labels.len() as f64;
        Ok(LossAccuracy { loss: sums.loss / count, accuracy: sums.hits as f64 / count })
    }

    /// One step at a learning rate on the rows of `batch`; gives the sums under the weights before
    /// it.
    fn step(
        &mut self,
        rows: &Examples,
        batch: &[u32],
        learning_rate: f64,
        draws: &mut Draws,
        shared: &mut Shared<'_>,
    ) -> Result<Sums, EngineError> {
        let mut sums = Sums::default();
        shared.workspace.adopt(&self.parameters);
        shared.shares.set(&self.member, &rows.labels, batch);
        for (chunk, picked) in batch.chunks(shared.workspace.capacity()).enumerate() {
            shared.go_on()?;
            let Shared { workspace, gradients, shares, .. } = shared;
            let picked = picked.iter().map(|&row| row as usize);
            workspace.load(&rows.features, &rows.labels, picked);
            if let Some(noise) = &mut draws.noise {
                workspace.disturb(|inputs| noise.add(inputs));
            }
            if let Some(dropout) = &mut draws.dropout {
                workspace.mask(|layer, factors| dropout.fill(layer, factors));
            }
            let mode = if draws.dropout.is_some() { Mode::StepWithDropout } else { Mode::Step };
            workspace.forward(&self.parameters, mode);
            let scored = workspace.score(Some(shares));
            sums.loss += scored.loss;
            sums.hits += scored.hits;
            workspace.backward(&self.parameters, gradients, chunk > 0);
        }
        let Shared { arch, plan, layout, workspace, gradients, .. } = shared;
        workspace.track(&mut self.parameters);
        let Regularisers { l1, clip_grad_norm, max_norm, .. } = self.member.regularisers;
        if l1 > 0.0 {
            add_l1(l1 as f32, &self.parameters, gradients);
        }
        if let Some(most) = clip_grad_norm {
            clip_norm(most, layout, gradients);
        }
        arch.dispatch(Step {
            settings: plan.optimizer,
            learning_rate,
            member: &self.member,
            state: &mut self.state,
            parameters: &mut self.parameters,
            gradients,
        });
        if let Some(most) = max_norm {
            limit_norms(most, layout, &mut self.parameters);
        }
        Ok(sums)
    }

    /// An exact pass.
    fn pass(
        &self,
        part: Part,
        which: Snapshot,
        shared: &mut Shared<'_>,
    ) -> Result<Evaluation, EngineError> {
        let Examples { features, labels } = shared.folds[self.member.fold].part(part);
        let parameters = match which {
            Snapshot::Current => &self.parameters,
            Snapshot::Best => &self.best,
        };
        let classes = shared.plan.architecture.classes;
        let mut confusion = Confusion::new(classes)?;
        let (mut loss, mut logits) = (0.0, Vec::new());
        shared.workspace.adopt(parameters);
        let chunk = shared.workspace.capacity().min(CHUNK);
        for first in (0..labels.len()).step_by(chunk) {
            shared.go_on()?;
            let workspace = &mut shared.workspace;
            let rows = first..(first + chunk).min(labels.len());
            workspace.load(features, labels, rows.clone());
            workspace.forward(parameters, Mode::Exact);
            loss += workspace.score(None).loss;
            for (&truth, &predicted) in labels[rows].iter().zip(workspace.predicted()) {
                confusion.add(truth, predicted)?;
            }
            if shared.plan.needs_probabilities {
                let workspace = &shared.workspace;
                let rows = 0..workspace.predicted().len();
                logits.extend(rows.flat_map(|row| workspace.logits(row)).map(f64::from));
            }
        }
        // Without rows, or where they were not asked for, there are none.
        let probabilities = ProbabilityScores::of_logits(labels, logits, classes);
        Ok(Evaluation { loss: loss / labels.len() as f64, confusion, probabilities })
    }
}

impl Pack for NativePack<'_> {
    fn train_epoch(&mut self, factors: &[RateFactors]) -> Result<Vec<LossAccuracy>, EngineError> {
        self.epoch += 1;
        let (epoch, shared) = (self.epoch, &mut self.shared);
        let networks = self.networks.iter_mut().zip(factors);
        let pass = |(network, factors): (&mut Training, &RateFactors)| {
            network.epoch(epoch, factors, &mut shared[network.shared])
        };
        networks.map(pass).collect()
    }

    fn evaluate(&mut self, part: Part, weights: Snapshot) -> Result<Vec<Evaluation>, EngineError> {
        let shared = &mut self.shared;
        let pass = |network: &Training| network.pass(part, weights, &mut shared[network.shared]);
        self.networks.iter().map(pass).collect()
    }

    fn keep_best(&mut self, improved: &[bool]) -> Result<(), EngineError> {
        let networks = self.networks.iter_mut().zip(improved);
        for (network, _) in networks.filter(|(_, improved)| **improved) {
            network.best.copy_from_slice(&network.parameters);
        }
        Ok(())
    }

    fn best_weights(&self, member: usize) -> Result<Weights, EngineError> {
        let network = &self.networks[member];
        Ok(self.shared[network.shared].layout.unflatten(&network.best))
    }

    fn retain(&mut self, stay: &[bool]) -> Result<(), EngineError> {
        let mut stay = stay.iter();
        self.networks.retain(|_| *stay.next().unwrap_or(&true));
        Ok(())
    }
}
