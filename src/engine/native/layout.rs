//! Where a network's numbers lie in one flat run of lines: its parameters, then the state of its norms.

use std::ops::Range;

use super::panels::{Line, Panels, PanelsMut, WIDTH, padded, panels};
use crate::network::{
    Architecture, Embedding, EmbeddingWeights, LinearWeights, Norm, NormWeights, RunningStatistics,
    Weights,
};

/// One linear layer.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    /// Width of its input.
    pub inputs: usize,
    /// Width of its output.
    pub outputs: usize,
    /// Lines of the weight.
    pub weight: Range<usize>,
    /// Lines of the bias.
    pub bias: Range<usize>,
    /// The weight lies as `[inputs, outputs]`, which the forward pass multiplies by. Only the first
    /// layer's does, where no embedding is before it: its gradient goes no further back. Of the others
    /// the backward pass takes the weight as it lies, `[outputs, inputs]`, and the forward pass takes a
    /// transposed copy.
    pub by_input: bool,
    /// The norm after it.
    pub norm: Option<NormPlaces>,
}

/// One norm: its lines, one a panel of units each.
#[derive(Debug, Clone)]
pub(super) struct NormPlaces {
    /// Lines of the weight.
    pub weight: Range<usize>,
    /// Lines of the bias.
    pub bias: Range<usize>,
    /// A batch norm's running statistics.
    pub running: Option<RunningPlaces>,
}

/// Running statistics of a batch norm.
#[derive(Debug, Clone)]
pub(super) struct RunningPlaces {
    /// Lines of the mean.
    pub mean: Range<usize>,
    /// Lines of the variance.
    pub var: Range<usize>,
    /// The line that begins with the count of steps.
    pub batches: usize,
}

impl Layer {
    /// Rows of the weight in memory.
    pub fn rows(&self) -> usize {
        padded(if self.by_input { self.inputs } else { self.outputs })
    }

    /// Where the weight from `input` to `output` lies: line and place in it.
    fn place(&self, input: usize, output: usize) -> (usize, usize) {
        let (row, column) = if self.by_input { (input, output) } else { (output, input) };
        (self.weight.start + column / WIDTH * self.rows() + row, column % WIDTH)
    }

    /// The weight as it lies in `parameters`.
    pub fn weight<'a>(&self, parameters: &'a [Line]) -> Panels<'a> {
        Panels { rows: self.rows(), lines: &parameters[self.weight.clone()] }
    }

    /// The weight's place in `parameters`, to be written.
    pub fn weight_mut<'a>(&self, parameters: &'a mut [Line]) -> PanelsMut<'a> {
        PanelsMut { rows: self.rows(), lines: &mut parameters[self.weight.clone()] }
    }
}

/// The tensors of an embedding: lines of numbers without gaps, as PyTorch has them.
#[derive(Debug, Clone)]
pub(super) struct EmbeddingPlace {
    /// How many numbers each has, and its lines.
    tensors: [(usize, Range<usize>); 3],
}

impl EmbeddingPlace {
    /// After that many lines.
    fn new(embedding: &Embedding, lines: usize) -> Self {
        let mut end = lines;
        let tensors = embedding.tensors().map(|(_, shape)| {
            let (count, start) = (shape.iter().product(), end);
            end += panels(count);
            (count, start..end)
        });
        Self { tensors }
    }

    /// The end of its lines.
    fn end(&self) -> usize {
        self.tensors[2].1.end
    }

    /// As [`Layout::runs`].
    fn runs(&self) -> impl Iterator<Item = (Range<usize>, usize)> {
        self.tensors.iter().flat_map(|(count, lines)| {
            let (whole, left) = (lines.start + count / WIDTH, count % WIDTH);
            [(lines.start..whole, WIDTH), (whole..lines.end, left)]
        })
    }

    /// Weights of zeros.
    pub fn zeros(&self) -> EmbeddingWeights {
        let [frequencies, weight, bias] = [0, 1, 2].map(|at| vec![0.0; self.tensors[at].0]);
        EmbeddingWeights { frequencies, weight, bias }
    }

    /// Reads the tensors out of flat memory.
    pub fn read(&self, flat: &[Line], weights: &mut EmbeddingWeights) {
        for ((_, lines), values) in self.tensors.iter().zip(weights.tensors_mut()) {
            let (whole, rest) = values.as_chunks_mut();
            let lines = &flat[lines.clone()];
            for (values, line) in whole.iter_mut().zip(lines) {
                *values = line.0;
            }
            if let Some(line) = lines.last() {
                rest.copy_from_slice(&line.0[..rest.len()]);
            }
        }
    }

