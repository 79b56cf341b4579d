//! Networks in training, one after the other, each within the cache.

use std::sync::atomic::{AtomicBool, Ordering};

use pulp::Arch;

use super::layout::Layout;
use super::optimizer::{State, Step};
use super::panels::Line;
use super::passes::{Mode, Sums, Workspace};
use crate::engine::draws::{Dropout, row_order};
use crate::engine::{
    EngineError, Evaluation, LossAccuracy, Member, Pack, PackPlan, RateFactors, Which,
};
use crate::examples::{Examples, Fold, Part};
use crate::metrics::Confusion;
use crate::network::{Weights, first_weights};

/// Most rows a pass: their values stay in the cache. A larger batch goes in several passes whose
/// gradients add up.
pub(super) const CHUNK: usize = 256;

/// Fewest rows of buffers: an exact pass is not to go row by row because the batch does.
const LEAST_CHUNK: usize = 64;

/// One network.
#[derive(Debug)]
struct Training {
    member: Member,
    parameters: Vec<Line>,
    state: State,
    /// Parameters of its best epoch.
    best: Vec<Line>,
}

/// What the networks of a pack share: they take turns.
#[derive(Debug)]
struct Shared<'a> {
    arch: Arch,
    folds: &'a [Fold],
    stop: &'a AtomicBool,
    plan: PackPlan,
    layout: Layout,
    workspace: Workspace,
    gradients: Vec<Line>,
    /// Of the step's batch: what the row of a class is of its mean loss, `[classes]`.
    shares: Vec<f32>,
}

/// Networks in training on the CPU.
#[derive(Debug)]
pub(super) struct NativePack<'a> {
    networks: Vec<Training>,
    shared: Shared<'a>,
    /// Passes done.
    epoch: u64,
}

/// Rows of the passes of a plan, and whether any of them drops units.
fn passes(plan: &PackPlan) -> (usize, bool) {
    let dropout = plan.members.iter().any(|member| member.dropout > 0.0);
    (plan.batch_size.clamp(LEAST_CHUNK, CHUNK), dropout)
}

impl<'a> NativePack<'a> {
    /// The memory that a pack will take.
    pub fn bytes(plan: &PackPlan) -> f64 {
        let layout = Layout::new(&plan.architecture);
        let (capacity, dropout) = passes(plan);
        let workspace = Workspace::lines(&plan.architecture, &layout, capacity, dropout);
        // Parameters, their best epoch and two means of every network; the gradients they share.
        let copies = 4.0 * plan.members.len() as f64 + 1.0;
        // In floats: the widths that a grid file may ask for overflow integers.
        (copies * layout.lines as f64 + workspace as f64) * size_of::<Line>() as f64
    }

