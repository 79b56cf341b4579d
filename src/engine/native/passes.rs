//! Forward and backward passes of one network over a chunk of rows, in buffers made once.

use pulp::Arch;

use super::activation::{Activate, Multiply};
use super::embedding::Embedded;
use super::layout::Layout;
use super::loss::CrossEntropy;
use super::matmul::{ColumnProduct, Finish, RowProduct};
use super::norm::NormPass;
use super::panels::{Buffer, Line, WIDTH, panels};
use super::row_weights::RowWeights;
use super::sums::{ColumnSums, transpose};
use crate::examples::Matrix;
use crate::network::{Activation, Architecture};

/// Buffers of a hidden layer, `[rows, width]` each.
#[derive(Debug)]
struct Hidden {
    /// What the layer gives out.
    outputs: Buffer,
    /// Its derivative by the layer's sums; `None` if the outputs themselves tell it.
    slopes: Option<Buffer>,
    /// Dropout's factors; `None` without dropout.
    mask: Option<Buffer>,
    /// The norm of the sums.
    norm: Option<NormPass>,
    /// The loss's derivative by the layer's sums.
    gradients: Buffer,
}

/// Everything that passes over a network write to, but for its parameters.
#[derive(Debug)]
pub(super) struct Workspace {
    arch: Arch,
    layout: Layout,
    activation: Activation,
    /// Most rows a pass.
    capacity: usize,
    /// `[rows, inputs]`.
    inputs: Buffer,
    /// How many inputs there are.
    columns: usize,
    /// What takes the inputs before the first layer, where there is an embedding.
    embedded: Option<Embedded>,
    hidden: Vec<Hidden>,
    /// Logits, then their gradients, `[rows, classes]`.
    logits: Buffer,
    /// Weights of the layers as `[inputs, outputs]`; nothing for one that lies so.
    transposed: Vec<Option<Buffer>>,
    labels: Vec<u32>,
    predicted: Vec<u32>,
    /// A line a class, in whole panels.
    scratch: Vec<Line>,
    classes: usize,
}

/// What a forward pass is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The logits alone.
    Exact,
    /// A step: with what [`Workspace::backward`] needs.
    Step,
    /// A step with the masks that [`Workspace::mask`] drew.
    StepWithDropout,
}

/// Sums over the rows of a pass.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// Of the cross-entropy.
    pub loss: f64,
    /// Rows predicted right.
    pub hits: u64,
}

impl Workspace {
    /// Lines of memory that the buffers take.
    pub fn lines(
        architecture: &Architecture,
        layout: &Layout,
        capacity: usize,
        dropout: bool,
    ) -> usize {
        let hidden = 2 + usize::from(sloped(architecture, dropout)) + usize::from(dropout);
        let widths = architecture.hidden.iter().map(|&width| hidden * panels(width));
        let norm = |&width| NormPass::lines(architecture.norm, capacity, width);
        let norms: usize = architecture.hidden.iter().map(norm).sum();
        let ends = panels(architecture.inputs) + panels(architecture.classes);
        let turned = layout.layers.iter().filter(|layer| !layer.by_input);
        let turned = turned.map(|layer| (layer.inputs + WIDTH) * panels(layer.outputs));
        let embedding = architecture.embedding.as_ref();
        let embedded = embedding
            .map_or(0, |embedding| Embedded::lines(architecture.inputs, embedding, capacity));
        let values = (capacity + WIDTH) * (ends + widths.sum::<usize>());
        values + turned.sum::<usize>() + norms + embedded
    }

    /// Buffers for passes over at most `capacity` rows, with or without dropout.
    pub fn new(
        arch: Arch,
        architecture: &Architecture,
        layout: Layout,
        capacity: usize,
        dropout: bool,
    ) -> Self {
        let sloped = sloped(architecture, dropout);
        let hidden = |&width: &usize| {
            let buffer = || Buffer::new(capacity, width);
            Hidden {
                outputs: buffer(),
                slopes: sloped.then(buffer),
                mask: dropout.then(buffer),
                norm: NormPass::new(architecture.norm, capacity, width),
                gradients: buffer(),
            }
        };
        let transposed = layout
            .layers
            .iter()
            .map(|layer| (!layer.by_input).then(|| Buffer::new(layer.inputs, layer.outputs)));
        let embedding = architecture.embedding.as_ref().zip(layout.embedding.clone());
        let embedded = embedding.map(|(embedding, place)| {
            Embedded::new(arch, (architecture.inputs, embedding), place, capacity)
        });
        Self {
            arch,
            activation: architecture.activation,
            capacity,
            inputs: Buffer::new(capacity, architecture.inputs),
            columns: architecture.inputs,
            embedded,
            hidden: architecture.hidden.iter().map(hidden).collect(),
            logits: Buffer::new(capacity, architecture.classes),
            transposed: transposed.collect(),
            layout,
            labels: Vec::with_capacity(capacity),
            predicted: vec![0; capacity],
            scratch: vec![Line::default(); panels(architecture.classes) * WIDTH],
            classes: architecture.classes,
        }
    }

