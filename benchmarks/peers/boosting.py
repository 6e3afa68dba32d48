"""The peers of the benchmark `boosting`: LightGBM, XGBoost, scikit-learn. Prints one JSON object."""

import json
import resource
import sys
import time

import numpy


def read(table):
    values = numpy.fromfile(table["file"], dtype="<f4")
    rows, train, columns = table["train"] + table["test"], table["train"], table["columns"]
    x, labels = values[: rows * columns].reshape(rows, columns), values[rows * columns :]
    return x[:train], labels[:train], x[train:]


def lightgbm(task, x, labels):
    import lightgbm

    settings = {
        "objective": "binary",
        "num_leaves": task["leaves"],
        "learning_rate": task["learningRate"],
        "max_bin": task["bins"],
        "min_data_in_leaf": task["minRows"],
        "num_threads": task["threads"],
        "verbose": -1,
    }

    def work():
        categorical = task["table"]["categorical"]
        data = lightgbm.Dataset(x, labels, params=settings, categorical_feature=categorical)
        return lightgbm.train(settings, data, task["rounds"]).predict

    return work


def xgboost(task, x, labels):
    import xgboost

    types = ["q"] * x.shape[1]
    for column in task["table"]["categorical"]:
        types[column] = "c"
    columns = {"feature_types": types, "enable_categorical": True}
    settings = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "grow_policy": "lossguide",
        "max_leaves": task["leaves"],
        "max_depth": 0,
        "eta": task["learningRate"],
        "max_bin": task["bins"],
        # It knows no least rows, only a least sum of hessians, which are at most 1/4.
        "min_child_weight": task["minRows"] / 4,
        "lambda": 0,
        "nthread": task["threads"],
    }

    def work():
        data = xgboost.QuantileDMatrix(x, labels, max_bin=task["bins"], nthread=task["threads"], **columns)
        model = xgboost.train(settings, data, task["rounds"])
        return lambda rows: model.predict(xgboost.DMatrix(rows, **columns))

    return work


def scikit_learn(task, x, labels):
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingClassifier(
        max_iter=task["rounds"],
        max_leaf_nodes=task["leaves"],
        learning_rate=task["learningRate"],
        max_bins=task["bins"],
        min_samples_leaf=task["minRows"],
        categorical_features=task["table"]["categorical"] or None,
        early_stopping=False,
    )

    def work():
        with threadpool_limits(limits=task["threads"]):
            model.fit(x, labels)
        return lambda rows: model.predict_proba(rows)[:, 1]

    return work


peers = {"lightgbm": lightgbm, "xgboost": xgboost, "scikit-learn": scikit_learn}


def main():
    task = json.loads(sys.argv[1])
    x, labels, test = read(task["table"])
    work = peers[task["peer"]](task, x, labels)
    begin, before = time.perf_counter(), time.process_time()
    predict = work()
    seconds, spent = time.perf_counter() - begin, time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if task.get("output"):
        numpy.ravel(predict(test)).astype("<f8").tofile(task["output"] + "/probabilities.f64")
    print(json.dumps({"seconds": seconds, "cpuSeconds": spent, "peakBytes": peak}))


main()
