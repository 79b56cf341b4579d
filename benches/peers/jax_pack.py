"""Packs of networks in JAX: one jitted function an epoch, vmap over the pack, in two processes.

The function gathers the shuffled rows, runs the full batches with lax.scan, then the rows that are
left (24 of 7,000) as a step of their own, then the pass over the valid rows, and returns the four
figures of the epoch. vmap maps it over a pack of up to 8 networks of one shape, each with its own
learning rate and its own order of the rows. numpy draws the orders: with jax.random.permutation in
the function an epoch took half as long again. optax.adam is flattened (one array for all weights of
a network), which is a little faster than an update a layer. The compiled functions of a process are
kept, so that the same shape with another number of epochs compiles nothing; the largest shapes go
first, so that no process waits long at the end.

Timed: from handing the packs to the processes until curves.csv is written. Not timed: starting the
processes, importing jax, and the first epoch with its compilation, whose time is told apart. With
--cold nothing is compiled before, and each process compiles the shapes that it meets.
"""

import itertools
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import work

PACK_SIZE = 8

Pack = list[work.Trial]
Params = list[tuple[jax.Array, jax.Array]]
State = tuple[Params, Any]
Figures = tuple[jax.Array, jax.Array, jax.Array, jax.Array]

rows: dict[str, jax.Array] = {}
first_epoch_s: list[float] = []


def main() -> None:
    """Train the grid and print the figures."""
    args = work.arguments(__doc__)
    packs = cut(sorted(args.grid.trials, key=size, reverse=True))
    # A task is one pack; or, where there are many shapes, all packs of one, compiled in one place.
    chunk = 1 if len(args.grid.hidden) == 1 else len(packs) // len(args.grid.hidden)
    warm_up = None if args.cold else packs[0]
    with work.worker_pool(start, args.table, warm_up, args.grid.batch_size) as pool:
        began = time.perf_counter()
        tasks = [(pack, args.table.classes, args.grid.batch_size) for pack in packs]
        results = pool.starmap(train, tasks, chunksize=chunk)
        work.write_curves(args.out / "curves.csv", (row for curves, _ in results for row in curves))
        seconds = time.perf_counter() - began
    work.Figures(args.grid.model_epochs, seconds, max(first for _, first in results)).print()


def size(trial: work.Trial) -> tuple[int, int, tuple[int, ...]]:
    """How large a network is: its layers, then their widths; equal only for equal shapes."""
    return len(trial.hidden), sum(trial.hidden), trial.hidden


def cut(trials: list[work.Trial]) -> list[Pack]:
    """Packs of at most `PACK_SIZE` trials of one shape and one number of epochs."""
    packs = []
    for _, group in itertools.groupby(trials, key=lambda trial: (trial.hidden, trial.epochs)):
        alike = list(group)
        packs += [alike[at : at + PACK_SIZE] for at in range(0, len(alike), PACK_SIZE)]
    return packs


def start(table: work.Table, warm_up: Pack | None, batch_size: int) -> None:
    """Prepare a worker: the rows as arrays, and an epoch of a pack to compile its function."""
    for name in ("train_x", "train_y", "valid_x", "valid_y"):
        rows[name] = jnp.asarray(getattr(table, name))
    if warm_up:
        one_epoch = [work.Trial(trial.hidden, 1, trial.learning_rate, 0) for trial in warm_up]
        train(one_epoch, table.classes, batch_size)


