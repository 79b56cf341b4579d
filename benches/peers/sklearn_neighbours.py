"""scikit-learn's neighbours as a program: sklearn_neighbours.py MODEL QUERIES OUT.

MODEL is the folder of one of forewarn's knn models, whose train rows are taken; OUT gets the rows
of QUERIES with the probabilities of their classes.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import load_file
from sklearn.neighbors import KNeighborsClassifier


def main() -> None:
    """Read, predict, write."""
    folder, queries, out = map(Path, sys.argv[1:])
    model = json.loads((folder / "model.json").read_text())
    train = load_file(folder / "model.safetensors")
    asked = pd.read_csv(queries)
    classifier = KNeighborsClassifier(model["neighbours"]["n_neighbors"], n_jobs=2)
    classifier.fit(train["rows"], train["labels"])
    # forewarn prepares rows as 32-bit floats.
    probabilities = classifier.predict_proba(asked[model["inputs"]].to_numpy(np.float32))
    names = [f"probability_{name}" for name in model["classes"]]
    predicted = np.array(model["classes"])[probabilities.argmax(axis=1)]
    asked.assign(predicted=predicted, **dict(zip(names, probabilities.T))).to_csv(out, index=False)


if __name__ == "__main__":
    main()