    /// Writes the tensors into flat memory, or adds them to what is there.
    pub fn write(&self, weights: &EmbeddingWeights, flat: &mut [Line], add: bool) {
        for ((_, lines), values) in self.tensors.iter().zip(weights.tensors()) {
            for (values, line) in values.chunks(WIDTH).zip(&mut flat[lines.clone()]) {
                for (value, slot) in values.iter().zip(&mut line.0) {
                    *slot = if add { *slot + value } else { *value };
                }
            }
        }
    }
}

/// The layers of a network in flat memory.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The embedding before the first layer, where there is one.
    pub embedding: Option<EmbeddingPlace>,
    /// First to last.
    pub layers: Vec<Layer>,
    /// Lines of parameters.
    pub parameters: usize,
    /// Length of the flat memory: the parameters, then state.
    pub lines: usize,
}

impl Layout {
    /// The layout of an architecture.
    pub fn new(architecture: &Architecture) -> Self {
        let mut lines = 0;
        let mut layers = Vec::new();
        for (index, (inputs, outputs)) in architecture.layers().into_iter().enumerate() {
            let by_input = index == 0 && architecture.embedding.is_none();
            let (rows, columns) = if by_input { (inputs, outputs) } else { (outputs, inputs) };
            let weight = lines..lines + padded(rows) * panels(columns);
            let bias = weight.end..weight.end + panels(outputs);
            lines = bias.end;
            let has_norm = architecture.norm != Norm::None && index < architecture.hidden.len();
            let norm = has_norm.then(|| {
                let mut next = || take(&mut lines, panels(outputs));
                NormPlaces { weight: next(), bias: next(), running: None }
            });
            layers.push(Layer { inputs, outputs, weight, bias, by_input, norm });
        }
        let embedding = architecture.embedding.as_ref();
        let embedding = embedding.map(|embedding| EmbeddingPlace::new(embedding, lines));
        let parameters = embedding.as_ref().map_or(lines, EmbeddingPlace::end);
        let mut lines = parameters;
        for layer in layers.iter_mut().filter(|_| architecture.norm == Norm::Batch) {
            let Some(norm) = &mut layer.norm else { continue };
            let mut next = |count| take(&mut lines, count);
            let (mean, var) = (next(panels(layer.outputs)), next(panels(layer.outputs)));
            norm.running = Some(RunningPlaces { mean, var, batches: next(1).start });
        }
        Self { embedding, layers, parameters, lines }
    }

    /// All parameters in the flat memory: runs of lines, with how many of the first values of each line
    /// are parameters.
    pub fn runs(&self) -> impl Iterator<Item = (Range<usize>, usize)> {
        let layers = self.layers.iter().flat_map(|layer| {
            let (inputs, outputs) = (layer.inputs, layer.outputs);
            let (rows, columns) =
                if layer.by_input { (inputs, outputs) } else { (outputs, inputs) };
            let width = |columns: usize, panel: usize| (columns - panel * WIDTH).min(WIDTH);
            let weight = (0..panels(columns)).map(move |panel| {
                let start = layer.weight.start + panel * layer.rows();
                (start..start + rows, width(columns, panel))
            });
            let norm = layer.norm.iter().flat_map(|norm| [&norm.weight, &norm.bias]);
            let of_units = std::iter::once(&layer.bias).chain(norm).flat_map(move |lines| {
                let lines = lines.clone().enumerate();
                lines.map(move |(panel, line)| (line..line + 1, width(outputs, panel)))
            });
            weight.chain(of_units)
        });
        layers.chain(self.embedding.iter().flat_map(EmbeddingPlace::runs))
    }

    /// Weights in flat memory, zeros between them before the first step.
    pub fn flatten(&self, weights: &Weights) -> Vec<Line> {
        let mut flat = vec![Line::default(); self.lines];
        if let (Some(place), Some(values)) = (&self.embedding, &weights.embedding) {
            place.write(values, &mut flat, false);
        }
        for (layer, values) in self.layers.iter().zip(&weights.layers) {
            for (index, &value) in values.weight.iter().enumerate() {
                let (line, place) = layer.place(index % layer.inputs, index / layer.inputs);
                flat[line].0[place] = value;
            }
            write(&mut flat, &layer.bias, &values.bias);
        }
        let norms = self.layers.iter().filter_map(|layer| layer.norm.as_ref());
        for (places, values) in norms.zip(&weights.norms) {
            write(&mut flat, &places.weight, &values.weight);
            write(&mut flat, &places.bias, &values.bias);
            if let (Some(places), Some(values)) = (&places.running, &values.running) {
                write(&mut flat, &places.mean, &values.mean);
                write(&mut flat, &places.var, &values.var);
                flat[places.batches].0[0] = values.batches;
            }
        }
        flat
    }

