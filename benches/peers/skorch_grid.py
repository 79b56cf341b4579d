"""scikit-learn's GridSearchCV over skorch's NeuralNetClassifier, n_jobs=2, on one split.

GridSearchCV gets train and valid rows with a PredefinedSplit, fits on the former and scores each
network on the latter once, at the end. That gives no curves; so the net also has the valid rows as
its train_split (skorch's predefined_split) and measures their loss and accuracy after every epoch,
as skorch users do who want curves. Its accuracy on train rows is an EpochScoring that reuses the
outputs of the training batches. Valid rows go through in one batch instead of skorch's 24. Networks
and optimizer are PyTorch's; Adam is the fused one, which is faster on a CPU than the default.
GridSearchCV drops the nets, so a callback writes each net's history as CSV.

Timed: GridSearchCV.fit, with the histories. Not timed: starting joblib's workers and importing
torch there, which a fit of one epoch before does.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback, EpochScoring
from skorch.dataset import Dataset
from skorch.helper import predefined_split
from torch import nn

import work


class Network(nn.Module):
    """A multi-layer perceptron whose weights, and the shuffles after, follow from `seed`."""

    def __init__(self, inputs: int, hidden: tuple[int, ...], classes: int, seed: int) -> None:
        """Draw the weights."""
        super().__init__()
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        widths = [inputs, *hidden]
        layers: list[nn.Module] = []
        for before, after in zip(widths, widths[1:]):
            layers += [nn.Linear(before, after), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], classes))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """The logits."""
        return self.layers(rows)


class HistoryFile(Callback):
    """Writes the history of a net into `folder` when its training ends."""

    def __init__(self, folder: Path) -> None:
        """Remember the folder."""
        self.folder = folder

    def on_train_end(self, net: NeuralNetClassifier, **_: Any) -> None:
        """Write one row an epoch."""
        params = net.get_params()
        trial = work.Trial(
            params["module__hidden"], params["max_epochs"], params["lr"], params["module__seed"]
        )
        columns = ("train_loss", "train_acc", "valid_loss", "valid_acc")
        hidden = "-".join(map(str, trial.hidden))
        name = f"{hidden}_{trial.epochs}_{trial.learning_rate}_{trial.seed}.csv"
        work.write_curves(self.folder / name, work.curve_rows(trial, net.history[:, columns]))


def main() -> None:
    """Train the grid and print the figures."""
    args = work.arguments(__doc__)
    if not args.cold:
        search(args, epochs=[1])
    began = time.perf_counter()
    search(args, args.grid.epochs)
    seconds = time.perf_counter() - began
    work.Figures(args.grid.model_epochs, seconds).print()


def search(args: work.Arguments, epochs: list[int]) -> None:
    """Fit the grid for so many epochs."""
    table, grid = args.table, args.grid
    axes = {
        "module__hidden": grid.hidden,
        "lr": grid.learning_rate,
        "max_epochs": epochs,
        "module__seed": grid.seed,
    }
    fold = np.repeat([-1, 0], [len(table.train_y), len(table.valid_y)])
    grid_search = GridSearchCV(
        classifier(args),
        axes,
        scoring="accuracy",
        n_jobs=work.WORKERS,
        cv=PredefinedSplit(fold),
        refit=False,
        error_score="raise",
    )
    grid_search.fit(
        np.concatenate([table.train_x, table.valid_x]),
        np.concatenate([table.train_y, table.valid_y]),
    )


def classifier(args: work.Arguments) -> NeuralNetClassifier:
    """The net that GridSearchCV clones."""
    table = args.table
    train_accuracy = EpochScoring(
        "accuracy", name="train_acc", on_train=True, lower_is_better=False, use_caching=True
    )
    return NeuralNetClassifier(
        Network,
        module__inputs=table.inputs,
        module__classes=table.classes,
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        optimizer__fused=True,
        batch_size=args.grid.batch_size,
        iterator_train__shuffle=True,
        iterator_valid__batch_size=len(table.valid_y),
        train_split=predefined_split(Dataset(table.valid_x, table.valid_y)),
        callbacks=[("train_acc", train_accuracy), ("file", HistoryFile(args.out))],
        verbose=0,
    )


if __name__ == "__main__":
    main()
