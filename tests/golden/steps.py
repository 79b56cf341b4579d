"""Writes steps.json: what pandas and scikit-learn make of a small table, step by step.

Run it with pandas and scikit-learn installed: python tests/golden/steps.py
"""

import json
import pathlib

import numpy as np
import pandas as pd
import sklearn
from sklearn import preprocessing, tree

SEED = 20260101
ROWS = 60
# By time, the first 36 rows are train rows.
TRAIN = 36


def draw_table(rng):
    """Three machines in turn, uneven times, gaps in x, z and k; q is exact in 32 bits, as scikit-learn's trees compute."""
    hours = np.cumsum(rng.integers(1, 4, ROWS)) * 0.5
    time = pd.Timestamp("2015-01-30 21:30") + pd.to_timedelta(hours, unit="h")
    x = np.round(rng.normal(20, 5, ROWS), 2)
    x[[4, 9, 10, 11, 30, 47]] = np.nan
    x[[20, 50]] = [95.5, -60.25]
    z = rng.integers(0, 6, ROWS).astype(float)
    z[[0, 1, 2, 33]] = np.nan
    k = rng.choice(["a", "b", "c"], ROWS).astype(object)
    k[[5, 6, 40]] = None
    o = rng.choice(["low", "mid", "high"], ROWS).astype(object)
    # A category that the train rows do not hold.
    o[[45, 52]] = "top"
    return pd.DataFrame({
        "t": time,
        "d": [f"{one.month}/{one.day}/{one:%y} {one.hour}:{one:%M}" for one in time],
        "m": rng.choice(["m1", "m2", "m3"], ROWS),
        "x": x,
        "z": z,
        "k": k,
        "o": o,
        "y": rng.choice(["no", "yes"], ROWS),
        "q": np.round(np.random.default_rng(SEED + 1).normal(20, 5, ROWS) * 4) / 4,
    })


def draw_events(rng, table):
    """Events with repeated keys, before, at and after times of the table."""
    rows = rng.choice(ROWS, 30)
    shift = pd.to_timedelta(rng.choice([-3, -1, 0, 0, 1], 30), unit="h")
    events = pd.DataFrame({
        "t": table["t"].to_numpy()[rows] + shift.to_numpy(),
        "m": table["m"].to_numpy()[rows],
        "e": rng.choice(["e1", "e2", "e3"], 30),
    })
    return pd.concat([events, events.iloc[:4]], ignore_index=True)


