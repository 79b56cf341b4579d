//! Where a network's parameters lie in one flat run of lines.

use std::ops::Range;

use super::panels::{Line, Panels, PanelsMut, WIDTH, padded, panels};
use crate::network::{Architecture, LinearWeights, Weights};

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
    /// layer's does: its gradient goes no further back. Of the others the backward pass takes the
    /// weight as it lies, `[outputs, inputs]`, and the forward pass takes a transposed copy.
    pub by_input: bool,
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

/// The layers of a network in flat memory.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// First to last.
    pub layers: Vec<Layer>,
    /// Length of the flat memory.
    pub lines: usize,
}

impl Layout {
    /// The layout of an architecture.
    pub fn new(architecture: &Architecture) -> Self {
        let mut lines = 0;
        let mut layers = Vec::new();
        for (index, (inputs, outputs)) in architecture.layers().into_iter().enumerate() {
            let by_input = index == 0;
            let (rows, columns) = if by_input { (inputs, outputs) } else { (outputs, inputs) };
            let weight = lines..lines + padded(rows) * panels(columns);
            let bias = weight.end..weight.end + panels(outputs);
            lines = bias.end;
            layers.push(Layer { inputs, outputs, weight, bias, by_input });
        }
        Self { layers, lines }
    }

    /// All that is the network's in the flat memory: runs of lines, with how many of the first values
    /// of each line are parameters.
    pub fn runs(&self) -> impl Iterator<Item = (Range<usize>, usize)> {
        self.layers.iter().flat_map(|layer| {
            let (inputs, outputs) = (layer.inputs, layer.outputs);
            let (rows, columns) =
                if layer.by_input { (inputs, outputs) } else { (outputs, inputs) };
            let width = |columns: usize, panel: usize| (columns - panel * WIDTH).min(WIDTH);
            let weight = (0..panels(columns)).map(move |panel| {
                let start = layer.weight.start + panel * layer.rows();
                (start..start + rows, width(columns, panel))
            });
            let bias = layer.bias.clone().enumerate();
            let bias = bias.map(move |(panel, line)| (line..line + 1, width(layer.outputs, panel)));
            weight.chain(bias)
        })
    }

    /// Weights in flat memory, zeros between them before the first step.
    pub fn flatten(&self, weights: &Weights) -> Vec<Line> {
        let mut flat = vec![Line::default(); self.lines];
        for (layer, values) in self.layers.iter().zip(weights) {
            for (index, &value) in values.weight.iter().enumerate() {
                let (line, place) = layer.place(index % layer.inputs, index / layer.inputs);
                flat[line].0[place] = value;
            }
            for (output, &value) in values.bias.iter().enumerate() {
                flat[layer.bias.start + output / WIDTH].0[output % WIDTH] = value;
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
            let bias = |output: usize| flat[layer.bias.start + output / WIDTH].0[output % WIDTH];
            LinearWeights {
                weight: (0..layer.inputs * layer.outputs).map(weight).collect(),
                bias: (0..layer.outputs).map(bias).collect(),
            }
        });
        layers.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Activation, first_weights};
    use crate::random::Streams;

    #[test]
    fn the_runs_hold_every_parameter_once_and_nothing_else() {
        for hidden in [vec![], vec![1], vec![16, 17], vec![33, 5, 40]] {
            let activation = Activation::Relu;
            let architecture = Architecture { inputs: 19, hidden, classes: 3, activation };
            let layout = Layout::new(&architecture);
            let weights = first_weights(&architecture, &Streams::new(1, 2, 0));
            let flat = layout.flatten(&weights);
            let runs = layout.runs().flat_map(|(lines, width)| {
                flat[lines].iter().flat_map(move |line| line.0[..width].to_vec())
            });
            let mut found: Vec<u32> = runs.map(f32::to_bits).collect();
            let all = weights.iter().flat_map(|layer| layer.weight.iter().chain(&layer.bias));
            let mut all: Vec<u32> = all.map(|value| value.to_bits()).collect();
            found.sort_unstable();
            all.sort_unstable();
            assert_eq!(found, all);
        }
    }
}
