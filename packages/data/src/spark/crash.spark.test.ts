import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import { realIo } from '@backlot/core';
import { openFileObjects } from '@backlot/store';
import { noSpark, type OwnSparkServer, startSparkServer } from '@backlot/testing';
import { journaledEngine, slowRows } from './crash-writer.fixture.ts';
import type { SparkOperation } from './session.ts';
import { SparkOperationLost, SparkUnreachable } from './spark-error.ts';

const io = realIo();

suite('a process that is killed', { skip: noSpark() }, () => {
  // Killed and started again here, so it is not the one of the test run.
  let server: OwnSparkServer;
  before(async () => {
    server = await startSparkServer();
  });
  after(() => server.stop());

  async function restart(): Promise<void> {
    const [, port] = server.address.split(':');
    server = await startSparkServer({ port: Number(port), token: server.token });
  }

  async function world(t: TestContext) {
    const folder = await mkdtemp(join(tmpdir(), 'backlot-crash-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const objects = await openFileObjects(io, join(folder, 'objects'));
    const run = { snapshots: [], purpose: 'measure', objects } as const;
    return { folder, objects, run, engine: journaledEngine(server, folder) };
  }

  /** A process that writes on our server, killed while Spark is at it; answers its write. */
  async function killedWriter(folder: string): Promise<SparkOperation> {
    const program = join(import.meta.dirname, 'crash-writer.fixture.ts');
    const errors: string[] = [];
    const child = io.processes.spawn(
      process.execPath,
      [program, server.address, server.token, folder],
      { env: {}, onStderr: (chunk) => errors.push(Buffer.from(chunk).toString()) },
    );
    let ended = false;
    void child.exit.then(() => {
      ended = true;
    });
    for (;;) {
      assert.ok(!ended, `the writer ended by itself: ${errors.join('')}`);
      const write = (await journalOf(folder)).find(({ kind }) => kind === 'write');
      if (write) {
        await begun(folder, write);
        child.kill('SIGKILL');
        await child.exit;
        return write;
      }
      await io.clock.sleep(50);
    }
  }

  test('ours: the next one takes the write up, once', async (t) => {
    const { folder, objects, run, engine } = await world(t);
    const write = await killedWriter(folder);
    const rows = slowRows(1) as never;
    const written = await engine.write(rows, { ...run, resume: write });
    assert.equal(written.rows, 2);
    const writes = (await journalOf(folder)).filter(({ kind }) => kind === 'write');
    assert.equal(writes.length, 1, 'nothing was written anew');
    for (const { digest } of written.files) assert.ok(await objects.has(digest));
    // A process that ended between the write and its commit has it written anew, whole.
    const again = await engine.write(rows, { ...run, resume: write });
    assert.equal(again.rows, 2);
    assert.equal((await journalOf(folder)).filter(({ kind }) => kind === 'write').length, 2);
  });

  test('ours, and the server was started again since: it is written anew', async (t) => {
    const { folder, run, engine } = await world(t);
    const write = await killedWriter(folder);
    await server.kill();
    await restart();
    const written = await engine.write(slowRows(1) as never, { ...run, resume: write });
    assert.equal(written.rows, 2);
    assert.equal((await journalOf(folder)).filter(({ kind }) => kind === 'write').length, 2);
  });

  test('the server: the error is retryable, nothing is visible, and it passes again', async (t) => {
    const { folder, objects, run, engine } = await world(t);
    const failing = assert.rejects(
      engine.write(slowRows(10_000) as never, run),
      (error) =>
        (error instanceof SparkUnreachable || error instanceof SparkOperationLost) &&
        error.kind === 'unreachable',
    );
    while (!(await journalOf(folder)).some(({ kind }) => kind === 'write'))
      await io.clock.sleep(50);
    await io.clock.sleep(1_500);
    await server.kill();
    await failing;
    for await (const { digest } of objects.list()) assert.fail(`${digest} is visible`);
    await restart();
    const written = await engine.write(slowRows(1) as never, run);
    assert.equal(written.rows, 2);
  });
});

/** Waits until Spark is at a write: it has made the folder. */
async function begun(folder: string, { operationId }: SparkOperation): Promise<void> {
  const target = `${folder}/scratch/spark-${operationId}`;
  for (let waitedMs = 0; !(await io.files.stat(target)); waitedMs += 50) {
    assert.ok(waitedMs < 120_000, 'Spark has begun to write');
    await io.clock.sleep(50);
  }
}

async function journalOf(folder: string): Promise<readonly SparkOperation[]> {
  const text = await readFile(`${folder}/journal.jsonl`, 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as SparkOperation);
}
