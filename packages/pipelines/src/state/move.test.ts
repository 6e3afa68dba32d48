import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from '@backlot/store';
import { plan } from '../plan/plan.ts';
import { cacheKey } from '../scheduler/cache-key.ts';
import { chain, commitOf, someVersion } from '../testing/scripted-workers.ts';
import { author, countEffect, openShop, type Shop } from '../testing/shop.ts';
import { claimAttempt } from './attempt.ts';
import { commitAttempt } from './commit-attempt.ts';
import { endAttempt } from './end-attempt.ts';
import { leaseTask } from './lease-task.ts';
import { moveRun, moveTask, type Occasion } from './move.ts';
import { readRun, readTask, type TaskRow } from './rows.ts';
import {
  isRunMove,
  isTaskMove,
  type RunState,
  runMoves,
  type TaskState,
  taskMoves,
} from './state-machine.ts';

const when: Occasion = { actor: 'test', at: 1 };
const { workspace } = author;

/** Puts a row into a state without a move, as no code of the product can. */
async function force(shop: Shop, table: string, run: string, state: string): Promise<void> {
  const column = table === 'pipeline_runs' ? 'id' : 'run';
  await shop.metadata.write(async (tx) => {
    await tx.run(`UPDATE ${table} SET state = ? WHERE ${column} = ?`, state, run);
    await tx.record({ workspace, actor: 'test', action: 'test.force', resource: 'test/1' });
  });
}

test('every move of a task and a run is made when it is legal, and refused when not', async (t) => {
  const shop = await openShop(t, { pipelines: [chain], start: false });
  const run = await shop.scheduler.startRun(author, { pipeline: 'chain' });
  const events = async () =>
    (await shop.metadata.all('SELECT position FROM pipeline_events')).length;
  let moves = 0;
  const attempt = async (legal: boolean, move: (tx: Transaction) => Promise<void>) => {
    const before = await events();
    if (legal) {
      await shop.metadata.write(move);
      assert.equal(await events(), before + 1, 'one event for each move');
      moves++;
    } else {
      await assert.rejects(shop.metadata.write(move), { code: 'E-PIPELINES-005' });
      assert.equal(await events(), before);
    }
  };
  for (const from of Object.keys(taskMoves) as TaskState[]) {
    for (const to of Object.keys(taskMoves) as TaskState[]) {
      await force(shop, 'pipeline_tasks', run, from);
      const row = await readTask(shop.metadata, workspace, run, 'first');
      await attempt(isTaskMove(from, to), (tx) => moveTask(tx, row, to, when));
    }
  }
  for (const from of Object.keys(runMoves) as RunState[]) {
    for (const to of Object.keys(runMoves) as RunState[]) {
      await force(shop, 'pipeline_runs', run, from);
      const row = await readRun(shop.metadata, workspace, run);
      await attempt(isRunMove(from, to), (tx) => moveRun(tx, row, to, when));
    }
  }
  const legal = [...Object.values(taskMoves), ...Object.values(runMoves)].flat().length;
  assert.equal(moves, legal);
});

test('a move is refused when the row has another state or attempt than was seen', async (t) => {
  const shop = await openShop(t, { pipelines: [chain], start: false });
  const run = await shop.scheduler.startRun(author, { pipeline: 'chain' });
  const row = await readTask(shop.metadata, workspace, run, 'first');
  const refused = (seen: TaskRow) =>
    assert.rejects(
      shop.metadata.write((tx) => moveTask(tx, seen, 'leased', when)),
      { code: 'E-PIPELINES-005' },
    );
  await refused({ ...row, attempt: 1 });
  await refused({ ...row, workspace: 'other' });
  await shop.metadata.write((tx) => moveTask(tx, row, 'leased', when, { attempt: 1 }));
  await refused(row);
});

test('an attempt that is no longer the newest can neither commit, fail nor beat', async (t) => {
  const shop = await openShop(t, { pipelines: [chain], start: false });
  const run = await shop.scheduler.startRun(author, { pipeline: 'chain' });
  const key = cacheKey(plan(chain).nodes[0]!, someVersion, {}, 0);
  const lease = (id: string) =>
    shop.metadata.write(async (tx) => {
      const task = await readTask(tx, workspace, run, 'first');
      const common = { owner: 'me', leaseMs: 1000, reason: '', log: 'x', singleFlight: false };
      await leaseTask(tx, task, { id, key, ...common }, when);
      await claimAttempt(tx, workspace, id, { pid: 1, leaseMs: 1000 }, when);
    });
  const error = { code: 'E-TEST-001', kind: 'failed', reason: 'lost' } as const;
  const end = { class: 'lost', error, backoff: () => 0 } as const;
  const commit = (id: string, effect: string) =>
    shop.metadata.write((tx) =>
      commitAttempt(tx, workspace, id, commitOf(effect), countEffect, when),
    );
  await lease('one');
  await shop.metadata.write((tx) => endAttempt(tx, workspace, 'one', end, when));
  await lease('two');
  await assert.rejects(commit('one', 'late'), { code: 'E-PIPELINES-004', kind: 'conflict' });
  const control = shop.scheduler.control(author);
  await assert.rejects(control.heartbeat('one', {}), { code: 'E-PIPELINES-004' });
  await assert.rejects(control.claim('two', { pid: 2 }), { code: 'E-PIPELINES-004' });
  await control.claim('two', { pid: 1 });
  await commit('two', 'good');
  await commit('two', 'good');
  await assert.rejects(commit('two', 'other'), { code: 'E-PIPELINES-004' });
  await assert.rejects(
    shop.metadata.write((tx) => endAttempt(tx, workspace, 'two', end, when)),
    { code: 'E-PIPELINES-004' },
  );
  assert.deepEqual(await shop.effects(), { good: 1 });
});

test('a credential for one attempt reaches no other, and no other workspace', async (t) => {
  const shop = await openShop(t, { pipelines: [chain], start: false });
  const attempt = { run: 'r', task: 'first', attempt: 'one' };
  const scope = { credential: 'c', expiresAt: 1, restricted: true, attempt };
  const refused = { code: 'E-PIPELINES-006', kind: 'notFound' };
  const narrow = shop.scheduler.control({ ...author, scope });
  await assert.rejects(narrow.heartbeat('two', {}), refused);
  const foreign = shop.scheduler.control({ ...author, workspace: 'other' });
  await assert.rejects(foreign.heartbeat('one', {}), refused);
});
