"""Scores out of fold, their tables in Markdown, and what of the bar holds."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

from results import Result
from tables import Fold, Table


def macro_f1(actual: np.ndarray, predicted: np.ndarray) -> float:
    return float(f1_score(actual, predicted, average="macro"))


SCORES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "macro F1": macro_f1,
    "MCC": matthews_corrcoef,
    "accuracy": accuracy_score,
}

# What forewarn must reach whatever the peers do.
FLOORS = {"steel": {"macro F1": 0.83, "MCC": 0.755}}
# The tables on which a score may be one standard deviation of the orders below the best peer's.
WITHIN_DEVIATION = {"ai4i_physics"}
# The scores of the bar.
JUDGED = ["macro F1", "MCC"]


@dataclass(frozen=True)
class Scored:
    """A model's scores on one table, a value an order, and its mean seconds a fold."""

    title: str
    scores: dict[str, list[float]]
    seconds: float

    def mean(self, score: str) -> float:
        return statistics.mean(self.scores[score])

    def deviation(self, score: str) -> float:
        """The standard deviation over the orders; 0 of a single one."""
        values = self.scores[score]
        return statistics.stdev(values) if len(values) > 1 else 0.0


def score(title: str, table: Table, folds: list[Fold], results: list[Result]) -> Scored:
    """Score a model: the predictions of all folds of an order together."""
    actual = table.actual
    scores: dict[str, list[float]] = {name: [] for name in SCORES}
    for order in sorted({fold.order for fold in folds}):
        of_order = [(fold, done) for fold, done in zip(folds, results) if fold.order == order]
        truth = np.concatenate([actual[fold.test] for fold, _ in of_order])
        predicted = np.concatenate([done.predicted for _, done in of_order])
        for name, function in SCORES.items():
            scores[name].append(function(truth, predicted))
    return Scored(title, scores, statistics.mean(done.seconds for done in results))


def markdown(models: list[Scored]) -> str:
    """A row a model: mean and deviation of each score, the orders in brackets."""
    lines = [
        f"| model | {' | '.join(SCORES)} | seconds a fold |",
        f"|---|{'---|' * len(SCORES)}--:|",
    ]
    for model in models:
        cells = [written(model, name) for name in SCORES]
        lines.append(f"| {model.title} | {' | '.join(cells)} | {model.seconds:.1f} |")
    return "\n".join(lines) + "\n"


def written(model: Scored, name: str) -> str:
    """Such as `0.8237 ± 0.0012 (0.8229, 0.8246)`."""
    orders = ", ".join(f"{value:.4f}" for value in model.scores[name])
    return f"{model.mean(name):.4f} ± {model.deviation(name):.4f} ({orders})"


def demands(table: str, own: Scored, peers: list[Scored], limit_s: float) -> list[str]:
    """A line for each demand of the bar on a table: whether it holds, and by how much."""
    lines = [verdict(own.seconds <= limit_s, f"{own.seconds:.1f} of {limit_s:.0f} s a fold")]
    for name in JUDGED:
        mean = own.mean(name)
        floor = FLOORS.get(table, {}).get(name)
        if floor is not None:
            lines.append(verdict(mean >= floor, f"{name} {mean:.4f}, at least {floor}"))
        if not peers:
            continue
        best = max(peers, key=lambda peer: peer.mean(name))
        slack = best.deviation(name) if table in WITHIN_DEVIATION else 0.0
        holds = mean > best.mean(name) - slack
        allowed = f" less its deviation {slack:.4f}" if slack else ""
        beside = f"{name} {mean:.4f} above {best.title}'s {best.mean(name):.4f}{allowed}"
        lines.append(verdict(holds, beside))
    return [f"{table}: {line}" for line in lines]


def verdict(holds: bool, what: str) -> str:
    return f"{'holds' if holds else 'FAILS'}: {what}"
