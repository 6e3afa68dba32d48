"""The peer of the benchmark `point-in-time`: Feast's historical features. Prints one JSON object."""

import json
import os
import resource
import sys
import tempfile
import time
from datetime import timedelta

os.environ["FEAST_USAGE"] = "False"

import pandas
import pyarrow.parquet
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig
from feast.types import Float64, Int64
from feast.value_type import ValueType


def main():
    task = json.loads(sys.argv[1])
    name = f".peers/data/point-in-time-{task['labels']}-{task['views']}x{task['events']}"
    folder = os.path.abspath(name)
    work = tempfile.mkdtemp(prefix="feast-bench-")
    os.chdir(work)
    store = FeatureStore(
        config=RepoConfig(
            project="bench",
            provider="local",
            registry="registry.db",
            offline_store={"type": task["store"]},
            online_store=None,
            entity_key_serialization_version=3,
        )
    )
    entity = Entity(name="entity", join_keys=["entity"], value_type=ValueType.STRING)
    views = []
    for view in range(task["views"]):
        path = os.path.join(folder, f"events-{view}.parquet")
        source = FileSource(path=path, timestamp_field="at")
        fields = [(f"v{view}", Float64), (f"c{view}", Int64), (f"d{view}", Int64)]
        schema = [Field(name=field, dtype=dtype) for field, dtype in fields]
        ttl = timedelta(days=3650)
        views.append(
            FeatureView(name=f"view{view}", entities=[entity], ttl=ttl, schema=schema, source=source)
        )
    store.apply([entity, *views])
    labels = pandas.read_parquet(os.path.join(folder, "labels.parquet"))
    labels = labels.rename(columns={"at": "event_timestamp"})
    features = [f"view{view}:{part}{view}" for view in range(task["views"]) for part in "vcd"]
    begin = time.perf_counter()
    found = store.get_historical_features(entity_df=labels, features=features).to_arrow()
    seconds = time.perf_counter() - begin
    if "output" in task:
        pyarrow.parquet.write_table(found, os.path.join(task["output"], "set.parquet"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peakBytes": peak}))


main()
