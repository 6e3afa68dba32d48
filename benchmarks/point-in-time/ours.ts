import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createId, digestOfBytes, realIo } from '@backlot/core';
import {
  contractData,
  contractDigest,
  float,
  int,
  key,
  openDuckDb,
  relation,
  type Snapshot,
  type Table,
  table,
  timestamp,
} from '@backlot/data';
import { entity, featureView, trainingSet } from '@backlot/features';
import { labelledFiles } from './labelled.ts';

const task = JSON.parse(process.argv[2]!);
const root = join(import.meta.dirname, '../..');
const files = await labelledFiles(task);
const options = { purposes: ['train'] } as const;
const labels = table(
  'labels',
  { label: int(), entity: key('entity'), at: timestamp() } as never,
  options,
);

/** A snapshot over a file that is there already, as if it had been delivered. */
function snapshotOf(contract: Table, path: string): Snapshot {
  const data = contractData(contract);
  const manifest: Snapshot['manifest'] = {
    ...{
      kind: 'snapshot',
      table: data.table,
      contract: data,
      contractDigest: contractDigest(data),
    },
    ...{ rows: 0, buckets: 1, files: [], delivery: 'drawn' },
  };
  return { digest: digestOfBytes(path), manifest, purpose: 'train', paths: [join(root, path)] };
}

const tables = files.events.map((_, view) =>
  table(
    `events${view}`,
    {
      ...{ event: int(), entity: key('entity'), at: timestamp() },
      ...{ [`v${view}`]: float(), [`c${view}`]: int(), [`d${view}`]: int() },
    } as never,
    options,
  ),
);
const views = tables.map((events, view) =>
  featureView(`view${view}`, {
    ...{
      entity: entity('entity', { key: 'entity' }),
      from: relation(events),
      at: 'at',
    },
    event: 'event',
    // biome-ignore lint/suspicious/noExplicitAny: the columns of the tables are made in a loop.
    features: (of: any) => ({
      [`v${view}`]: of.latest(`v${view}`),
      [`c${view}`]: of.latest(`c${view}`),
      [`d${view}`]: of.latest(`d${view}`),
    }),
  } as never),
);
const set = trainingSet(relation(labels), views as never, { at: 'at' } as never);
const io = realIo();
const scratch = join(tmpdir(), `backlot-pit-${createId(io.random)}`);
const engine = openDuckDb({ io, memoryMiB: task.memoryMiB, threads: task.threads, scratch });
const snapshots = [
  snapshotOf(labels, files.labels),
  ...tables.map((events, view) => snapshotOf(events, files.events[view]!)),
];
const begin = performance.now();
const { path } = await engine.write(
  set as never,
  { snapshots, purpose: 'train', name: 'set' } as never,
);
const seconds = (performance.now() - begin) / 1000;
if (task.output) await copyFile(path, join(task.output, 'set.parquet'));
await io.files.remove(scratch);
console.log(JSON.stringify({ seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }));
