import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestOfBytes, type Files, type Io, realIo } from '@backlot/core';
import { enumerateCrashes, simulatedClock } from '@backlot/testing';
import { LogUnavailable, PredictionDamaged, PredictionMissing } from './error.ts';
import { openPredictionLog, type PredictionDraft, type PredictionLog } from './prediction-log.ts';
import { pseudonymOf } from './testing/bundle-fixture.ts';

function draft(k: number): PredictionDraft {
  return {
    ...{ workspace: 'lumen', endpoint: 'film-recommend', deployment: 'd-1', model: 'als-film' },
    ...{ version: 1, digest: digestOfBytes('model'), at: 1_000, basis: 'account' },
    request: { account: pseudonymOf('ana'), k, excludeSeen: true },
    items: ['film-amber'],
    scores: Buffer.from(Float32Array.of(k).buffer).toString('base64'),
  };
}

async function temporaryFolder(test: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-predictions-'));
  test.after(() => rm(folder, { recursive: true }));
  return join(folder, 'predictions');
}

test('a record is read by its id, in its workspace, also after reopening', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openPredictionLog({ io: realIo(), folder });
  const ids = await Promise.all([1, 2, 3].map((k) => log.append(draft(k))));
  await log.close();
  const again = await openPredictionLog({ io: realIo(), folder });
  ids.push(await again.append(draft(4)));
  for (const [index, id] of ids.entries()) {
    const { token: _t, ...record } = await again.read('lumen', id);
    assert.deepEqual(record, draft(index + 1));
    await assert.rejects(again.read('other', id), PredictionMissing);
  }
  await again.close();
  assert.deepEqual(await readdir(folder), ['0000000001.log']);
});

test('ids that were not given are not found, whatever they look like', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openPredictionLog({ io: realIo(), folder });
  const id = await log.append(draft(1));
  const guesses = [
    ...[id.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')), '1-0-00000000', '2-0-00000000'],
    ...[
      '1-99999-00000000',
      '',
      '../../metadata',
      '1-0',
      '-1-0-00000000',
      '1e3-0-00000000',
      '__proto__',
    ],
  ];
  for (const guess of guesses)
    await assert.rejects(log.read('lumen', guess), PredictionMissing, guess);
  await log.close();
});

test('a torn tail is cut at the last valid record, at every length of the tear', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openPredictionLog({ io: realIo(), folder });
  const first = await log.append(draft(1));
  await log.append(draft(2));
  await log.close();
  const path = join(folder, '0000000001.log');
  const whole = await readFile(path);
  const boundary = whole.indexOf('BPR1', 4);
  for (let length = boundary; length < whole.length; length++) {
    await writeFile(path, whole.subarray(0, length));
    const torn = await openPredictionLog({ io: realIo(), folder });
    assert.deepEqual(torn.recovery, { records: 1, cutBytes: length - boundary, damaged: false });
    const next = await torn.append(draft(3));
    assert.equal((await torn.read('lumen', next)).request.k, 3);
    assert.equal((await torn.read('lumen', first)).request.k, 1);
    await torn.close();
  }
});

test('damage before a valid record is kept as it is, told, and never written behind', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openPredictionLog({ io: realIo(), folder });
  const [first, second] = await Promise.all([log.append(draft(1)), log.append(draft(2))]);
  await log.close();
  const path = join(folder, '0000000001.log');
  const bytes = await readFile(path);
  bytes[40]! ^= 1;
  await writeFile(path, bytes);
  const again = await openPredictionLog({ io: realIo(), folder });
  assert.equal(again.recovery.damaged, true);
  await assert.rejects(again.read('lumen', first!), PredictionDamaged);
  assert.equal((await again.read('lumen', second!)).request.k, 2);
  const third = await again.append(draft(3));
  await again.close();
  assert.match(third, /^2-0-/);
  assert.deepEqual(await readFile(path), bytes);
});

test('garbage of any kind behind the last record is cut, not believed', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openPredictionLog({ io: realIo(), folder });
  await log.append(draft(1));
  await log.close();
  const path = join(folder, '0000000001.log');
  const { length } = await readFile(path);
  const huge = Buffer.from('BPR1\xff\xff\xff\xff\0\0\0\0', 'latin1');
  for (const garbage of [
    Buffer.alloc(600),
    Buffer.from('BPR1'),
    huge,
    Buffer.from('BPR1BPR1BPR1BPR1'),
  ]) {
    await truncate(path, length);
    await appendFile(path, garbage);
    const again = await openPredictionLog({ io: realIo(), folder });
    assert.equal(again.recovery.cutBytes, garbage.length);
    await again.close();
  }
});

