import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ChildProcess, realIo, seededRandom } from '@backlot/core';
import { openSqliteMetadata } from '@backlot/store';
import { pipelinesSchema } from '../state/pipelines-schema.ts';

const wantedKills = 20;

/** An owner process and the lines that it printed: the outside witness of what it acknowledged. */
function startOwner(home: string, runs: number, onLine: (line: string) => void): ChildProcess {
  const fixture = new URL('../testing/job.fixture.ts', import.meta.url).pathname;
  let rest = '';
  return realIo().processes.spawn(process.execPath, [fixture, 'owner', home, String(runs)], {
    env: {},
    onStdout: (chunk) => {
      const lines = (rest + Buffer.from(chunk).toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines) onLine(line);
    },
    onStderr: (chunk) => process.stderr.write(chunk),
  });
}

test('owners and workers are killed mid-job over and over, and every job is finished', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'backlot-kill-'));
  const random = seededRandom(11);
  const committed = new Set<string>();
  const kills = { owner: 0, worker: 0 };
  let runs = 2;
  let finished = false;
  let owner: ChildProcess | undefined;
  t.after(async () => {
    owner?.kill('SIGKILL');
    await rm(home, { recursive: true });
  });
  while (!finished) {
    let passes = random.below(2);
    owner = startOwner(home, runs, (line) => {
      const [word, what = ''] = line.split(' ');
      if (word === 'committed') committed.add(what);
      if (word === 'finished') finished = true;
      if (word !== 'claimed' || kills.owner + kills.worker >= wantedKills + 2) return;
      if (passes-- > 0) return;
      passes = random.below(2);
      // Workers are cheap to replace, so most kills are theirs.
      const killsOwner = random.below(4) === 0;
      kills[killsOwner ? 'owner' : 'worker']++;
      process.kill(killsOwner ? owner!.pid : Number(what), 'SIGKILL');
    });
    const exit = await owner.exit;
    assert.ok(exit.signal === 'SIGKILL' || exit.code === 0, JSON.stringify(exit));
    if (finished && kills.owner + kills.worker < wantedKills) {
      finished = false;
      runs++;
    }
  }
  t.diagnostic(`killed: ${kills.owner} owners, ${kills.worker} workers`);
  assert.ok(kills.owner + kills.worker >= wantedKills, JSON.stringify(kills));
  await checkHome(home, runs, committed);
});

async function checkHome(
  home: string,
  runs: number,
  committed: ReadonlySet<string>,
): Promise<void> {
  const { clock } = realIo();
  const path = join(home, 'metadata.sqlite');
  const metadata = await openSqliteMetadata({ path, clock, schemas: [pipelinesSchema] });
  try {
    const states = await metadata.all<{ state: string }>('SELECT state FROM pipeline_runs');
    assert.deepEqual(
      states.map(({ state }) => state),
      Array.from({ length: runs }, () => 'succeeded'),
    );
    const effects = await metadata.all<{ applied: number }>('SELECT applied FROM effects');
    assert.deepEqual(
      effects.map(({ applied }) => applied),
      Array.from({ length: runs * 4 }, () => 1),
      'each effect is there once',
    );
    for (const id of committed) {
      const row = await metadata.get('SELECT state FROM pipeline_attempts WHERE id = ?', id);
      assert.deepEqual({ ...row }, { state: 'succeeded' }, 'what was acknowledged holds');
    }
  } finally {
    await metadata.close();
  }
  for (const folder of await readdir(join(home, 'runs'))) {
    for (const name of await readdir(join(home, 'runs', folder))) {
      assert.ok(name.endsWith('.log'), `${name} was left behind`);
      const text = await readFile(join(home, 'runs', folder, name), 'utf8');
      assert.equal(text.includes('BACKLOT_TOKEN'), false);
    }
  }
}
