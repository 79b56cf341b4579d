"""The modules of a model.json that torch.nn does not have."""

import math

import torch


class PeriodicEmbedding(torch.nn.Module):
    """All inputs as they are, then of each number x among them: W [cos(2 pi c x), sin(2 pi c x)] + b.

    `numbers` are the places of the numbers; each has `frequencies` c of its own, normal with the standard
    deviation `sigma` at first, and becomes `width` values.
    """

    def __init__(self, numbers, frequencies, sigma, width):
        super().__init__()
        self.numbers = numbers
        bound = 1 / math.sqrt(2 * frequencies)
        uniform = torch.distributions.Uniform(-bound, bound)
        self.frequencies = torch.nn.Parameter(sigma * torch.randn(len(numbers), frequencies))
        self.weight = torch.nn.Parameter(uniform.sample((len(numbers), width, 2 * frequencies)))
        self.bias = torch.nn.Parameter(uniform.sample((len(numbers), width)))

    def forward(self, rows):
        angles = 2 * math.pi * self.frequencies * rows[:, self.numbers, None]
        waves = torch.cat([angles.cos(), angles.sin()], dim=2)
        values = torch.einsum("rnk,nwk->rnw", waves, self.weight) + self.bias
        return torch.cat([rows, values.flatten(1)], dim=1)