def train(pack: Pack, classes: int, batch_size: int) -> tuple[list[list[object]], float]:
    """Train one pack; its rows of curves.csv, and the time of this worker's first epoch."""
    began = time.perf_counter()
    epochs, hidden = pack[0].epochs, pack[0].hidden
    count, inputs = rows["train_x"].shape
    epoch = compiled_epoch(batch_size)
    learning_rates = jnp.array([trial.learning_rate for trial in pack])
    keys = jnp.stack([jax.random.key(trial.seed) for trial in pack])
    state = first_state((inputs, *hidden, classes))(keys)
    shuffles = [np.random.default_rng(trial.seed) for trial in pack]
    curves = []
    for _ in range(epochs):
        orders = np.stack([shuffle.permutation(count) for shuffle in shuffles])
        state, figures = epoch(state, learning_rates, orders.astype(np.int32), rows)
        curves.append(np.stack(figures, axis=1))
        if not first_epoch_s:
            first_epoch_s.append(time.perf_counter() - began)
    by_trial = zip(pack, np.stack(curves, axis=1).tolist())
    lines = [line for trial, curve in by_trial for line in work.curve_rows(trial, curve)]
    return lines, first_epoch_s[0]


@cache
def first_state(widths: tuple[int, ...]) -> Callable[[jax.Array], State]:
    """A function from the keys of a pack to its first weights and its optimizer's state."""

    def draw(key: jax.Array) -> State:
        params = []
        for number, (before, after) in enumerate(itertools.pairwise(widths)):
            weights, biases = jax.random.split(jax.random.fold_in(key, number))
            uniform = partial(jax.random.uniform, minval=-(before**-0.5), maxval=before**-0.5)
            params.append((uniform(weights, (before, after)), uniform(biases, (after,))))
        return params, adam(0.0).init(params)

    return jax.jit(jax.vmap(draw))


def adam(learning_rate: float | jax.Array) -> optax.GradientTransformation:
    """Adam over one array that holds all weights."""
    return optax.flatten(optax.adam(learning_rate))


@cache
def compiled_epoch(batch_size: int) -> Callable[..., tuple[State, Figures]]:
    """An epoch of a pack; jax.jit keeps a compiled version of it for every shape that it meets."""
    mapped = jax.vmap(partial(train_epoch, batch_size), in_axes=(0, 0, 0, None))
    return jax.jit(mapped, donate_argnums=0)


def train_epoch(
    batch_size: int,
    state: State,
    learning_rate: jax.Array,
    order: jax.Array,
    table: dict[str, jax.Array],
) -> tuple[State, Figures]:
    """One epoch of one network: its new state; loss and accuracy on train rows and valid rows."""
    inputs, labels = table["train_x"][order], table["train_y"][order]
    full = len(order) - len(order) % batch_size
    batches = (
        inputs[:full].reshape(-1, batch_size, inputs.shape[1]),
        labels[:full].reshape(-1, batch_size),
    )
    step = partial(train_step, learning_rate)
    state, (losses, right) = jax.lax.scan(step, state, batches)
    loss_sum, right_sum = losses.sum(), right.sum()
    if full < len(order):
        state, (loss, right) = step(state, (inputs[full:], labels[full:]))
        loss_sum, right_sum = loss_sum + loss, right_sum + right
    valid_loss, valid_right = loss_and_right(state[0], table["valid_x"], table["valid_y"])
    train_figures = (loss_sum / len(order), right_sum / len(order))
    return state, (*train_figures, valid_loss, valid_right / len(table["valid_y"]))


def train_step(
    learning_rate: jax.Array, state: State, batch: tuple[jax.Array, jax.Array]
) -> tuple[State, tuple[jax.Array, jax.Array]]:
    """One batch: the new state, and what it adds to the sums of losses and of right rows."""
    params, moments = state
    inputs, labels = batch
    measure = jax.value_and_grad(loss_and_right, has_aux=True)
    (loss, right), gradients = measure(params, inputs, labels)
    updates, moments = adam(learning_rate).update(gradients, moments, params)
    return (optax.apply_updates(params, updates), moments), (loss * len(labels), right)


def loss_and_right(
    params: Params, inputs: jax.Array, labels: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Mean loss of some rows, and how many of them are right."""
    for weights, biases in params[:-1]:
        inputs = jax.nn.relu(inputs @ weights + biases)
    weights, biases = params[-1]
    logits = inputs @ weights + biases
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
    return losses.mean(), (logits.argmax(axis=1) == labels).sum()


if __name__ == "__main__":
    main()
