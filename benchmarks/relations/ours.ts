import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realIo } from '@backlot/core';
import { openDuckDb } from '@backlot/data';
import { pairs } from './relations.ts';
import { accounts, asSnapshot, plays, tableFile } from './tables.ts';

const task = JSON.parse(process.argv[2]!);
const { how, ours } = pairs[task.relation]!;
const snapshots = [
  asSnapshot(plays, await tableFile('plays', task.rows)),
  asSnapshot(accounts, await tableFile('accounts', 200_000)),
];
const scratch = await mkdtemp(join(tmpdir(), 'backlot-bench-'));
const { memoryMiB, threads } = task;
const begin = performance.now();
const engine = openDuckDb({ io: realIo(), memoryMiB, threads, scratch });
const run = { snapshots, purpose: 'measure' } as const;
const { rows } =
  how === 'write'
    ? await engine.write(ours() as never, { ...run, name: 'result' } as never)
    : await engine.columns(ours() as never, run as never);
const seconds = (performance.now() - begin) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
await rm(scratch, { recursive: true });
if (task.output) await writeFile(join(task.output, 'rows.json'), JSON.stringify(rows));
console.log(JSON.stringify({ seconds, peakBytes }));
