"""The loop that a competent user writes by hand in PyTorch, in two processes.

Each process holds the table as tensors and takes one network after the other from a queue. An epoch
is a randperm, an index a batch, zero_grad, forward, cross_entropy, backward and a step of
torch.optim.Adam with its fused kernel, a quarter faster here than its default; then one pass over
the valid rows without gradients. Loss and accuracy on train rows are sums over the epoch's batches,
kept as tensors until the epoch ends.

Timed: from handing the trials to the processes until curves.csv is written. Not timed: starting the
processes, importing torch, and an epoch in each to warm up.
"""

import time

import torch
from torch import nn
from torch.nn.functional import cross_entropy

import work

table: dict[str, torch.Tensor] = {}


def main() -> None:
    """Train the grid and print the figures."""
    args = work.arguments(__doc__)
    warm_up = None if args.cold else work.Trial(args.grid.hidden[0], 1, 0.001, 0)
    with work.worker_pool(start, args.table, args.grid.batch_size, warm_up) as pool:
        began = time.perf_counter()
        tasks = [(trial, args.table.classes, args.grid.batch_size) for trial in args.grid.trials]
        curves = pool.starmap(train, tasks, chunksize=1)
        work.write_curves(args.out / "curves.csv", (row for rows in curves for row in rows))
        seconds = time.perf_counter() - began
    work.Figures(args.grid.model_epochs, seconds).print()


def start(rows: work.Table, batch_size: int, warm_up: work.Trial | None) -> None:
    """Prepare a worker: one thread, the rows as tensors, an epoch to warm up."""
    torch.set_num_threads(1)
    for name in ("train_x", "train_y", "valid_x", "valid_y"):
        table[name] = torch.from_numpy(getattr(rows, name))
    if warm_up:
        train(warm_up, rows.classes, batch_size)


def train(trial: work.Trial, classes: int, batch_size: int) -> list[list[object]]:
    """Train one network; its rows of curves.csv."""
    torch.manual_seed(trial.seed)
    model = network(table["train_x"].shape[1], trial.hidden, classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=trial.learning_rate, fused=True)
    curve = [
        [*train_epoch(model, optimizer, batch_size), *validate(model)] for _ in range(trial.epochs)
    ]
    return work.curve_rows(trial, curve)


def network(inputs: int, hidden: tuple[int, ...], classes: int) -> nn.Sequential:
    """The layers, with ReLU between them."""
    widths = [inputs, *hidden]
    layers: list[nn.Module] = []
    for before, after in zip(widths, widths[1:]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], classes))


def train_epoch(
    model: nn.Module, optimizer: torch.optim.Optimizer, batch_size: int
) -> tuple[float, float]:
    """One pass over the train rows in a new order; mean loss and accuracy on the way."""
    inputs, labels = table["train_x"], table["train_y"]
    loss_sum, right = torch.zeros(()), torch.zeros((), dtype=torch.int64)
    for rows in torch.randperm(len(labels)).split(batch_size):
        batch_labels = labels[rows]
        optimizer.zero_grad()
        logits = model(inputs[rows])
        loss = cross_entropy(logits, batch_labels)
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach() * len(rows)
        right += (logits.detach().argmax(1) == batch_labels).sum()
    return loss_sum.item() / len(labels), right.item() / len(labels)


@torch.no_grad()
def validate(model: nn.Module) -> tuple[float, float]:
    """Loss and accuracy on the valid rows."""
    labels = table["valid_y"]
    logits = model(table["valid_x"])
    right = (logits.argmax(1) == labels).sum().item()
    return cross_entropy(logits, labels).item(), right / len(labels)


if __name__ == "__main__":
    main()
