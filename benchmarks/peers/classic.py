"""The peer of the benchmark `classic`: scikit-learn. Prints one JSON object."""

import json
import resource
import sys
import time

import numpy
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits


def read(task):
    rows, columns = task["rows"], task["columns"]
    values = numpy.fromfile(task["file"], dtype="<f4")
    x, rest = values[: rows * columns].reshape(rows, columns), values[rows * columns :]
    return x, rest[:rows], rest[rows:]


def main():
    task = json.loads(sys.argv[1])
    x, target, labels = read(task)
    if task["work"] == "ridge":
        model, y = Ridge(alpha=1.0), target
    else:
        model, y = LogisticRegression(C=1.0, max_iter=1000), labels
    # The harness holds BLAS to one thread; this work is all BLAS, so it gets its threads back.
    with threadpool_limits(limits=task["threads"], user_api="blas"):
        begin = time.perf_counter()
        model.fit(x, y)
        seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if task.get("output"):
        outcome = numpy.append(numpy.ravel(model.coef_), model.intercept_)
        outcome.astype("<f8").tofile(task["output"] + "/outcome.f64")
    print(json.dumps({"seconds": seconds, "peakBytes": peak}))


main()
