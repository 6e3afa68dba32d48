import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  fit,
  type Matrix,
  type NearestSearcher,
  nearestNeighbours,
  openNearest,
} from '@backlot/learn';
import { readClustered, readTruth, recallOf } from './clustered.ts';

const task = JSON.parse(process.argv[2]!);
const { columns, connections, construction, k, threads } = task;
const clustered = await readClustered();
const truth = await readTruth(clustered);
const features: Matrix = { rows: task.rows, columns, values: clustered.rows };
const specification = nearestNeighbours({ k, search: 'hnsw', connections, construction });

/** One query after another, as a server gets them. */
function findAll(searcher: NearestSearcher, width: number): Int32Array<ArrayBuffer> {
  const { queries } = clustered;
  const found = new Int32Array(task.queries * k);
  for (let at = 0; at < task.queries; at++) {
    const query = queries.subarray(at * columns, (at + 1) * columns);
    found.set(searcher.find(query, width).indices, at * k);
  }
  return found;
}

let begin = performance.now();
const model = await fit(specification, { features }, { threads, seed: 1 });
let seconds = (performance.now() - begin) / 1000;
let found = new Int32Array(0);
const widths: readonly number[] = task.widths;
const searcher = await openNearest(model, { k, width: Math.max(...widths) });
for (const width of widths) {
  found = findAll(searcher, width);
  if (task.recall === null || recallOf(found, truth) < task.recall) continue;
  begin = performance.now();
  findAll(searcher, width);
  seconds = (performance.now() - begin) / 1000;
  break;
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
if (task.output) await writeFile(join(task.output, 'found.i32'), found);
console.log(JSON.stringify({ seconds, peakBytes }));
