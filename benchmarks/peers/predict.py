"""The peers of the benchmark `predict`: LightGBM and ONNX Runtime. Prints one JSON object."""

import json
import resource
import statistics
import sys
import time

import numpy

JUDGED = 10_000


def lightgbm(task):
    import lightgbm

    model = lightgbm.Booster(model_file=task["model"])
    # One row is answered faster without a team of threads.
    threads = 1 if task["rows"] == 1 else task["threads"]
    return lambda x: model.predict(x, num_threads=threads)


def onnxruntime(task):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1 if task["rows"] == 1 else task["threads"]
    session = onnxruntime.InferenceSession(task["model"], options, ["CPUExecutionProvider"])
    return lambda x: session.run(["probabilities"], {"features": x})[0][:, 1]


def main():
    task = json.loads(sys.argv[1])
    columns, rows = task["columns"], task["rows"]
    offset = task["first"] * columns * 4
    values = numpy.fromfile(task["file"], dtype="<f4", count=JUDGED * columns, offset=offset)
    x = values.reshape(JUDGED, columns)
    predict = {"lightgbm": lightgbm, "onnxruntime": onnxruntime}[task["peer"]](task)
    found = numpy.zeros(JUDGED)

    def work():
        begin = time.perf_counter()
        for first in range(0, JUDGED, rows):
            found[first : first + rows] = predict(x[first : first + rows])
        return (time.perf_counter() - begin) / JUDGED * rows

    work()
    before = time.process_time()
    seconds = [work() for _ in range(task["repeats"])]
    spent = (time.process_time() - before) / (task["repeats"] * JUDGED) * rows
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if task.get("output"):
        found.astype("<f8").tofile(task["output"] + "/probabilities.f64")
    print(json.dumps({"seconds": statistics.median(seconds), "cpuSeconds": spent, "peakBytes": peak}))


main()