    /// Weights out of flat memory.
    pub fn unflatten(&self, flat: &[Line]) -> Weights {
        let layers = self.layers.iter().map(|layer| {
            let weight = |index: usize| {
                let (line, place) = layer.place(index % layer.inputs, index / layer.inputs);
                flat[line].0[place]
            };
            LinearWeights {
                weight: (0..layer.inputs * layer.outputs).map(weight).collect(),
                bias: read(flat, &layer.bias, layer.outputs),
            }
        });
        let norms = self.layers.iter().filter_map(|layer| {
            let units = |lines: &Range<usize>| read(flat, lines, layer.outputs);
            let places = layer.norm.as_ref()?;
            let running = places.running.as_ref().map(|places| RunningStatistics {
                mean: units(&places.mean),
                var: units(&places.var),
                batches: flat[places.batches].0[0],
            });
            let (weight, bias) = (units(&places.weight), units(&places.bias));
            Some(NormWeights { weight, bias, running })
        });
        let embedding = self.embedding.as_ref().map(|place| {
            let mut weights = place.zeros();
            place.read(flat, &mut weights);
            weights
        });
        Weights { embedding, layers: layers.collect(), norms: norms.collect() }
    }
}

/// The next lines.
fn take(lines: &mut usize, count: usize) -> Range<usize> {
    let first = *lines;
    *lines += count;
    first..*lines
}

/// Writes numbers side by side into lines.
fn write(flat: &mut [Line], lines: &Range<usize>, values: &[f32]) {
    for (line, values) in flat[lines.clone()].iter_mut().zip(values.chunks(WIDTH)) {
        line.0[..values.len()].copy_from_slice(values);
    }
}

/// The first numbers of lines.
fn read(flat: &[Line], lines: &Range<usize>, count: usize) -> Vec<f32> {
    flat[lines.clone()].iter().flat_map(|line| line.0).take(count).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::network::{Activation, Role, Tensor};

    /// Networks whose numbers are all different.
    fn networks() -> impl Iterator<Item = (Architecture, Weights)> {
        let hidden = [vec![], vec![1], vec![16, 17], vec![33, 5, 40]].into_iter();
        let kinds = [(0, Norm::None), (8, Norm::None), (3, Norm::Batch), (0, Norm::Layer)];
        hidden.flat_map(move |hidden| kinds.map(|kind| network(hidden.clone(), kind)))
    }

    fn network(hidden: Vec<usize>, (frequencies, norm): (usize, Norm)) -> (Architecture, Weights) {
        let activation = Activation::Relu;
        let embedding = Embedding { numbers: vec![0, 2], frequencies, sigma: 1.0, width: 3 };
        let embedding = Some(embedding).filter(|_| frequencies > 0);
        let architecture =
            Architecture { inputs: 19, embedding, hidden, classes: 3, activation, norm };
        let mut next = 0;
        let numbers = |tensor: Tensor| {
            next += tensor.len();
            (next - tensor.len()..next).map(|number| number as f32).collect()
        };
        let numbers = architecture.tensors().into_iter().map(numbers).collect();
        let weights = Weights::from_tensors(&architecture, numbers).unwrap();
        (architecture, weights)
    }

    #[test]
    fn the_runs_hold_every_parameter_once_and_nothing_else() {
        for (architecture, weights) in networks() {
            let layout = Layout::new(&architecture);
            let flat = layout.flatten(&weights);
            let runs = layout.runs().flat_map(|(lines, width)| {
                assert!(lines.end <= layout.parameters);
                flat[lines].iter().flat_map(move |line| line.0[..width].to_vec())
            });
            let mut found: Vec<u32> = runs.map(f32::to_bits).collect();
            let tensors = architecture.tensors().into_iter().zip(weights.tensors());
            let parameters = tensors.filter(|(tensor, _)| tensor.role() == Role::Parameter);
            let all = parameters.flat_map(|(_, values)| values);
            let mut all: Vec<u32> = all.map(|value| value.to_bits()).collect();
            found.sort_unstable();
            all.sort_unstable();
            assert_eq!(found, all);
        }
    }

    #[test]
    fn weights_come_back_as_they_went_in() {
        for (architecture, weights) in networks() {
            let layout = Layout::new(&architecture);
            assert_eq!(layout.unflatten(&layout.flatten(&weights)), weights);
        }
    }
}