test('segments turn over, and the oldest go by number and by age', async (t) => {
  const folder = await temporaryFolder(t);
  const clock = simulatedClock({ startMs: Date.now() });
  const io: Io = { ...realIo(), clock };
  const options = { io, folder, segmentBytes: 500, segments: 3, retentionMs: 10_000 };
  const log = await openPredictionLog(options);
  const ids: string[] = [];
  for (let k = 1; k <= 12; k++) ids.push(await log.append(draft(k)));
  assert.equal((await readdir(folder)).length, 3);
  await assert.rejects(log.read('lumen', ids[0]!), PredictionMissing);
  assert.equal((await log.read('lumen', ids.at(-1)!)).request.k, 12);
  await log.close();
  clock.advance(60_000);
  const later = await openPredictionLog(options);
  await assert.rejects(later.read('lumen', ids.at(-1)!), PredictionMissing);
  assert.deepEqual(await readdir(folder), []);
  await later.read('lumen', await later.append(draft(1)));
  await later.close();
});

test('records that wait while the disk works share one sync', async (t) => {
  const folder = await temporaryFolder(t);
  const real = realIo();
  let syncs = 0;
  const append: Files['append'] = async (path) => {
    const file = await real.files.append(path);
    const sync = (): Promise<void> => {
      syncs++;
      return file.sync();
    };
    return { write: (bytes) => file.write(bytes), sync, close: () => file.close() };
  };
  const log = await openPredictionLog({
    io: { ...real, files: { ...real.files, append } },
    folder,
  });
  const ids = await Promise.all(Array.from({ length: 200 }, (_, k) => log.append(draft(k))));
  assert.equal(new Set(ids).size, 200);
  assert.ok(syncs <= 2, `${syncs} syncs`);
  await log.close();
});

test('more than may wait are refused, the others are kept', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openPredictionLog({ io: realIo(), folder, maxWaiting: 5 });
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, k) => log.append(draft(k))),
  );
  const refused = results.filter((result) => result.status === 'rejected');
  assert.ok(refused.length > 0 && refused.length < 40);
  assert.ok(refused.every(({ reason }) => reason instanceof LogUnavailable));
  for (const result of results)
    if (result.status === 'fulfilled') await log.read('lumen', result.value);
  await log.close();
});

test('acknowledged predictions survive a crash at every operation', async () => {
  const open = async (world: {
    io: Io;
    root: string;
    defer(close: () => Promise<void>): void;
  }): Promise<PredictionLog> => {
    const log = await openPredictionLog({
      io: world.io,
      folder: join(world.root, 'predictions'),
      segmentBytes: 1_000,
    });
    world.defer(() => log.close().catch(() => undefined));
    return log;
  };
  const report = await enumerateCrashes<{ readonly present: readonly string[] }>({
    name: 'prediction log',
    workload: async (world) => {
      const log = await open(world);
      for (const ks of [[1], [2, 3], [4], [5], [6, 7]]) {
        // A full disk refuses some of them; what is refused is not acknowledged.
        const results = await Promise.allSettled(ks.map((k) => log.append(draft(k))));
        for (const [index, result] of results.entries()) {
          if (result.status === 'fulfilled') world.acknowledge(`${ks[index]} ${result.value}`);
        }
      }
    },
    recover: async (world) => {
      const log = await open(world);
      const files = await world.io.files.list(join(world.root, 'predictions'));
      const present: string[] = [];
      for (const name of files) {
        const bytes = await world.io.files.read(join(world.root, 'predictions', name));
        const text = Buffer.from(bytes).toString('latin1');
        for (const match of text.matchAll(/"k":(\d+).*?"token":"(\w{8})"/g)) {
          const offset = text.lastIndexOf('BPR1', match.index);
          const id = `${Number(name.slice(0, 10))}-${offset}-${match[2]}`;
          const found = await log.read('lumen', id).catch((error: unknown) => {
            if (error instanceof PredictionDamaged) return undefined;
            throw error;
          });
          if (found) present.push(`${found.request.k} ${id}`);
        }
      }
      return { present };
    },
    check: ({ present }, { acknowledged }) => {
      for (const effect of acknowledged) assert.ok(present.includes(effect), `${effect} was lost`);
      assert.equal(new Set(present.map((effect) => effect.split(' ')[0])).size, present.length);
    },
    resume: async (world) => {
      const log = await open(world);
      assert.equal((await log.read('lumen', await log.append(draft(9)))).request.k, 9);
    },
  });
  assert.ok(report.crashPoints > 60);
});
