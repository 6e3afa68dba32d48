"""The peer of the benchmark `ranking`: LightGBM. Prints one JSON object."""

import gzip
import json
import resource
import statistics
import sys
import time

import lightgbm
import numpy

COLUMNS = 301


def read(folder, part):
    with gzip.open(f"{folder}/rank.{part}.gz", "rt") as file:
        lines = [line.split() for line in file if line.strip()]
    x = numpy.zeros((len(lines), COLUMNS))
    for row, (_, *cells) in enumerate(lines):
        for cell in cells:
            column, value = cell.split(":")
            x[row, int(column)] = float(value)
    groups = numpy.loadtxt(f"{folder}/rank.{part}.query", dtype=int)
    return x, numpy.array([float(line[0]) for line in lines]), groups


def main():
    task = json.loads(sys.argv[1])
    x, grades, groups = read(task["folder"], "train")
    settings = {
        "objective": "lambdarank",
        "num_leaves": task["leaves"],
        "learning_rate": task["learningRate"],
        "max_bin": task["bins"],
        "min_data_in_leaf": task["minRows"],
        "num_threads": task["threads"],
        "verbose": -1,
    }

    def fit():
        data = lightgbm.Dataset(x, grades, group=groups, params=settings)
        return lightgbm.train(settings, data, task["rounds"])

    model = fit()
    seconds, spent = [], []
    for _ in range(task["repeats"]):
        begin, before = time.perf_counter(), time.process_time()
        model = fit()
        seconds.append(time.perf_counter() - begin)
        spent.append(time.process_time() - before)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if task.get("output"):
        test, _, _ = read(task["folder"], "test")
        model.predict(test).astype("<f8").tofile(task["output"] + "/scores.f64")
    found = {"seconds": statistics.median(seconds), "cpuSeconds": statistics.median(spent)}
    print(json.dumps({**found, "peakBytes": peak}))


main()
