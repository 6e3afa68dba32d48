import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunView } from '@backlot/server/client';
import { createOutput } from './output.ts';
import { createRunDisplay, runLines } from './run-display.ts';

const done = { id: 'split', state: 'succeeded', upstream: [], attempt: 1, attempts: [] };
const running = { id: 'fit', state: 'running', upstream: ['split'], attempt: 1, attempts: [] };
const progress = { done: 25, total: 100, unit: 'rounds' };
const view = {
  ...{ id: 'abcdefghij', pipeline: 'daily', tasks: 2, done: 1 },
  taskViews: [
    { ...done, startedAt: 0, endedAt: 1500 },
    { ...running, startedAt: 2000, progress },
  ],
} as unknown as RunView;

test('a run is a tree: what waits stands below, with time, rate and what is left', () => {
  assert.deepEqual(runLines(view, 7000, false), [
    'daily  run abcdefg  1 of 2 tasks',
    ' ✓ split  1.5 s',
    ' ◐   fit  5 s  25 of 100 rounds, 5/s, about 15 s left',
  ]);
});

test('a loss stands beside the count, with the time that is left', () => {
  const fitting = {
    ...view,
    taskViews: [
      view.taskViews[0],
      { ...running, startedAt: 2000, progress: { ...progress, loss: 0.123456, rate: 2 } },
    ],
  } as unknown as RunView;
  const [, , line] = runLines(fitting, 7000, false);
  assert.equal(line, ' ◐   fit  5 s  25 of 100 rounds, loss 0.1235, 2/s, about 37.5 s left');
});

test('for programs each change is one object on a line, progress and time left in it', () => {
  let said = '';
  const display = createRunDisplay(
    createOutput({
      ...{ json: true, quiet: false, environment: {}, stdout: { write: () => undefined } },
      stderr: { write: (text) => (said += text), isTTY: true },
    }),
  );
  const at = (done: number) =>
    ({
      ...view,
      taskViews: [
        view.taskViews[0],
        { ...running, startedAt: 2000, progress: { ...progress, done, loss: 1 / done, rate: 5 } },
      ],
    }) as unknown as RunView;
  display.show(at(25), 7000);
  display.show(at(25), 7500);
  display.show(at(50), 12_000);
  const events = said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ task, state, leftMs }) => [task, state, leftMs]),
    [
      ['split', 'succeeded', undefined],
      ['fit', 'running', 15_000],
      ['fit', 'running', 10_000],
    ],
  );
  assert.deepEqual(events.at(-1).progress, {
    ...{ done: 50, total: 100, unit: 'rounds', loss: 0.02, rate: 5 },
  });
});

test('without a terminal each change is one line, said once', () => {
  let said = '';
  const display = createRunDisplay(
    createOutput({
      ...{ json: false, quiet: false, environment: {}, stdout: { write: () => undefined } },
      stderr: { write: (text) => (said += text) },
    }),
  );
  display.show(view, 7000);
  display.show(view, 8000);
  assert.equal(said.trimEnd().split('\n').length, 2);
});

test('on a terminal the tree is painted over the one before, with colour', () => {
  let painted = '';
  const output = createOutput({
    ...{ json: false, quiet: false, environment: {}, stdout: { write: () => undefined } },
    stderr: { write: (text) => (painted += text), isTTY: true },
  });
  const display = createRunDisplay(output);
  display.show(view, 7000);
  assert.ok(painted.startsWith('\u001b[0J'), 'nothing stands above the first picture');
  assert.ok(painted.includes('\u001b[32m✓\u001b[0m split'));
  painted = '';
  display.show(view, 8000);
  assert.ok(painted.startsWith('\u001b[3A\u001b[0J'), 'the second goes up three lines');
  display.end();
  painted = '';
  display.show(view, 9000);
  assert.ok(painted.startsWith('\u001b[0J'), 'what ended stays');
});
