import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProgressBoard } from './progress-board.ts';

function boardAt() {
  const clock = { now: 0, monotonic: () => clock.now };
  return { clock, board: new ProgressBoard(clock) };
}

test('a rate is that of the work that is counted now, whatever its steps are called', () => {
  const { clock, board } = boardAt();
  board.set('a', { done: 0, total: 10, unit: 'blocks' });
  clock.now = 1000;
  board.set('a', { done: 5, total: 10, unit: 'blocks' });
  assert.equal(board.get('a')?.rate, 5);
  board.set('a', { done: 1, total: 100, unit: 'rounds' });
  assert.equal(board.get('a')?.rate, undefined);
  clock.now = 3000;
  board.set('a', { done: 3, total: 100, unit: 'rounds' });
  assert.equal(board.get('a')?.rate, 1);
  clock.now = 5000;
  board.set('a', { done: 5, total: 100, unit: 'other halves' });
  assert.equal(board.get('a')?.rate, 1);
  board.set('a', { done: 0, total: 100, unit: 'rounds' });
  assert.equal(board.get('a')?.rate, undefined, 'a count that begins again');
});

test('losses are kept in order, thinned, and always with the newest', () => {
  const { board } = boardAt();
  for (let done = 1; done <= 1000; done++) {
    board.set('a', { done, total: 1000, unit: 'rounds', loss: 1 / done });
    const { losses } = board.get('a')!;
    assert.deepEqual(losses!.at(-1), { done, loss: 1 / done });
    assert.ok(losses!.length <= 128);
  }
  const { losses } = board.get('a')!;
  assert.ok(losses!.length >= 64);
  assert.ok(losses!.every((one, at) => at === 0 || one.done > losses![at - 1]!.done));
  board.set('a', { done: 1, unit: 'folds' });
  assert.equal(board.get('a')?.losses, undefined);
});