def cells(column):
    """Numbers and text as JSON has them, times as milliseconds."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return [int(one.value // 1_000_000) for one in column]
    return [None if pd.isna(one) else one for one in column.tolist()]


def text(table):
    """The table as CSV."""
    return table.to_csv(index=False, date_format="%Y-%m-%d %H:%M")


def by_machine(table, make):
    """A column made machine by machine, in the order of the table."""
    made = [make(group.sort_values("t", kind="stable")) for _, group in table.groupby("m")]
    return pd.concat(made).reindex(table.index)


def rolling(group, column, window, function, least):
    """A column of a machine, rolled."""
    if isinstance(window, int):
        windows = group[column].rolling(window, min_periods=least)
    else:
        windows = group.set_index("t")[column].rolling(window, min_periods=least)
    return pd.Series(getattr(windows, function)().to_numpy(), index=group.index)


def scaled(table, scaler, column="x"):
    """A column by a scaler that has seen the train rows."""
    scaler.fit(table[[column]].iloc[:TRAIN].to_numpy())
    return pd.Series(scaler.transform(table[[column]].to_numpy())[:, 0])


def tree_edges(train, column, count, least):
    """The thresholds of a decision tree on one column."""
    there = train.dropna(subset=[column])
    grown = tree.DecisionTreeClassifier(max_leaf_nodes=count, min_samples_leaf=least)
    grown.fit(there[[column]].to_numpy(), there["y"])
    return np.sort(grown.tree_.threshold[grown.tree_.feature == 0])


def quantile_edges(train, column, count):
    """The quantiles between bins."""
    return np.unique(np.quantile(train[column].dropna(), np.arange(1, count) / count))


def thresholds(table, column, edges):
    """A column of zeros and ones an edge."""
    values = table[column]
    return {f"{column}>{shortest(edge)}": (values > edge).where(values.notna(), None) * 1.0 for edge in edges}


def bin_names(column, edges):
    """A name a bin."""
    ends = ["", *[shortest(edge) for edge in edges], ""]
    return [f"{column}={low}..{high}" for low, high in zip(ends, ends[1:])]


def one_hot_bins(table, column, edges):
    """A column of zeros and ones a bin."""
    values = table[column]
    place = np.digitize(values, edges, right=True)
    return {
        name: pd.Series(place == at).where(values.notna(), None) * 1.0
        for at, name in enumerate(bin_names(column, edges))
    }


def piecewise_linear(table, train, column, edges):
    """PLE, section 3.1 of Gorishniy et al. 2022."""
    ends = np.array([train[column].min(), *edges, train[column].max()])
    share = (table[[column]].to_numpy() - ends[:-1]) / np.diff(ends)
    share[:, 1:] = np.maximum(share[:, 1:], 0)
    share[:, :-1] = np.minimum(share[:, :-1], 1)
    return dict(zip(bin_names(column, edges), share.T))


def shortest(number):
    """A number in the fewest digits."""
    return np.format_float_positional(number, trim="-")


def cases(table, events, machines):
    """Every case: the step, and the columns that come out."""
    train = table.iloc[:TRAIN]

    def case(step, columns, before=()):
        made = {name: cells(pd.Series(column)) for name, column in columns.items()}
        found.append({"before": list(before), "step": step, "columns": made})

    found = []
    for keep, kept in [("first", "first"), ("last", "last"), ("none", False)]:
        left = table.drop_duplicates(["m", "k", "o"], keep=kept)
        case({"drop_duplicates": {"columns": ["m", "k", "o"], "keep": keep}}, {"x": left["x"]})
    case({"drop_missing": {"columns": ["x", "k"]}}, {"z": table.dropna(subset=["x", "k"])["z"]})
    case({"drop_rows": {"where": "z > 3"}}, {"x": table[~(table["z"] > 3)]["x"]})
    case({"parse_dates": {"columns": ["d"], "format": "%m/%d/%y %H:%M"}}, {
        "d": pd.to_datetime(table["d"], format="%m/%d/%y %H:%M")
    })

    for name, value in [
        ("mean", train["x"].mean()),
        ("median", train["x"].median()),
        ("most_frequent", train["x"].mode()[0]),
    ]:
        case({"fill": {"columns": ["x"], "with": name}}, {"x": table["x"].fillna(value)})
    frequent = train["k"].mode()[0]
    case({"fill": {"columns": ["k"], "with": "most_frequent"}}, {"k": table["k"].fillna(frequent)})
    case({"fill": {"columns": ["x"], "with": {"constant": -1.5}}}, {"x": table["x"].fillna(-1.5)})
    case({"fill": {"columns": ["k"], "with": {"constant": "?!"}}}, {"k": table["k"].fillna("?!")})
    case({"fill": {"columns": ["x", "k"], "with": "forward"}}, {
        "x": by_machine(table, lambda group: group["x"].ffill()),
        "k": by_machine(table, lambda group: group["k"].ffill()),
    })
    case({"fill": {"columns": ["x"], "with": "backward"}}, {
        "x": by_machine(table, lambda group: group["x"].bfill())
    })
    case({"clip": {"columns": ["x"], "lower": 15, "upper": 22.5}}, {"x": table["x"].clip(15, 22.5)})
    case({"clip": {"columns": ["x"], "upper": 22.5}}, {"x": table["x"].clip(upper=22.5)})
    for factor in [1.5, 0.5]:
        low, high = train["x"].quantile(0.25), train["x"].quantile(0.75)
        lower, upper = low - factor * (high - low), high + factor * (high - low)
        step = {"iqr_outliers": {"columns": ["x"], "factor": factor, "action": "clip"}}
        case(step, {"x": table["x"].clip(lower, upper)})

    case({"derive": {"u": "x * z - 2"}}, {"u": table["x"] * table["z"] - 2})
    parts = ["month", "day", "day_of_year", "weekday", "hour", "minute"]
    of_pandas = {"weekday": "day_of_week"}
    case({"time_parts": {"parts": parts}}, {
        f"t_{part}": getattr(table["t"].dt, of_pandas.get(part, part)) for part in parts
    })
    functions = ["mean", "std", "min", "max"]
    for window, least in [(3, 1), (4, 3), ("5h", 1), ("12h", 2)]:
        step = {"columns": ["x"], "windows": [window], "functions": functions, "min_periods": least}
        case({"rolling": step}, {
            f"x_{function}_{window}": by_machine(
                table, lambda group: rolling(group, "x", window, function, least)
            )
            for function in functions
        })
    case({"difference": {"columns": ["x"], "rows": [1, 3]}}, {
        f"x_diff_{rows}": by_machine(table, lambda group: group["x"].diff(rows)) for rows in [1, 3]
    })
    case({"lag": {"columns": ["z"], "rows": [2]}}, {
        "z_lag_2": by_machine(table, lambda group: group["z"].shift(2))
    })
    for every in ["6h", "1d"]:
        for name in ["mean", "sum", "min", "max", "first", "last"]:
            groups = table.groupby(["m", pd.Grouper(key="t", freq=every.replace("1d", "1D"))], sort=False)
            # An empty sum is missing, and spans without rows make no row.
            summed = groups["x"].sum(min_count=1) if name == "sum" else getattr(groups["x"], name)()
            last = groups["t"].max()
            made = pd.DataFrame({"x": summed, "t": last, "k": groups["k"].last()}).dropna(subset="t")
            made = made.droplevel("t").reset_index()
            order = {machine: place for place, machine in enumerate(table["m"].unique())}
            made = made.sort_values(["m", "t"], key=lambda one: one.map(order) if one.name == "m" else one)
            step = {"resample": {"every": every, "columns": {"x": name}}}
            case(step, {"m": made["m"], "t": made["t"], "x": made["x"], "k": made["k"]})

    one_hot = preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    one_hot.fit(train[["o"]])
    names = [f"o={category}" for category in one_hot.categories_[0]]
    case({"one_hot": {"columns": ["o"], "unseen": "ignore"}}, dict(
        zip(names, one_hot.transform(table[["o"]]).T)
    ))
    ordinal = preprocessing.OrdinalEncoder(
        categories=[["low", "mid", "high"]],
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
    )
    made = ordinal.fit(train[["o"]]).transform(table[["o"]])[:, 0]
    case({"ordinal": {"orders": {"o": ["low", "mid", "high"]}, "unseen": "ignore"}}, {"o": made})

    for name, scaler in [
        ("standard", preprocessing.StandardScaler()),
        ("min_max", preprocessing.MinMaxScaler()),
        ("robust", preprocessing.RobustScaler()),
    ]:
        for column in ["x", "z"]:
            made = scaled(table, scaler, column)
            case({"scale": {"columns": [column], "method": name}}, {column: made})
    for column in ["x", "z"]:
        quantiles = preprocessing.QuantileTransformer(
            n_quantiles=int(train[column].count()), output_distribution="normal", subsample=None
        )
        quantiles.fit(train[[column]].to_numpy())
        # Its rounding makes 1.9999999999999982 of a 2, and so another rank of all that are 2.
        quantiles.quantiles_ = quantiles.quantiles_.round(12)
        made = pd.Series(quantiles.transform(table[[column]].to_numpy())[:, 0])
        case({"scale": {"columns": [column], "method": "quantile_normal"}}, {column: made})

    of_tree = {"columns": ["q"], "count": 6, "min_rows": 3}
    edges = tree_edges(train, "q", 6, 3)
    case({"bins": of_tree}, {"q": table["q"], **thresholds(table, "q", edges)})
    case({"bins": {**of_tree, "encode": "one_hot"}}, one_hot_bins(table, "q", edges))
    case({"bins": {**of_tree, "encode": "piecewise_linear"}}, piecewise_linear(table, train, "q", edges))
    case({"bins": {"columns": ["z"], "count": 4, "min_rows": 2}}, thresholds(table, "z", tree_edges(train, "z", 4, 2)))
    for column in ["x", "z"]:
        step = {"columns": [column], "by": "quantiles", "count": 5}
        edges = quantile_edges(train, column, 5)
        edges = edges[edges < train[column].max()]
        case({"bins": step}, thresholds(table, column, edges))
        case({"bins": {**step, "encode": "one_hot"}}, one_hot_bins(table, column, edges))
        edges = edges[edges > train[column].min()]
        made = piecewise_linear(table, train, column, edges)
        case({"bins": {**step, "encode": "piecewise_linear"}}, made)

    joined = table.merge(machines, on="m", how="left")
    case({"join": {"table": "machines", "by": "group"}}, {
        "model": joined["model"],
        "age": joined["age"],
    })
    once = events.drop_duplicates(["t", "m"])
    joined = table.merge(once, on=["m", "t"], how="left")
    case({"join": {"table": "once", "by": "group_and_time"}}, {"e": joined["e"]})
    joined = pd.merge_asof(table, once.sort_values("t", kind="stable"), on="t", by="m")
    case({"join": {"table": "once", "by": "latest"}}, {"e": joined["e"]})

    def of_machine(row):
        return events[events["m"] == row["m"]]

    def count(row, kind, within):
        ago = row["t"] - of_machine(row)["t"]
        lately = (ago >= pd.Timedelta(0)) & (ago < within)
        return float((lately & (of_machine(row)["e"] == kind)).sum())

    def hours_since(row, kind):
        before = of_machine(row)
        before = before[(before["e"] == kind) & (before["t"] <= row["t"])]["t"]
        return np.nan if before.empty else (row["t"] - before.max()) / pd.Timedelta("1h")

    kinds = ["e1", "e2", "e3"]
    within = pd.Timedelta("6h")
    case({"count_events": {"table": "events", "column": "e", "within": "6h"}}, {
        f"{kind}_count_6h": table.apply(count, axis=1, args=(kind, within)) for kind in kinds
    })
    case({"time_since": {"table": "events", "column": "e"}}, {
        f"hours_since_{kind}": table.apply(hours_since, axis=1, args=(kind,)) for kind in kinds
    })

    def label(row):
        ahead = of_machine(row)
        ahead = ahead[(ahead["t"] > row["t"]) & (ahead["t"] <= row["t"] + within)]
        if not ahead.empty:
            return ahead[ahead["t"] == ahead["t"].min()]["e"].min()
        return "none" if row["t"] + within <= table["t"].max() else None

    labels = table.apply(label, axis=1)
    step = {"label": {"table": "events", "column": "e", "within": "6h", "otherwise": "none"}}
    known = labels.notna()
    case(step, {"next": labels[known], "x": table["x"][known]})
    return found


def main():
    """Draws the tables and writes every case."""
    rng = np.random.default_rng(SEED)
    table = draw_table(rng)
    events = draw_events(rng, table)
    machines = pd.DataFrame({"m": ["m3", "m1", "m9"], "model": ["old", "new", "old"], "age": [7, 2, 1]})
    golden = {
        "pandas": pd.__version__,
        "scikit-learn": sklearn.__version__,
        "table": text(table),
        "events": text(events),
        "once": text(events.drop_duplicates(["t", "m"])),
        "machines": text(machines),
        "cases": cases(table, events, machines),
    }
    path = pathlib.Path(__file__).with_name("steps.json")
    lines = ",\n".join(f"  {json.dumps(case)}" for case in golden.pop("cases"))
    rest = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in golden.items())
    path.write_text(f'{{\n{rest},\n "cases": [\n{lines}\n ]\n}}\n')


if __name__ == "__main__":
    main()
