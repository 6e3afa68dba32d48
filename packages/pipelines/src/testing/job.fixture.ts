import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Principal } from '@backlot/access';
import { BacklotError, createId, httpStatuses, present, realIo } from '@backlot/core';
import { openFileObjects, openSqliteMetadata } from '@backlot/store';
import * as z from 'zod';
import { jsonArtifact } from '../authoring/artifact.ts';
import { pipeline } from '../authoring/pipeline.ts';
import { task } from '../authoring/task.ts';
import { localExecutor } from '../executors/local-executor.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { EffectHandlers } from '../state/effects.ts';
import { pipelinesSchema } from '../state/pipelines-schema.ts';
import { findRun } from '../views/run-summary.ts';
import { type Control, type ControlVerb, controlMessages } from '../worker/control-messages.ts';
import { httpControl } from '../worker/http-control.ts';
import { runWorker } from '../worker/run-worker.ts';

/**
 * A whole small Backlot in one file: `owner HOME RUNS` owns a state folder and works until that many
 * runs have succeeded; `task run REFERENCE` is the worker that it starts. The owner prints what it
 * has acknowledged, and the pids of its workers.
 */
const io = realIo();
const count = jsonArtifact('count', z.number());
const step = task({
  name: 'step',
  module: import.meta.url,
  retries: 100,
  cache: false,
  inputs: { before: count },
  outputs: { count },
  run: async ({ inputs, context }) => {
    await context.io.clock.sleep(40, context.signal);
    context.signal.throwIfAborted();
    context.effect('note', { id: `${context.origin.run}/${context.origin.node}` });
    return { count: (await inputs.before.read()) + 1 };
  },
});
const begin = task({
  name: 'begin',
  module: import.meta.url,
  outputs: { count },
  run: async () => ({ count: 0 }),
});
const job = pipeline('job', {}, (run) => {
  const zero = run(begin, {});
  const one = run(step, { before: zero.count }, { shard: '1' });
  const two = run(step, { before: zero.count }, { shard: '2' });
  run(step, { before: one.count }, { shard: '3' });
  return run(step, { before: two.count }, { shard: '4' });
});
const definitions = { pipelines: [job] };

async function work(reference: string): Promise<number> {
  const { BACKLOT_API, BACKLOT_TOKEN, BACKLOT_HOME } = process.env;
  const api = present(BACKLOT_API, 'BACKLOT_API');
  const token = present(BACKLOT_TOKEN, 'BACKLOT_TOKEN');
  const objects = await openFileObjects(io, join(present(BACKLOT_HOME, 'home'), 'objects'));
  const control = httpControl({ api, token, fetch });
  const environment = process.env;
  return runWorker({
    ...{ reference, definitions, control, objects, io, environment },
    pid: process.pid,
    onFault: (error) => void process.stderr.write(`${error}\n`),
  });
}

const principal: Principal = {
  organisation: 'acme',
  workspace: 'media',
  project: 'shop',
  id: 'ada',
  kind: 'person',
  roles: ['author'],
};

const effects: EffectHandlers = {
  note: async (tx, { workspace }, payload) => {
    const { id } = payload as { readonly id: string };
    await tx.run(
      `INSERT INTO effects (workspace, id, applied) VALUES (?, ?, 1)
       ON CONFLICT (workspace, id) DO UPDATE SET applied = effects.applied + 1`,
      ...[workspace, id],
    );
  },
};

async function own(home: string, runs: number): Promise<void> {
  const metadata = await openSqliteMetadata({
    path: join(home, 'metadata.sqlite'),
    clock: io.clock,
    schemas: [
      pipelinesSchema,
      {
        name: 'effects',
        migrations: [
          [
            `CREATE TABLE effects (workspace TEXT NOT NULL, id TEXT NOT NULL,
               applied INTEGER NOT NULL, PRIMARY KEY (workspace, id))`,
          ],
        ],
      },
    ],
  });
  const objects = await openFileObjects(io, join(home, 'objects'), { owner: true });
  const tokens = new Map<string, string>();
  let api = '';
  const scheduler: Scheduler = new Scheduler({
    ...{ io, metadata, objects, definitions, effects, home },
    resolveSource: () => Promise.reject(new Error('there is no source')),
    onFault: (error) => {
      throw error;
    },
    backoff: { baseMs: 10, capMs: 50 },
    executor: localExecutor({
      processes: io.processes,
      command: [process.execPath, import.meta.filename],
      api: () => api,
      home,
      owner: process.pid,
      path: '',
      issueToken: async ({ attempt }) => {
        const token = createId(io.random);
        tokens.set(token, attempt);
        return token;
      },
    }),
  });
  const server = createServer((request, response) => {
    const [, attempt = '', verb = ''] =
      /^\/api\/v1\/attempts\/([^/]+)\/([a-z]+)$/.exec(request.url ?? '') ?? [];
    const allowed = tokens.get(request.headers.authorization?.slice(7) ?? '') === attempt;
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', async () => {
      const answer = await (allowed
        ? answerTo(scheduler.control(principal), verb as ControlVerb, attempt, text)
        : { status: 403, body: {} });
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  api = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  await scheduler.start();
  for (;;) {
    const rows = await metadata.all<{ id: string; state: string }>(
      'SELECT id, state FROM pipeline_runs',
    );
    const open = rows.find(({ state }) => state !== 'succeeded');
    if (!open && rows.length >= runs) break;
    const run = open?.id ?? (await scheduler.startRun(principal, { pipeline: 'job' }));
    console.log(`run ${run}`);
    for (;;) {
      const changed = scheduler.changes.next();
      const { state } = await findRun(metadata, principal, run);
      if (state === 'succeeded') break;
      if (state === 'failed') throw new Error('the job failed');
      await changed;
    }
  }
  await scheduler.stop();
  console.log('finished');
  process.exit(0);
}

async function answerTo(
  control: Control,
  verb: ControlVerb,
  attempt: string,
  text: string,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const body = JSON.parse(text);
    controlMessages[verb].request.parse(body);
    const answer = await control[verb](attempt, body as never);
    if (verb === 'claim') console.log(`claimed ${body.pid}`);
    if (verb === 'commit') console.log(`committed ${attempt}`);
    return { status: 200, body: answer };
  } catch (error) {
    if (!(error instanceof BacklotError)) throw error;
    return { status: httpStatuses[error.kind], body: { error: error.toJSON() } };
  }
}

const [verb, first, second] = process.argv.slice(2);
if (verb === 'owner') await own(present(first, 'HOME'), Number(second));
else process.exit(await work(present(second, 'REFERENCE')));
