"""The peer of the benchmark `online`: Feast's feature server. Prints one JSON object."""

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone

os.environ["FEAST_USAGE"] = "False"

import pandas
from feast import Entity, FeatureStore, FeatureView, Field, FileSource
from feast.types import Float64
from feast.value_type import ValueType


def build(task, names):
    settings = """project: bench
provider: local
registry: registry.db
entity_key_serialization_version: 3
online_store: {type: sqlite, path: online.db}
"""
    with open("feature_store.yaml", "w") as file:
        file.write(settings)
    keys = [f"k{index}" for index in range(task["entities"])]
    columns = {
        name: [(index * 31 + at * 7) / 8 + 0.1 for index in range(task["entities"])]
        for at, name in enumerate(names)
    }
    now = datetime.now(timezone.utc)
    frame = pandas.DataFrame({"entity": keys, "event_timestamp": now, **columns})
    frame.to_parquet("events.parquet")
    entity = Entity(name="entity", join_keys=["entity"], value_type=ValueType.STRING)
    source = FileSource(path="events.parquet", timestamp_field="event_timestamp")
    schema = [Field(name=name, dtype=Float64) for name in names]
    ttl = timedelta(days=3650)
    view = FeatureView(name="bench", entities=[entity], ttl=ttl, schema=schema, source=source)
    store = FeatureStore(repo_path=".")
    store.apply([entity, view])
    store.write_to_online_store("bench", frame)


def wait_for(port):
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("feast serve did not open its port")


def main():
    task = json.loads(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    names = [f"f{index}" for index in range(task["features"])]
    os.chdir(tempfile.mkdtemp(prefix="feast-online-"))
    build(task, names)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    feast = os.path.join(os.path.dirname(sys.executable), "feast")
    command = [feast, "serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with open("log", "w") as log:
        server = subprocess.Popen([*command, "--no-access-log"], stdout=log, stderr=log)
    try:
        wait_for(port)
        bodies = []
        for at in range(50):
            keys = [f"k{(at * 37 + index * 7) % task['entities']}" for index in range(task["keys"])]
            features = [f"bench:{name}" for name in names]
            bodies.append(json.dumps({"features": features, "entities": {"entity": keys}}))
        wish = {
            "url": f"http://127.0.0.1:{port}/get-online-features",
            "headers": {"content-type": "application/json"},
            "bodies": bodies,
            "output": task.get("output"),
            **task["asking"],
        }
        script = os.path.join(here, "../online/ask.ts")
        told = subprocess.run(
            [task["node"], script, json.dumps(wish)], check=True, stdout=subprocess.PIPE
        )
    finally:
        server.terminate()
        server.wait()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps({"seconds": json.loads(told.stdout)["p50"], "peakBytes": peak}))


main()
