"""Measures how far forewarn goes, through the real binary, and prints three Markdown tables.

The first has many small things: grids of up to 10,000 trials, each one epoch on 1,000 rows, and
curves of many epochs on a table of 64 rows, where the writing of records outweighs the arithmetic.
The second follows the resident memory of a sweep of 5,000 trials while it goes on. The third has
large tables: up to 1,000,000 rows of 50 numeric columns, with one worker thread and
with two. Two trials of one epoch differ in their optimizer, so that they are two packs and two
workers have one each. Time should grow no faster than rows, and memory hardly with workers.

Seconds are those of whole processes, from exec to exit; memory is the peak resident set that the
kernel counted. Every figure is the median of --runs runs. The tables need 0.7 GB in the folder for
temporary files, which TMPDIR names.

    python benches/limits.py
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

LARGE_ROWS = [250_000, 500_000, 1_000_000]
LARGE_COLUMNS = 50
QUICK_ROWS = [25_000, 50_000]

SMALL_TABLE = {
    # Of the first seeds, 3 is the first whose 1,000 rows have every class often enough to split.
    "source": {"synth": {"generator": "ai4i", "rows": 1000, "seed": 3}},
    "target": "Failure Type",
    "drop": ["UDI", "Product ID", "Target"],
    "categorical": ["Type"],
}
TINY_TABLE = {
    "source": {"synth": {"generator": "motor", "rows": 64, "seed": 1}},
    "target": "Motor Fails",
}


@dataclass(frozen=True)
class Run:
    """What one run of forewarn took: the median of several, or a single one."""

    seconds: float
    peak_mib: float
    curve_rows: int


@dataclass(frozen=True)
class Bench:
    """The binary, a folder to work in, and how often to run."""

    forewarn: Path
    folder: Path
    runs: int

    def sweep(self, data: dict[str, Any], axes: dict[str, list[Any]], *flags: str) -> Run:
        """The median of several runs of a grid."""
        runs = [self.sweep_once(data, axes, *flags) for _ in range(self.runs)]
        return Run(
            statistics.median(run.seconds for run in runs),
            statistics.median(run.peak_mib for run in runs),
            runs[0].curve_rows,
        )

    def sweep_once(self, data: dict[str, Any], axes: dict[str, list[Any]], *flags: str) -> Run:
        """One run of a grid, in a process of its own."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            grid, out, messages = (Path(folder, name) for name in ("grid.json", "run", "stderr"))
            grid.write_text(json.dumps({"name": "limits", "data": data, "grid": grid_of(axes)}))
            command = [self.forewarn, "sweep", grid, "--out", out, "--quiet", *flags]
            seconds, peak_mib = timed(command, messages)
            with (out / "curves.csv").open("rb") as file:
                curve_rows = sum(1 for _ in file) - 1
        return Run(seconds, peak_mib, curve_rows)


def main() -> None:
    """Run everything and print the tables."""
    args = arguments()
    if not args.forewarn.is_file():
        raise SystemExit(f"{args.forewarn} is not there: run cargo build, or give --forewarn PATH")
    with tempfile.TemporaryDirectory(prefix="forewarn-limits-") as folder:
        bench = Bench(args.forewarn.resolve(), Path(folder), 1 if args.quick else args.runs)
        many_trials(bench)
        long_sweep(bench, 500 if args.quick else 5000)
        large_tables(bench, QUICK_ROWS if args.quick else LARGE_ROWS)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--forewarn", type=Path, default=ROOT / "target/debug/forewarn", help="the binary"
    )
    parser.add_argument("--runs", type=count, default=3, help="runs of each [default: 3]")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="one run of each on smaller tables, to see that all works",
    )
    return parser.parse_args()


