"""The peer of the benchmark `als`: implicit's conjugate gradient. Prints one JSON object."""

import gzip
import json
import resource
import sys
import time

import numpy
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares


def read(path, users, items):
    rows, columns = [], []
    with gzip.open(path, "rt") as lines:
        for line in lines:
            user, *met = map(int, line.split())
            rows.extend([user] * len(met))
            columns.extend(met)
    ones = numpy.ones(len(rows), dtype=numpy.float32)
    return scipy.sparse.csr_matrix((ones, (rows, columns)), shape=(users, items))


def read_simulated(path, users, items):
    """The part to train on comes first: offsets, then the items between them."""
    words = numpy.fromfile(path, dtype="<i4")
    offsets = words[: users + 1]
    indices = words[users + 1 : users + 1 + offsets[users]]
    ones = numpy.ones(len(indices), dtype=numpy.float32)
    return scipy.sparse.csr_matrix((ones, indices, offsets), shape=(users, items))


def main():
    task = json.loads(sys.argv[1])
    if "file" in task:
        train = read_simulated(task["file"], task["users"], task["items"])
    else:
        train = read(task["train"], task["users"], task["items"])
    model = AlternatingLeastSquares(
        factors=task["factors"],
        alpha=task["alpha"],
        regularization=task["regularisation"],
        iterations=task["iterations"],
        num_threads=task["threads"],
        use_cg=True,
        dtype=numpy.float32,
        random_state=1,
    )
    begin = time.perf_counter()
    model.fit(train, show_progress=False)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if task.get("output"):
        model.user_factors.astype("<f4").tofile(task["output"] + "/users.f32")
        model.item_factors.astype("<f4").tofile(task["output"] + "/items.f32")
    print(json.dumps({"seconds": seconds, "peakBytes": peak}))


main()
