"""The peer of the benchmark `delivery`: pandas reads, pandera checks. Prints one JSON object."""

import json
import os
import resource
import sys
import time

import pandas
import pandera.pandas as pandera

STOREFRONTS = ["us", "fr", "jp", "de", "br"]
NAMES = r"[ -~]{1,256}"


def read(task, path):
    if task["format"] == "parquet":
        frame = pandas.read_parquet(path)
        frame["playedAt"] = pandas.to_datetime(frame["playedAt"], utc=True)
        return frame
    frame = pandas.read_csv(path, engine="pyarrow", dtype={"account": "str", "item": "str", "storefront": "str"})
    frame["playedAt"] = pandas.to_datetime(frame["playedAt"], format="ISO8601", utc=True)
    return frame


def schema():
    since, until = pandas.Timestamp("2020-01-01", tz="UTC"), pandas.Timestamp("2027-01-01", tz="UTC")
    check = pandera.Check
    return pandera.DataFrameSchema(
        {
            "account": pandera.Column(str, check.str_matches(NAMES), nullable=False),
            "item": pandera.Column(str, check.str_matches(NAMES), nullable=False),
            "id": pandera.Column("int64", check.ge(0), unique=True),
            "playedAt": pandera.Column(None, check.in_range(since, until), nullable=False),
            "msPlayed": pandera.Column("int64", check.in_range(0, 86400000)),
            "storefront": pandera.Column(str, check.isin(STOREFRONTS), nullable=False),
            "rating": pandera.Column("float64", check.in_range(0, 5), nullable=True),
        },
        strict=True,
    )


def main():
    task = json.loads(sys.argv[1])
    path = f".peers/data/events-{task['rows']}.{task['format']}"
    begin = time.perf_counter()
    frame = read(task, path)
    bad = set()
    try:
        schema().validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        bad = set(errors.failure_cases["index"].dropna())
    seconds = time.perf_counter() - begin
    if "output" in task:
        with open(os.path.join(task["output"], "outcome.json"), "w") as file:
            json.dump({"rows": len(frame), "bad": len(bad)}, file)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peakBytes": peak}))


main()