    /// A pack with its first weights.
    pub fn new(arch: Arch, folds: &'a [Fold], plan: &PackPlan, stop: &'a AtomicBool) -> Self {
        let layout = Layout::new(&plan.architecture);
        let network = |member: &Member| {
            let weights = first_weights(&plan.architecture, &member.streams);
            let parameters = layout.flatten(&weights);
            let best = parameters.clone();
            Training { member: member.clone(), parameters, state: State::new(layout.lines), best }
        };
        let networks = plan.members.iter().map(network).collect();
        let (capacity, dropout) = passes(plan);
        let shared = Shared {
            arch,
            folds,
            stop,
            plan: plan.clone(),
            workspace: Workspace::new(arch, &plan.architecture, layout.clone(), capacity, dropout),
            gradients: vec![Line::default(); layout.lines],
            shares: vec![0.0; plan.architecture.classes],
            layout,
        };
        Self { networks, shared, epoch: 0 }
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
        let mut dropout = drops.then(|| Dropout::new(&self.member, hidden, epoch));
        let mut sums = Sums::default();
        for (number, batch) in order.chunks(shared.plan.batch_size).enumerate() {
            let rate = self.member.learning_rate * factors.of(number);
            let step = self.step(rows, batch, rate, dropout.as_mut(), shared)?;
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
        mut dropout: Option<&mut Dropout>,
        shared: &mut Shared<'_>,
    ) -> Result<Sums, EngineError> {
        let mut sums = Sums::default();
        shared.workspace.adopt(&self.parameters);
        self.share(&rows.labels, batch, &mut shared.shares);
        for (chunk, picked) in batch.chunks(shared.workspace.capacity()).enumerate() {
            shared.go_on()?;
            let Shared { workspace, gradients, shares, .. } = shared;
            let picked = picked.iter().map(|&row| row as usize);
            workspace.load(&rows.features, &rows.labels, picked);
            if let Some(dropout) = &mut dropout {
                workspace.mask(|layer, factors| dropout.fill(layer, factors));
            }
            let mode = if dropout.is_some() { Mode::StepWithDropout } else { Mode::Step };
            workspace.forward(&self.parameters, mode);
            let scored = workspace.score(Some(shares.as_slice()));
            sums.loss += scored.loss;
            sums.hits += scored.hits;
            workspace.backward(&self.parameters, gradients, chunk > 0);
        }
        let Shared { arch, plan, gradients, .. } = shared;
        arch.dispatch(Step {
            settings: plan.optimizer,
            learning_rate,
            member: &self.member,
            state: &mut self.state,
            parameters: &mut self.parameters,
            gradients,
        });
        Ok(sums)
    }

    /// Writes what a row of each class is of the mean loss over `batch`: one row of them, or its
    /// class's weight of the weights of all. In 64 bits, so that equal weights give the same bits as
    /// none.
    fn share(&self, labels: &[u32], batch: &[u32], shares: &mut [f32]) {
        let Some(weights) = &self.member.class_weights else {
            return shares.fill(1.0 / batch.len() as f32);
        };
        let weight = |&row: &u32| f64::from(weights[labels[row as usize] as usize]);
        let total: f64 = batch.iter().map(weight).sum();
        for (share, &weight) in shares.iter_mut().zip(weights) {
            *share = (f64::from(weight) / total) as f32;
        }
    }

    /// An exact pass.
    fn pass(
        &self,
        part: Part,
        which: Which,
        shared: &mut Shared<'_>,
    ) -> Result<Evaluation, EngineError> {
        let Examples { features, labels } = shared.folds[self.member.fold].part(part);
        let parameters = match which {
            Which::Current => &self.parameters,
            Which::Best => &self.best,
        };
        let mut confusion = Confusion::new(shared.plan.architecture.classes)?;
        let mut loss = 0.0;
        shared.workspace.adopt(parameters);
        for first in (0..labels.len()).step_by(shared.workspace.capacity()) {
            shared.go_on()?;
            let workspace = &mut shared.workspace;
            let rows = first..(first + workspace.capacity()).min(labels.len());
            workspace.load(features, labels, rows.clone());
            workspace.forward(parameters, Mode::Exact);
            loss += workspace.score(None).loss;
            for (&truth, &predicted) in labels[rows].iter().zip(workspace.predicted()) {
                confusion.add(truth, predicted)?;
            }
        }
        Ok(Evaluation { loss: loss / labels.len() as f64, confusion })
    }
}

impl Pack for NativePack<'_> {
    fn train_epoch(&mut self, factors: &[RateFactors]) -> Result<Vec<LossAccuracy>, EngineError> {
        self.epoch += 1;
        let (epoch, shared) = (self.epoch, &mut self.shared);
        let networks = self.networks.iter_mut().zip(factors);
        networks.map(|(network, factors)| network.epoch(epoch, factors, shared)).collect()
    }

    fn evaluate(&mut self, part: Part, weights: Which) -> Result<Vec<Evaluation>, EngineError> {
        let shared = &mut self.shared;
        self.networks.iter().map(|network| network.pass(part, weights, shared)).collect()
    }

    fn keep_best(&mut self, improved: &[bool]) -> Result<(), EngineError> {
        let networks = self.networks.iter_mut().zip(improved);
        for (network, _) in networks.filter(|(_, improved)| **improved) {
            network.best.copy_from_slice(&network.parameters);
        }
        Ok(())
    }

    fn best_weights(&self, member: usize) -> Result<Weights, EngineError> {
        Ok(self.shared.layout.unflatten(&self.networks[member].best))
    }

    fn retain(&mut self, stay: &[bool]) -> Result<(), EngineError> {
        let mut stay = stay.iter();
        self.networks.retain(|_| *stay.next().unwrap_or(&true));
        Ok(())
    }
}
