"""Writes text_reference.json: how well scikit-learn tells great reviews of fine foods from others, by words and pairs of words.

Run with scikit-learn 1.2 (the Debian 12 package python3-sklearn), from this folder:

    /usr/bin/python3 make_text_reference.py

Nothing is drawn at random, so the same versions write the same file. The seconds that it took are printed, not written.
"""
import csv
import json
import platform
import time

import numpy
import scipy
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

TABLE = "../../../examples/MicrosoftML/data/fine-foods-reviews.csv"

with open(TABLE, newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))

# Every fifth row is a test row; the table says so itself.
assert all((row["part"] == "test") == (i % 5 == 0) for i, row in enumerate(rows))
train = [row for row in rows if row["part"] == "train"]
test = [row for row in rows if row["part"] == "test"]
great = [row["score"] == "great" for row in test]

start = time.perf_counter()
words = TfidfVectorizer(ngram_range=(1, 2))
features = words.fit_transform(row["review"] for row in train)
model = LogisticRegression(C=1, max_iter=1000)
model.fit(features, [row["score"] == "great" for row in train])
scores = model.predict_proba(words.transform(row["review"] for row in test))[:, 1]
print(f"{time.perf_counter() - start:.2f} s")

with open("text_reference.json", "w", encoding="utf-8") as file:
    json.dump(
        {
            "versions": {
                "python": platform.python_version(),
                "scikit-learn": sklearn.__version__,
                "numpy": numpy.__version__,
                "scipy": scipy.__version__,
            },
            "table": "fine-foods-reviews.csv",
            "features": "TfidfVectorizer(ngram_range=(1, 2))",
            "model": "LogisticRegression(C=1, max_iter=1000)",
            "trainRows": len(train),
            "testRows": len(test),
            "featureCount": int(features.shape[1]),
            "rocAuc": float(roc_auc_score(great, scores)),
        },
        file,
        indent=2)
    file.write("\n")
