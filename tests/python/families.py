"""Runs the lines of the docs that read a model's file; says how far probabilities are apart.

Question: {"code": the lines, "folder": of the model, "predictions": what forewarn predict wrote}.
Answer: the largest difference of a probability.
"""

import csv
import json
import sys

import numpy as np

question = json.load(sys.stdin)
folder = question["folder"]
model = json.load(open(f"{folder}/model.json", encoding="utf-8"))
rows = list(csv.DictReader(open(question["predictions"], encoding="utf-8")))
x = np.array([[row[name] for name in model["inputs"]] for row in rows], dtype=np.float32)
told = np.array(
    [[row[f"probability_{name}"] for name in model["classes"]] for row in rows], dtype=np.float64
)
code = question["code"].replace('best = "outputs/families/best"', f"best = {folder!r}")
names = {}
exec(code, names)
json.dump(float(np.abs(names["probabilities"](x) - told).max()), sys.stdout)
