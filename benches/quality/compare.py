"""Compares the quality of forewarn's ensembles with that of tree ensembles; prints Markdown tables.

Each of five stratified folds is held out in turn, in each order of the rows. A model learns from
the other rows alone, choices of hyperparameters among them, and predicts the rows held out. The
scores are of all rows of a table together, each predicted once, for every order. forewarn sweeps
one grid file on all tables, of which only the data and steps that a table needs are changed. At
the end stands what of the bar holds: higher macro F1 and MCC than every peer.

The seconds are those of learning from and predicting one fold, with all cores, one model after
another. What has been predicted lies in the folder of --out, and is not done again by the next call
unless the table, the grid file, or the model's version or settings have changed.

    pip install --no-deps -r benches/quality/requirements.txt
    python benches/quality/compare.py --ai4i predictive_maintenance.csv --motor motor.csv
"""

import argparse
import os
import subprocess
from pathlib import Path

# OpenMP's threads spin while they wait, and take a shared core from the thread that works: on two
# cores beside other work XGBoost took ten times as long. Read when a library is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import report
import tables
from gluon import AutoGluon
from own import Forewarn
from peers import PEERS
from results import Model, Store
from tables import TABLES, Table

ROOT = Path(__file__).resolve().parents[2]

# The most seconds that forewarn may take for a fold.
LIMIT_S = 75.0


def main() -> None:
    """Predict what is not predicted yet, print and write the tables."""
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    store = Store(args.out)
    models = chosen_models(args, store)
    texts, lines = [], []
    for name in args.tables:
        source = source_of(name, args)
        if source is None:
            print(f"{name} is left out: there is no made table like it, give --steel FILE\n")
            continue
        table = TABLES[name](source)
        scored = compare(table, models, args, store)
        title = f"{name}: {len(table.cells)} rows, {table.inputs.shape[1]} features"
        texts.append("\n".join([title, "", report.markdown(list(scored.values()))]))
        print(texts[-1], flush=True)
        if "forewarn" in scored:
            own = scored.pop("forewarn")
            lines += report.demands(name, own, list(scored.values()), LIMIT_S)
    texts.append("\n".join(lines))
    print(texts[-1])
    (args.out / "quality.md").write_text("\n".join(texts) + "\n")


def compare(
    table: Table, models: list[Model], args: argparse.Namespace, store: Store
) -> dict[str, report.Scored]:
    """The scores of the models by their names; with --kept of those that have all results."""
    folds = tables.folds(table, args.orders, args.folds)
    scored = {}
    for model in models:
        take = store.find if args.kept else store.make
        results = [done for fold in folds if (done := take(table, fold, model))]
        if len(results) == len(folds):
            scored[model.name] = report.score(model.title, table, folds, results)
    return scored


def chosen_models(args: argparse.Namespace, store: Store) -> list[Model]:
    """The models that the command line names, forewarn first."""
    forewarn = Forewarn(args.forewarn, args.grid)
    models: list[Model] = [forewarn, *PEERS]
    if args.autogluon:
        models.append(AutoGluon(args.autogluon, store, forewarn))
    return [model for model in models if model.name in (args.models or [model.name])]


def source_of(name: str, args: argparse.Namespace) -> Path | None:
    """The file of a table: the one given, else a made one; of steel there is none."""
    if name == "steel":
        return args.steel
    if name == "motor":
        return args.motor or made_motor(args)
    return args.ai4i or ROOT / "data/ai4i_synthetic.csv"


def made_motor(args: argparse.Namespace) -> Path:
    """A generated table of the motor's shape."""
    path = args.out / "motor_synthetic.csv"
    words = ["synth", "motor", "--rows", "1000", "--seed", "42", "--out", path, "--overwrite"]
    subprocess.run([args.forewarn, *words], check=True, stdout=subprocess.DEVNULL)
    return path


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--forewarn", type=Path, default=ROOT / "target/debug/forewarn", help="the binary")
    add("--grid", type=Path, default=ROOT / "grids/best.json", help="the grid file for all tables")
    add("--ai4i", type=Path, help="the AI4I 2020 table [default: the embedded one]")
    add("--motor", type=Path, help="the motor's table [default: a generated one]")
    add("--steel", type=Path, help="the table of faults of steel plates [default: left out]")
    add("--out", type=Path, default=ROOT / "outputs/quality", help="the folder of the results")
    add("--tables", nargs="+", choices=TABLES, default=list(TABLES), help="only these tables")
    add("--orders", nargs="+", type=int, default=[0, 1], help="the orders [default: 0 1]")
    every = list(range(tables.FOLDS))
    add("--folds", nargs="+", type=int, choices=every, default=every, help="only these folds")
    names = ["forewarn", *(peer.name for peer in PEERS), "autogluon"]
    add("--models", nargs="+", choices=names, help="only these models")
    add("--kept", action="store_true", help="train nothing: show the results that are there")
    add("--autogluon", type=Path, metavar="PYTHON", help="a Python with requirements-autogluon.txt")
    args = parser.parse_args()
    args.forewarn = args.forewarn.resolve()
    if not args.forewarn.is_file():
        raise SystemExit(f"{args.forewarn} is not there: run cargo build, or give --forewarn PATH")
    return args


if __name__ == "__main__":
    main()
