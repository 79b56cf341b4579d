"""Writes anova.json: what axes explain of the scores of some grids, by numpy and scipy.

Run it with numpy and scipy installed: python tests/golden/anova.py

On complete grids the scores are a tensor with an axis for each hyperparameter, and the shares are those
of its functional ANOVA, taken with means over the tensor's other axes; noise is the spread over the seeds. On
incomplete ones the effects are those of numpy's least squares on columns of zeros and ones.
"""

import itertools
import json
import pathlib

import numpy as np
import scipy
from scipy import stats

SEED = 20261124
LEVEL = 0.05


def anova(tensor, subset):
    """The component of the functional ANOVA that belongs to some axes of the tensor."""
    others = tuple(axis for axis in range(tensor.ndim) if axis not in subset)
    component = tensor.mean(axis=others, keepdims=True)
    for size in range(len(subset)):
        for smaller in itertools.combinations(subset, size):
            component = component - anova(tensor, smaller)
    return component


def complete(rng, sizes, noise, with_seeds, interaction):
    """A complete grid: its trials, and the exact shares of every axis and pair of axes."""
    names = [f"axis_{place}" for place in range(len(sizes))]
    if with_seeds:
        names[-1] = "seed"
    parts = [
        rng.normal(size=size).reshape([-1 if axis == place else 1 for axis in range(len(sizes))])
        for place, size in enumerate(sizes)
    ]
    weights = [1.0, 0.5, 0.02, 0.0][: len(sizes)]
    if with_seeds:
        weights[-1] = 0.0
    tensor = sum(weight * part for weight, part in zip(weights, parts))
    tensor = tensor + interaction * parts[0] * parts[1] + noise * rng.normal(size=sizes)
    tensor = np.broadcast_to(tensor, sizes).round(6)
    total = tensor.size * tensor.var()
    square = lambda subset: float((np.broadcast_to(anova(tensor, subset), sizes) ** 2).sum())
    axes = range(len(sizes))
    single = {names[axis]: square((axis,)) / total for axis in axes}
    pairs = {f"{names[a]} {names[b]}": square((a, b)) / total for a, b in itertools.combinations(axes, 2)}
    left = total - sum(square((axis,)) for axis in axes)
    if with_seeds:
        within = float(((tensor - tensor.mean(axis=-1, keepdims=True)) ** 2).sum())
        freedom = tensor.size - tensor.size // sizes[-1]
    else:
        within = left
        freedom = tensor.size - 1 - sum(size - 1 for size in sizes)
    tested = [axis for axis in axes if names[axis] != "seed"]
    limits = {
        names[axis]: (sizes[axis] - 1) * within / freedom / total
        * stats.f.ppf(1 - LEVEL / len(tested), sizes[axis] - 1, freedom)
        for axis in tested
    }
    trials = [
        {"levels": levels, "score": float(tensor[levels])}
        for levels in itertools.product(*map(range, sizes))
    ]
    return {"names": names, "trials": trials, "single": single, "pairs": pairs, "limits": limits}


def incomplete(rng, sizes, kept):
    """A grid with holes: each axis's share is the covariance of its effect with the score."""
    names = [f"axis_{place}" for place in range(len(sizes))]
    every = list(itertools.product(*map(range, sizes)))
    cells = [every[place] for place in sorted(rng.permutation(len(every))[: int(kept * len(every))])]
    effects = [rng.normal(size=size) for size in sizes]
    score = np.array([sum(e[level] for e, level in zip(effects, cell)) for cell in cells])
    score = (score + 0.3 * rng.normal(size=len(cells))).round(6)
    columns = [
        np.array([[float(cell[axis] == level) for level in range(size)] for cell in cells])
        for axis, size in enumerate(sizes)
    ]
    design = np.hstack([np.ones((len(cells), 1)), *columns])
    fitted = np.linalg.lstsq(design, score, rcond=None)[0]
    centred = score - score.mean()
    single, start = {}, 1
    for name, column in zip(names, columns):
        effect = column @ fitted[start : start + column.shape[1]]
        start += column.shape[1]
        single[name] = float((effect - effect.mean()) @ centred / (centred @ centred))
    trials = [
        {"levels": cell, "score": float(value)}
        for cell, value in zip(cells, score)
    ]
    return {"names": names, "trials": trials, "single": single, "pairs": {}, "limits": {}}


def main():
    rng = np.random.default_rng(SEED)
    cases = [
        complete(rng, (4, 3, 3), 0.3, True, 0.0),
        complete(rng, (5, 2, 3, 2), 0.1, True, 0.8),
        complete(rng, (4, 3, 2), 0.2, False, 0.3),
        complete(rng, (3, 4, 2, 3), 50.0, True, 0.0),
        incomplete(rng, (4, 3, 3), 0.7),
        incomplete(rng, (6, 5, 2), 0.45),
    ]
    versions = {"numpy": np.__version__, "scipy": scipy.__version__}
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = f'{{"versions": {json.dumps(versions)}, "seed": {SEED}, "cases": [\n{lines}\n]}}\n'
    pathlib.Path(__file__).with_name("anova.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
