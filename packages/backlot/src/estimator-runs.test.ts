import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

/** A fit in a pipeline by the real command: what it tells while it works, and how it ends when asked to. */
const root = join(import.meta.dirname, '../../..');
const bin = join(root, 'bin/backlot.js');

/** Rows that are drawn, and a network that would take minutes. */
const project = `import { defineConfig, examplesArtifact, fitEstimator, pipeline, task } from 'backlot';
import { mlpClassifier } from 'backlot/learn';

const draw = task({
  name: 'draw-rows',
  module: import.meta.url,
  outputs: { rows: examplesArtifact },
  run: async () => {
    const values = Float64Array.from({ length: 20_000 * 8 }, (_, at) => Math.sin(at * at));
    const target = Float64Array.from({ length: 20_000 }, (_, row) => (values[8 * row] > 0 ? 1 : 0));
    return { rows: { features: { rows: 20_000, columns: 8, values }, target } };
  },
});

export const slow = pipeline('slow', { seed: 1 }, (run) => {
  const { rows } = run(draw, {});
  run(fitEstimator, { on: rows, estimator: mlpClassifier({ epochs: 5000 }) as never });
});

export default defineConfig({ name: 'fits', tables: [], pipelines: [slow] });
`;

interface TaskEvent {
  readonly run: string;
  readonly task: string;
  readonly state: string;
  readonly leftMs?: number;
  readonly progress?: { readonly done: number; readonly loss?: number; readonly rate?: number };
}

function eventsOf(child: ChildProcess): TaskEvent[] {
  const events: TaskEvent[] = [];
  let rest = '';
  child.stderr!.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line));
  });
  return events;
}

test('a fit tells its loss and the time left as it goes, and ends soon when it is cancelled', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-fits-'));
  const children: ChildProcess[] = [];
  t.after(async () => {
    for (const child of children) if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules/backlot'));
  await writeFile(join(folder, 'package.json'), '{ "name": "fits", "type": "module" }');
  await writeFile(join(folder, 'backlot.config.ts'), project);
  const backlot = (...args: readonly string[]): ChildProcess => {
    const child = spawn(process.execPath, [bin, ...args], {
      ...{ cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
      env: { PATH: process.env.PATH, CI: '1' },
    });
    children.push(child);
    return child;
  };
  const served = backlot('serve', '--port', '0');
  await new Promise((resolve) => served.stdout!.once('data', resolve));
  const watched = backlot('run', 'slow', '--json');
  const ended = text(watched.stdout!);
  const events = eventsOf(watched);
  const fits = () => events.filter(({ task, progress }) => task === 'fit-estimator' && progress);
  while (fits().length < 5 && watched.exitCode === null) await wait(50);
  const last = fits().at(-1)!;
  assert.ok(last, 'the run told no progress');
  assert.ok(last.progress!.done >= 2 && last.progress!.loss! > 0 && last.progress!.rate! > 0);
  assert.ok(last.leftMs! > 0);
  const stopping = backlot('run', '--cancel', last.run, '--json');
  const said = JSON.parse(await text(stopping.stdout!));
  assert.match(said.state, /^cancell/);
  const asked = performance.now();
  const run = JSON.parse(await ended);
  assert.equal(run.state, 'cancelled');
  // A worker that did not heed its signal would be abandoned after five seconds.
  assert.ok(performance.now() - asked < 4000, 'the fit went on for long');
});