    /// Most rows a pass.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The classes that the last pass predicted, one a row.
    pub fn predicted(&self) -> &[u32] {
        &self.predicted[..self.labels.len()]
    }

    /// The last pass's logits of a row.
    pub fn logits(&self, row: usize) -> impl Iterator<Item = f32> {
        let logits = self.logits.view();
        (0..self.classes).map(move |class| logits.panel(class / WIDTH)[row].0[class % WIDTH])
    }

    /// Takes in new parameters: to be called before the passes that use them.
    pub fn adopt(&mut self, parameters: &[Line]) {
        for (layer, transposed) in self.layout.layers.iter().zip(&mut self.transposed) {
            if let Some(transposed) = transposed {
                transpose(layer.weight(parameters), layer.inputs, transposed.view_mut());
            }
        }
        if let Some(embedded) = &mut self.embedded {
            embedded.adopt(parameters);
        }
    }

    /// Takes in the rows of the next pass, at most [`Workspace::capacity`] of them.
    pub fn load(&mut self, features: &Matrix, labels: &[u32], rows: impl Iterator<Item = usize>) {
        let (columns, values) = (features.columns(), features.values());
        let mut inputs = self.inputs.view_mut();
        self.labels.clear();
        for (place, row) in rows.take(self.capacity).enumerate() {
            self.labels.push(labels[row]);
            for panel in 0..panels(columns) {
                let line = &mut inputs.panel(panel)[place].0;
                let rest = &values[row * columns + panel * WIDTH..];
                // Whole lines are fast to copy: what they hold beyond the row reaches nothing.
                match rest.first_chunk::<WIDTH>() {
                    Some(whole) => *line = *whole,
                    None => line[..rest.len()].copy_from_slice(rest),
                }
            }
        }
    }

    /// Changes the inputs of the loaded rows: `change` is given parts of a row, row by row.
    pub fn disturb(&mut self, mut change: impl FnMut(&mut [f32])) {
        let columns = self.columns;
        let mut inputs = self.inputs.view_mut();
        for row in 0..self.labels.len() {
            for first in (0..columns).step_by(WIDTH) {
                let length = (columns - first).min(WIDTH);
                change(&mut inputs.panel(first / WIDTH)[row].0[..length]);
            }
        }
    }

    /// Draws the dropout masks of the loaded rows: `draw` fills a hidden layer's, row by row.
    pub fn mask(&mut self, mut draw: impl FnMut(usize, &mut [f32])) {
        let rows = self.labels.len();
        for (index, hidden) in self.hidden.iter_mut().enumerate() {
            let width = self.layout.layers[index].outputs;
            let Some(mask) = &mut hidden.mask else { continue };
            let mut mask = mask.view_mut();
            for row in 0..rows {
                for first in (0..width).step_by(WIDTH) {
                    let length = (width - first).min(WIDTH);
                    draw(index, &mut mask.panel(first / WIDTH)[row].0[..length]);
                }
            }
        }
    }

    /// Computes the logits of the loaded rows.
    pub fn forward(&mut self, parameters: &[Line], mode: Mode) {
        let rows = self.labels.len();
        if let Some(embedded) = &mut self.embedded {
            embedded.forward(rows, self.inputs.view());
        }
        let inputs = self.embedded.as_ref().map_or(self.inputs.view(), Embedded::outputs);
        for (index, layer) in self.layout.layers.iter().enumerate() {
            let (below, above) = self.hidden.split_at_mut(index);
            let product = |out, finish| RowProduct {
                rows,
                inner: layer.inputs,
                left: below.last().map_or(inputs, |hidden| hidden.outputs.view()),
                right: match &self.transposed[index] {
                    Some(transposed) => transposed.view(),
                    None => layer.weight(parameters),
                },
                start: Some(&parameters[layer.bias.clone()]),
                out,
                finish,
            };
            let Some(hidden) = above.first_mut() else {
                self.arch.dispatch(product(self.logits.view_mut(), Finish::Plain));
                break;
            };
            let fused = self.activation == Activation::Relu && hidden.norm.is_none();
            let finish = if fused { Finish::Relu } else { Finish::Plain };
            self.arch.dispatch(product(hidden.outputs.view_mut(), finish));
            if let (Some(norm), Some(places)) = (&mut hidden.norm, &layer.norm) {
                let (values, in_step) = (hidden.outputs.view_mut(), mode != Mode::Exact);
                norm.forward((self.arch, rows), (places, parameters), values, in_step);
            }
            hidden.activate((self.arch, rows), (self.activation, fused), mode);
        }
    }

