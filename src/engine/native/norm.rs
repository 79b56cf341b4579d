//! Norms between the sums of a hidden layer and its activation.

mod backward;
mod forward;

use pulp::Arch;

use super::layout::NormPlaces;
use super::panels::{Buffer, Line, PanelsMut, WIDTH, panels};
use crate::network::{NORM_MOMENTUM, Norm};
use backward::Backward;
use forward::Forward;

/// What values are normed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// Each row's mean and variance over the units.
    Rows,
    /// Each unit's over the rows of the pass.
    Units,
    /// Each unit's running ones.
    Running,
}

/// A norm's buffers, and what the last pass left in them.
#[derive(Debug)]
pub(super) struct NormPass {
    width: usize,
    /// What the last pass normed by.
    by: By,
    /// Distances from the mean in standard deviations, `[rows, units]`.
    normed: Buffer,
    /// One over the standard deviation: of units, or of rows.
    scale: Vec<Line>,
    /// Of units; none with a layer norm.
    mean: Vec<Line>,
    /// Of units, unbiased; none with a layer norm.
    var: Vec<Line>,
}

impl NormPass {
    /// Lines of memory that the buffers take.
    pub fn lines(norm: Norm, capacity: usize, width: usize) -> usize {
        let units = panels(width);
        match norm {
            Norm::None => 0,
            Norm::Batch => (capacity + WIDTH) * units + 3 * units,
            Norm::Layer => (capacity + WIDTH) * units + panels(capacity),
        }
    }

    /// Buffers for passes over at most `capacity` rows; `None` without a norm.
    pub fn new(norm: Norm, capacity: usize, width: usize) -> Option<Self> {
        let of_units = if norm == Norm::Batch { width } else { 0 };
        let scales = if norm == Norm::Batch { width } else { capacity };
        let statistics = |count| vec![Line::default(); panels(count)];
        (norm != Norm::None).then(|| Self {
            width,
            by: By::Rows,
            normed: Buffer::new(capacity, width),
            scale: statistics(scales),
            mean: statistics(of_units),
            var: statistics(of_units),
        })
    }

    /// Norms `values` `[rows, units]`, as in a step or with weights at rest.
    pub fn forward(
        &mut self,
        (arch, rows): (Arch, usize),
        (places, parameters): (&NormPlaces, &[Line]),
        values: PanelsMut<'_>,
        in_step: bool,
    ) {
        self.by = match &places.running {
            None => By::Rows,
            Some(_) if in_step && rows > 1 => By::Units,
            Some(running) => {
                self.mean.copy_from_slice(&parameters[running.mean.clone()]);
                self.var.copy_from_slice(&parameters[running.var.clone()]);
                By::Running
            }
        };
        arch.dispatch(Forward {
            rows,
            width: self.width,
            by: self.by,
            values,
            normed: self.normed.view_mut(),
            mean: &mut self.mean,
            scale: &mut self.scale,
            var: &mut self.var,
            weight: &parameters[places.weight.clone()],
            bias: &parameters[places.bias.clone()],
        });
    }

    /// Turns the gradient at what [`NormPass::forward`] gave out into the one at what it took, and
    /// writes those of weight and bias, or adds to them.
    pub fn backward(
        &self,
        (arch, rows): (Arch, usize),
        (places, parameters): (&NormPlaces, &[Line]),
        (values, gradients): (PanelsMut<'_>, &mut [Line]),
        accumulate: bool,
    ) {
        let gradients = &mut gradients[places.weight.start..places.bias.end];
        let (weight_gradient, bias_gradient) = gradients.split_at_mut(places.weight.len());
        arch.dispatch(Backward {
            rows,
            width: self.width,
            by: self.by,
            gradients: values,
            normed: self.normed.view(),
            scale: &self.scale,
            weight: &parameters[places.weight.clone()],
            weight_gradient,
            bias_gradient,
            accumulate,
        });
    }

    /// Lets the rows of a step into the running statistics.
    pub fn track(&self, places: &NormPlaces, parameters: &mut [Line]) {
        let Some(running) = places.running.as_ref().filter(|_| self.by == By::Units) else {
            return;
        };
        let (new, old) = (NORM_MOMENTUM as f32, (1.0 - NORM_MOMENTUM) as f32);
        for (lines, step) in [(&running.mean, &self.mean), (&running.var, &self.var)] {
            let running = parameters[lines.clone()].iter_mut().flat_map(|line| &mut line.0);
            for (running, step) in running.zip(step.iter().flat_map(|line| &line.0)) {
                *running = old * *running + new * step;
            }
        }
        parameters[running.batches].0[0] += 1.0;
    }
}