def count(text: str) -> int:
    """A number of runs."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def many_trials(bench: Bench) -> None:
    """Print what trials and rows of curves.csv cost."""
    bench.sweep_once(SMALL_TABLE, {})  # so that the libraries are in memory
    one = bench.sweep(SMALL_TABLE, {})
    print("| work | seconds | ms a trial beyond one | curve rows/s | peak memory, MiB |")
    print("|---|--:|--:|--:|--:|")
    print(f"| 1 trial of 1 epoch, 1,000 rows | {one.seconds:.2f} | | | {one.peak_mib:.0f} |")
    for seeds in (10, 100):
        axes = {"learning_rate": rates(100), "seed": list(range(seeds))}
        run = bench.sweep(SMALL_TABLE, axes)
        trials = 100 * seeds
        each_ms = (run.seconds - one.seconds) * 1000 / (trials - 1)
        print(
            f"| {trials:,} trials of 1 epoch, 1,000 rows | {run.seconds:.2f} | {each_ms:.3f} "
            f"| {run.curve_rows / run.seconds:,.0f} | {run.peak_mib:.0f} |"
        )
    run = bench.sweep(TINY_TABLE, {"learning_rate": rates(32), "epochs": [2000]})
    print(
        f"| 32 trials of 2,000 epochs, 64 rows | {run.seconds:.2f} | "
        f"| {run.curve_rows / run.seconds:,.0f} | {run.peak_mib:.0f} |"
    )


def long_sweep(bench: Bench, trials: int) -> None:
    """Print the resident memory of a long sweep each time another fifth of its trials has ended."""
    axes = {
        "learning_rate": rates(trials // 100),
        "seed": list(range(100)),
        "epochs": [10],
        "hidden": [[32, 16]],
    }
    print(f"\n| of {trials:,} trials of 10 epochs | seconds | resident memory, MiB |")
    print("|--:|--:|--:|")
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder:
        grid, out = Path(folder, "grid.json"), Path(folder, "run")
        grid.write_text(json.dumps({"name": "long", "data": SMALL_TABLE, "grid": grid_of(axes)}))
        began = time.perf_counter()
        command = [bench.forewarn, "sweep", grid, "--out", out, "--quiet"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            for fifth in range(1, 6):
                while process.poll() is None and ended(out) < trials * fifth // 5:
                    time.sleep(0.01)
                seconds, resident = time.perf_counter() - began, resident_mib(process.pid)
                print(f"| {trials * fifth // 5:,} | {seconds:.1f} | {resident} |")


def ended(out: Path) -> int:
    """How many trials the journal of a run has; its first line is of none."""
    try:
        return (out / "journal.jsonl").read_bytes().count(b"\n") - 1
    except FileNotFoundError:
        return 0


def resident_mib(process: int) -> str:
    """What a process has in memory now, in MiB; nothing where it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except FileNotFoundError:
        return "-"
    kib = [int(line.split()[1]) for line in lines if line.startswith("VmRSS:")]
    return f"{kib[0] / 1024:.0f}" if kib else "-"


def large_tables(bench: Bench, sizes: Sequence[int]) -> None:
    """Print what rows cost, with one worker and with two."""
    axes = {"hidden": [[64, 32]], "batch_size": [1024], "optimizer": ["adam", "adamw"]}
    print(f"\n| rows of {LARGE_COLUMNS} columns | jobs | seconds | µs a row | peak memory, MiB |")
    print("|--:|--:|--:|--:|--:|")
    for rows in sizes:
        path = bench.folder / "large.csv"
        write_table(path, rows)
        data = {"source": {"file": str(path)}, "target": "state"}
        for jobs in ("1", "2"):
            run = bench.sweep(data, axes, "--jobs", jobs)
            each_us = run.seconds * 1e6 / rows
            print(f"| {rows:,} | {jobs} | {run.seconds:.2f} | {each_us:.1f} | {run.peak_mib:.0f} |")


def rates(number: int) -> list[float]:
    """So many learning rates."""
    return [round(0.0001 * (place + 1), 4) for place in range(number)]


def grid_of(axes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """A grid of one tiny network for one epoch, with other values on some axes."""
    tiny = {"learning_rate": [0.001], "optimizer": ["adam"], "epochs": [1], "hidden": [[4]]}
    return {**tiny, **axes}


def timed(command: Sequence[str | Path], messages: Path) -> tuple[float, float]:
    """Seconds and peak resident MiB of a command; its failure ends the benchmark."""
    with messages.open("w") as stderr:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        line = " ".join(map(str, command))
        raise SystemExit(f"{messages.read_text()}\n{line}\nended with {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def write_table(path: Path, rows: int) -> None:
    """Write a table of numbers in three classes.

    A row is five pieces of ten cells, each drawn from a thousand that were written before: rows
    differ, and writing a million of them takes seconds. The classes are drawn apart: what can be
    learnt does not matter here.
    """
    draw = random.Random(1)
    pieces = [[piece(draw) for _ in range(1000)] for _ in range(LARGE_COLUMNS // 10)]
    choices = [["running", "worn", "broken"], *pieces]
    columns = [draw.choices(choice, k=rows) for choice in choices]
    with path.open("w") as file:
        file.write(",".join(["state", *(f"x{number}" for number in range(LARGE_COLUMNS))]) + "\n")
        file.writelines(",".join(cells) + "\n" for cells in zip(*columns))


def piece(draw: random.Random) -> str:
    """Ten cells."""
    return ",".join(f"{draw.gauss(0, 1):.4f}" for _ in range(10))


if __name__ == "__main__":
    main()
