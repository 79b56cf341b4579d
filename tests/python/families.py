"""Runs the lines of the docs that read a model's file; says how far probabilities are apart.

Question: {"code": the lines, "folder": of the model, "predictions": what forewarn predict wrote}; of a model
of several members also {"families": the lines of each family, "parts": a folder to take it apart into}.
Answer: the largest difference of a probability.
"""

import csv
import json
import sys

import numpy as np


def run(code, place, folder):
    """The names that the lines define, with the folder in the place of the docs' own."""
    assert place in code
    names = {}
    exec(code.replace(place, repr(folder)), names)
    return names


question = json.load(sys.stdin)
folder = question["folder"]
described = json.load(open(f"{folder}/model.json", encoding="utf-8"))
members = [member["model"] for member in described.get("members", [])]
model = (members or [described])[0]
rows = list(csv.DictReader(open(question["predictions"], encoding="utf-8")))
x = np.array([[row[name] for name in model["inputs"]] for row in rows], dtype=np.float32)
told = np.array(
    [[row[f"probability_{name}"] for name in model["classes"]] for row in rows], dtype=np.float64
)
best = '"outputs/families/best"'
if "parts" in question:
    names = run(question["code"], '"outputs/families/stacked"', folder)
    parts = question["parts"]
    names["take_apart"](parts)
    codes = [question["families"][member["family"]] for member in members]
    parts = [run(code, best, f"{parts}/{place}") for place, code in enumerate(codes)]
    found = names["combine"]([part["probabilities"](x) for part in parts])
else:
    found = run(question["code"], best, folder)["probabilities"](x)
json.dump(float(np.abs(found - told).max()), sys.stdout)
