"""The peer of the benchmark `classic`: scikit-learn. Prints one JSON object."""

import json
import resource
import sys
import time

import numpy
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits


def read(task):
    rows, columns = task["rows"], task["columns"]
    values = numpy.fromfile(task["file"], dtype="<f4")
    x, rest = values[: rows * columns].reshape(rows, columns), values[rows * columns :]
    return x, rest[:rows], rest[rows:]


def linear(task, x, target, labels):
    if task["work"] == "ridge":
        model = Ridge(alpha=1.0).fit(x, target)
    else:
        model = LogisticRegression(C=1.0, max_iter=1000).fit(x, labels)
    return lambda: numpy.append(numpy.ravel(model.coef_), model.intercept_)


def k_means(task, x, target, labels):
    model = KMeans(20, n_init=1, max_iter=20, tol=0, random_state=1).fit(x)
    return lambda: model.cluster_centers_


def pca(task, x, target, labels):
    model = PCA(10, svd_solver="covariance_eigh").fit(x)
    return lambda: model.components_


def isolation_forest(task, x, target, labels):
    scores = IsolationForest(n_jobs=task["threads"], random_state=1).fit(x).score_samples(x[:100000])
    return lambda: scores


def random_forest(task, x, target, labels):
    held_out = 100000
    forest = RandomForestClassifier(20, max_depth=12, n_jobs=task["threads"], random_state=1)
    forest.fit(x[:-held_out], labels[:-held_out])
    return lambda: forest.predict_proba(x[-held_out:])[:, 1]


works = {
    "ridge": linear,
    "logistic": linear,
    "k-means": k_means,
    "pca": pca,
    "isolation-forest": isolation_forest,
    "random-forest": random_forest,
}


def main():
    task = json.loads(sys.argv[1])
    x, target, labels = read(task)
    # The harness holds BLAS to one thread; this work is all BLAS, so it gets its threads back.
    with threadpool_limits(limits=task["threads"]):
        begin = time.perf_counter()
        outcome = works[task["work"]](task, x, target, labels)
        seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if task.get("output"):
        numpy.ravel(outcome()).astype("<f8").tofile(task["output"] + "/outcome.f64")
    print(json.dumps({"seconds": seconds, "peakBytes": peak}))


main()
