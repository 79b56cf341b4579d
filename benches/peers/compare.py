"""Times forewarn and its Python peers on the same work, in turns, and prints two Markdown tables.

The first table is the reference work, grids/bench.json: 32 networks 8-64-32-6 on 7,000 train rows.
A model-epoch is one pass of one network over the train rows in a new order, and one pass over the
valid rows, with its figures recorded. forewarn is timed as a whole process, from exec to exit, and
measures the test rows too. A peer is timed in its steady state on a part of the work: its workers
are up, its modules imported, its functions compiled, its table prepared; its docstring says more.

The second table is the time from the prompt to the last file of grids/bench_shapes.json: 240
trials of 20 shapes, for 10, 30 and 100 epochs. There the peers' start and compilation count, but
not that their table is prepared. A peer trains every trial apart; forewarn sees on its way through
100 epochs what 10 and 30 of the same come to, and trains those once.

Both sides have 1,500 valid rows and batches of 64, and both have two cores: forewarn with two
worker threads, a peer with two worker processes of one thread. Before every run of a peer forewarn
runs, and their ratio is that of such neighbours, so that what slows the machine down slows both.

    pip install --no-deps -r benches/peers/requirements.txt
    python benches/peers/compare.py --data predictive_maintenance.csv
"""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# The packages whose versions are told, and their modules.
PACKAGES = {
    "numpy": "numpy",
    "scikit-learn": "sklearn",
    "skorch": "skorch",
    "torch": "torch",
    "jax": "jax",
    "optax": "optax",
}

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NPROC": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
}

Axes = dict[str, list[Any]]


@dataclass(frozen=True)
class Peer:
    """A program that trains a grid, and the part of the reference work that it is timed on."""

    name: str
    what: str
    part: Axes
    quick_part: Axes


PEERS = [
    Peer(
        "skorch_grid",
        "GridSearchCV over skorch's NeuralNetClassifier",
        {"seed": [0], "epochs": [40]},
        {"seed": [0], "epochs": [2]},
    ),
    Peer(
        "torch_loop",
        "a training loop by hand in PyTorch",
        {"seed": [0], "epochs": [100]},
        {"seed": [0], "epochs": [5]},
    ),
    Peer(
        "sklearn_mlp",
        "GridSearchCV over MLPClassifier, no curves on valid rows",
        {"seed": [0, 1], "epochs": [100]},
        {"seed": [0], "epochs": [10]},
    ),
    Peer(
        "jax_pack",
        "jitted epochs of packs of 8, vmap and lax.scan, in JAX",
        {"epochs": [400]},
        {"epochs": [20]},
    ),
]


@dataclass(frozen=True)
class Bench:
    """Where things are, and how long the runs may be."""

    forewarn: Path
    data: Path
    table: Path
    folder: Path
    rounds: int
    quick: bool


@dataclass(frozen=True)
class PeerRun:
    """A run of a peer: the whole process, and what the peer measured of itself."""

    wall_s: float
    seconds: float
    model_epochs: int
    first_epoch_s: float | None

    @property
    def rate(self) -> float:
        """Model-epochs a second in the steady state."""
        return self.model_epochs / self.seconds


@dataclass(frozen=True)
class Pair:
    """Neighbouring runs: forewarn's figure, and the peer's."""

    forewarn: float
    peer: float


def main() -> None:
    """Run both works and print the tables."""
    args = arguments()
    check(args)
    peers = [peer for peer in PEERS if peer.name in (args.peer or [peer.name])]
    with tempfile.TemporaryDirectory(prefix="forewarn-peers-") as folder:
        bench = Bench(
            forewarn=args.forewarn.resolve(),
            data=args.data.resolve(),
            table=Path(folder, "table.npz"),
            folder=Path(folder),
            rounds=1 if args.quick else args.rounds,
            quick=args.quick,
        )
        prepare_table(bench)
        print(machine(bench))
        print(versions(bench))
        reference_work(bench, peers)
        shapes_work(bench, [peer for peer in peers if peer.name in SHAPES])


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--forewarn", type=Path, default=ROOT / "target/debug/forewarn", help="the binary"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=ROOT / "data/ai4i_synthetic.csv",
        help="a table of AI4I 2020 with 10,000 rows [default: the embedded one]",
    )
    parser.add_argument("--rounds", type=count, default=3, help="runs of each [default: 3]")
    parser.add_argument(
        "--peer",
        action="append",
        choices=[peer.name for peer in PEERS],
        help="only this peer; may be given again",
    )
    parser.add_argument(
        "--quick", action="store_true", help="one short round, to see that all works"
    )
    return parser.parse_args()