    /// Scores the logits of [`Workspace::forward`]. With `shares` the gradient of the loss that a step
    /// minimises then stands in place of the logits; without, they are left.
    pub fn score(&mut self, shares: Option<&RowWeights>) -> Sums {
        let loss = self.arch.dispatch(CrossEntropy {
            classes: self.classes,
            logits: self.logits.view_mut(),
            labels: &self.labels,
            predicted: &mut self.predicted,
            shares,
            scratch: &mut self.scratch,
        });
        let pairs = self.predicted.iter().zip(&self.labels);
        Sums { loss, hits: pairs.filter(|(predicted, label)| predicted == label).count() as u64 }
    }

    /// Writes the gradients of all parameters, or adds to them, from the one at the logits.
    pub fn backward(&mut self, parameters: &[Line], gradients: &mut [Line], accumulate: bool) {
        let rows = self.labels.len();
        for (index, layer) in self.layout.layers.iter().enumerate().rev() {
            let (below, above) = self.hidden.split_at_mut(index);
            let at_outputs =
                above.first().map_or(self.logits.view(), |hidden| hidden.gradients.view());
            let inputs = self.embedded.as_ref().map_or(self.inputs.view(), Embedded::outputs);
            let inputs = below.last().map_or(inputs, |hidden| hidden.outputs.view());
            let (left, right, columns) = if layer.by_input {
                (inputs, at_outputs, layer.inputs)
            } else {
                (at_outputs, inputs, layer.outputs)
            };
            let out = layer.weight_mut(gradients);
            self.arch.dispatch(ColumnProduct { rows, columns, left, right, out, accumulate });
            let out = &mut gradients[layer.bias.clone()];
            self.arch.dispatch(ColumnSums { rows, values: at_outputs, out, accumulate });
            let (out, finish) = match (below.last_mut(), &mut self.embedded) {
                (Some(Hidden { outputs, slopes, gradients: out, .. }), _) => match slopes {
                    Some(slopes) => (out.view_mut(), Finish::TimesSlope(slopes.view())),
                    None => (out.view_mut(), Finish::WherePositive(outputs.view())),
                },
                (None, Some(embedded)) => (embedded.at_outputs(), Finish::Plain),
                (None, None) => break,
            };
            self.arch.dispatch(RowProduct {
                rows,
                inner: layer.outputs,
                left: at_outputs,
                right: layer.weight(parameters),
                start: None,
                out,
                finish,
            });
            let Some(Hidden { norm: Some(norm), gradients: values, .. }) = below.last_mut() else {
                continue;
            };
            if let Some(places) = &self.layout.layers[index - 1].norm {
                let values = (values.view_mut(), &mut *gradients);
                norm.backward((self.arch, rows), (places, parameters), values, accumulate);
            }
        }
        if let Some(embedded) = &mut self.embedded {
            embedded.backward(rows, gradients, accumulate);
        }
    }

    /// Lets the rows of the last step's pass into the running statistics.
    pub fn track(&self, parameters: &mut [Line]) {
        for (hidden, layer) in self.hidden.iter().zip(&self.layout.layers) {
            if let (Some(norm), Some(places)) = (&hidden.norm, &layer.norm) {
                norm.track(places, parameters);
            }
        }
    }
}

/// Whether slopes are kept: a ReLU's outputs tell its own.
fn sloped(architecture: &Architecture, dropout: bool) -> bool {
    dropout || architecture.activation != Activation::Relu
}

impl Hidden {
    /// Turns the layer's sums into its outputs; a ReLU that is `fused` was applied before.
    fn activate(
        &mut self,
        (arch, rows): (Arch, usize),
        (activation, fused): (Activation, bool),
        mode: Mode,
    ) {
        let slopes = self.slopes.as_mut().filter(|_| mode != Mode::Exact);
        if fused && slopes.is_none() {
            return;
        }
        let slopes = slopes.map(Buffer::view_mut);
        arch.dispatch(Activate { activation, rows, values: self.outputs.view_mut(), slopes });
        let dropout = mode == Mode::StepWithDropout;
        let Some(mask) = self.mask.as_ref().filter(|_| dropout) else { return };
        for values in std::iter::once(&mut self.outputs).chain(&mut self.slopes) {
            arch.dispatch(Multiply { rows, values: values.view_mut(), factors: mask.view() });
        }
    }
}
