"""The peer of the benchmark `text`: scikit-learn. Prints one JSON object."""

import json
import resource
import sys
import time
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/snips-nlu"


def lines(name):
    return [line.strip() for line in (FOLDER / name).read_text().rstrip("\n").split("\n")]


def vectoriser(terms):
    if terms == "words":
        return TfidfVectorizer(ngram_range=(1, 2))
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))


def main():
    task = json.loads(sys.argv[1])
    texts, labels, dev = lines("train.seq.in"), lines("train.label"), lines("dev.seq.in")
    model = LogisticRegression(C=1.0, max_iter=1000) if task["model"] == "logistic" else LinearSVC(C=1.0)
    chain = make_pipeline(vectoriser(task["terms"]), model)
    with threadpool_limits(task["threads"]):
        begin = time.perf_counter()
        chain.fit(texts, labels)
        seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if task.get("output"):
        with open(task["output"] + "/predicted.json", "w") as file:
            json.dump(list(chain.predict(dev)), file)
    print(json.dumps({"seconds": seconds, "peakBytes": peak}))


main()
