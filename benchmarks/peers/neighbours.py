"""The peer of the benchmark `neighbours`: hnswlib. Prints one JSON object."""

import json
import resource
import sys
import time

import hnswlib
import numpy


def recall_of(found, truth):
    return (found[:, :, None] == truth[:, None, :]).any(axis=2).mean()


def main():
    task = json.loads(sys.argv[1])
    rows, columns, k, threads = (task[name] for name in ("rows", "columns", "k", "threads"))
    everything = numpy.fromfile(task["file"], dtype="<f4").reshape(-1, columns)
    vectors, queries = everything[:rows], everything[rows:]
    truth = numpy.fromfile(task["truth"], dtype="<i4").reshape(-1, k)
    index = hnswlib.Index(space="l2", dim=columns)
    begin = time.perf_counter()
    index.init_index(
        max_elements=rows,
        M=task["connections"],
        ef_construction=task["construction"],
        random_seed=1,
    )
    index.add_items(vectors, num_threads=threads)
    seconds = time.perf_counter() - begin
    for width in task["widths"]:
        index.set_ef(width)
        found, _ = index.knn_query(queries, k=k, num_threads=threads)
        if task["recall"] is None or recall_of(found.astype("<i4"), truth) < task["recall"]:
            continue
        begin = time.perf_counter()
        index.knn_query(queries, k=k, num_threads=threads)
        seconds = time.perf_counter() - begin
        break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if task.get("output"):
        found.astype("<i4").tofile(task["output"] + "/found.i32")
    print(json.dumps({"seconds": seconds, "peakBytes": peak}))


main()