def count(text: str) -> int:
    """A number of rounds."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def check(args: argparse.Namespace) -> None:
    """Refuse what cannot run."""
    if not args.forewarn.is_file():
        raise SystemExit(f"{args.forewarn} is not there: run cargo build, or give --forewarn PATH")
    if not args.data.is_file():
        raise SystemExit(f"{args.data} is not there: give --data FILE, a table of AI4I 2020")
    missing = [name for name in PACKAGES.values() if importlib.util.find_spec(name) is None]
    if missing:
        raise SystemExit(
            f"this Python has no {missing[0]}: "
            f"run {sys.executable} -m pip install --no-deps -r {HERE / 'requirements.txt'}"
        )


def prepare_table(bench: Bench) -> None:
    """Write the rows for the peers, split with the seed of the reference work."""
    import table  # here, because it imports what check() asks for

    table.prepare(bench.data, bench.table, read_grid("bench.json")["seed"])


def read_grid(name: str) -> dict[str, Any]:
    """A grid file of this repository."""
    return json.loads((ROOT / "grids" / name).read_text())


def with_axes(grid: dict[str, Any], axes: Axes) -> dict[str, Any]:
    """The grid with other values on some axes."""
    return {**grid, "grid": {**grid["grid"], **axes}}


def model_epochs(grid: dict[str, Any]) -> int:
    """How many passes over the train rows a grid asks for."""
    axes = grid["grid"]
    networks = len(axes["learning_rate"]) * len(axes["hidden"]) * len(axes["seed"])
    return networks * sum(axes["epochs"])


def reference_work(bench: Bench, peers: Sequence[Peer]) -> None:
    """Time the steady state of every peer and print the first table."""
    grid = read_grid("bench.json")
    whole = with_axes(grid, {"epochs": [10]}) if bench.quick else grid
    first_epochs: list[float] = []

    def forewarn() -> float:
        return model_epochs(whole) / run_forewarn(bench, whole)

    def rate(peer: Peer) -> float:
        part = with_axes(grid, peer.quick_part if bench.quick else peer.part)
        run = run_peer(bench, peer, part)
        if run.first_epoch_s is not None:
            first_epochs.append(run.first_epoch_s)
        return run.rate

    pairs = in_turns(bench, peers, forewarn, rate)
    print("\n| peer | what it is | model-epochs/s | forewarn is … times as fast |")
    print("|---|---|--:|--:|")
    own = [pair.forewarn for done in pairs.values() for pair in done]
    print(f"| forewarn | the whole process, test rows too | {spread(own, 1)} | |")
    for peer in peers:
        done = pairs[peer.name]
        rates = spread([pair.peer for pair in done], 1)
        ratio = statistics.median(pair.forewarn / pair.peer for pair in done)
        print(f"| {peer.name} | {peer.what} | {rates} | {ratio:.2f} |")
    if first_epochs:
        print(f"\njax_pack's first epoch, with compilation, took {spread(first_epochs, 1)} s.")


def shapes_work(bench: Bench, peers: Sequence[Peer]) -> None:
    """Time the way from the prompt to the last file and print the second table."""
    if not peers:
        return
    grid = read_grid("bench_shapes.json")
    if bench.quick:
        grid = with_axes(grid, {"hidden": [[16], [32], [64, 32]], "epochs": [1, 2, 5]})

    def forewarn() -> float:
        return run_forewarn(bench, grid)

    def seconds(peer: Peer) -> float:
        return SHAPES[peer.name](bench, peer, grid)

    pairs = in_turns(bench, peers, forewarn, seconds)
    print("\n| peer | seconds | forewarn is … times as fast | how |")
    print("|---|--:|--:|---|")
    own = [pair.forewarn for done in pairs.values() for pair in done]
    print(f"| forewarn | {spread(own, 1)} | | the whole work |")
    for peer in peers:
        done = pairs[peer.name]
        ratio = statistics.median(pair.peer / pair.forewarn for pair in done)
        seconds_text = spread([pair.peer for pair in done], 1)
        how = scaled_note(grid) if peer.name == "skorch_grid" else "the whole work"
        print(f"| {peer.name} | {seconds_text} | {ratio:.2f} | {how} |")


def whole_shapes(bench: Bench, peer: Peer, grid: dict[str, Any]) -> float:
    """Seconds of the whole program, start and compilation included."""
    return run_peer(bench, peer, grid, "--cold").wall_s


def scaled_shapes(bench: Bench, peer: Peer, grid: dict[str, Any]) -> float:
    """Seconds of the whole program: start and warm-up once, and a part of the shapes scaled."""
    part = shapes_part(grid)
    run = run_peer(bench, peer, part)
    start_s = run.wall_s - run.seconds
    return start_s + run.seconds * model_epochs(grid) / model_epochs(part)


def shapes_part(grid: dict[str, Any]) -> dict[str, Any]:
    """The third of every five shapes, for a seventh of the model-epochs that each is trained."""
    axes = grid["grid"]
    epochs = max(1, sum(axes["epochs"]) // 7)
    return with_axes(grid, {"hidden": axes["hidden"][2::5], "epochs": [epochs]})


def scaled_note(grid: dict[str, Any]) -> str:
    """What was run of the grid, in words."""
    part = shapes_part(grid)
    shapes = f"{len(part['grid']['hidden'])} of {len(grid['grid']['hidden'])} shapes"
    passes = f"{model_epochs(part)} of {model_epochs(grid)} model-epochs"
    return f"scaled from {passes}, on {shapes}; start counted once"


SHAPES: dict[str, Callable[[Bench, Peer, dict[str, Any]], float]] = {
    "skorch_grid": scaled_shapes,
    "jax_pack": whole_shapes,
}


def in_turns(
    bench: Bench,
    peers: Sequence[Peer],
    forewarn: Callable[[], float],
    measure: Callable[[Peer], float],
) -> dict[str, list[Pair]]:
    """forewarn, a peer, forewarn, the next peer, and so on for all rounds."""
    pairs: dict[str, list[Pair]] = {peer.name: [] for peer in peers}
    for number in range(1, bench.rounds + 1):
        for peer in peers:
            print(f"round {number} of {bench.rounds}: {peer.name}", file=sys.stderr)
            pairs[peer.name].append(Pair(forewarn(), measure(peer)))
    return pairs


def run_forewarn(bench: Bench, grid: dict[str, Any]) -> float:
    """Seconds of a sweep from exec to exit."""
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder:
        path = Path(folder, "grid.json")
        path.write_text(json.dumps(grid))
        out = Path(folder, "run")
        command = [bench.forewarn, "sweep", path, "--data", bench.data, "--out", out, "--quiet"]
        began = time.perf_counter()
        run(command, dict(os.environ))
        return time.perf_counter() - began


def run_peer(bench: Bench, peer: Peer, grid: dict[str, Any], *flags: str) -> PeerRun:
    """Run a peer on a grid in a fresh process."""
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder:
        path = Path(folder, "grid.json")
        path.write_text(json.dumps(grid))
        command = [sys.executable, HERE / f"{peer.name}.py", bench.table, path, folder, *flags]
        began = time.perf_counter()
        output = run(command, os.environ | ONE_THREAD)
        wall_s = time.perf_counter() - began
    return PeerRun(wall_s, **json.loads(output.splitlines()[-1]))


def run(command: Sequence[str | Path], environment: dict[str, str]) -> str:
    """The standard output of a command; its failure ends the benchmark with what it said."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        line = " ".join(map(str, command))
        raise SystemExit(f"{done.stderr}\n{line}\nended with exit code {done.returncode}")
    return done.stdout


def machine(bench: Bench) -> str:
    """The processor, its cores and the system, in a line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cores = len(os.sched_getaffinity(0))
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    note = " A smoke run: its figures mean nothing." if bench.quick else ""
    return f"{names[0] if names else platform.machine()}, {cores} cores, {system}.{note}"


def versions(bench: Bench) -> str:
    """The versions of all that is compared, in a line."""
    forewarn = run([bench.forewarn, "--version"], dict(os.environ)).strip()
    packages = [f"{name} {version(name)}" for name in PACKAGES]
    return ", ".join([forewarn, f"Python {platform.python_version()}", *packages]) + "."


def spread(values: Sequence[float], digits: int) -> str:
    """Median, minimum and maximum."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


if __name__ == "__main__":
    main()
