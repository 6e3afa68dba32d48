import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutput, table } from './output.ts';

function on(environment: Readonly<Record<string, string>>, isTTY: boolean) {
  const nowhere = { write: () => undefined };
  const rest = { json: false, quiet: false, stdout: nowhere };
  return createOutput({ ...rest, environment, stderr: { ...nowhere, isTTY } });
}

test('colour and repainting are for terminals, and NO_COLOR ends colour alone', () => {
  const facts = ({ live, colour }: ReturnType<typeof on>) => ({ live, colour });
  assert.deepEqual(facts(on({}, true)), { live: true, colour: true });
  assert.deepEqual(facts(on({ NO_COLOR: '1' }, true)), { live: true, colour: false });
  for (const plain of [on({}, false), on({ CI: 'true' }, true), on({ TERM: 'dumb' }, true)]) {
    assert.deepEqual(facts(plain), { live: false, colour: false });
  }
});

test('columns line up, and figures with their heads are set right', () => {
  const rows = [
    ['name', 'rows', 'share'],
    ['a', 5, '0.5000'],
    ['longer', 12_000, '-'],
  ];
  assert.deepEqual(table(rows), [
    'name     rows   share',
    'a           5  0.5000',
    'longer  12000       -',
  ]);
});

test('a table of a head alone is its head', () => {
  assert.deepEqual(table([['run', 'state']]), ['run  state']);
});

test('a cell cannot steer a terminal', () => {
  const [, line] = table([
    ['name'],
    ['\u001b]0;owned\u0007\u001b[2J\nnext \u202eabc \u0645\u0631\u062d\u0628\u0627'],
  ]);
  assert.equal(
    line,
    '\\u001b]0;owned\\u0007\\u001b[2J\\u000anext \\u202eabc \u0645\u0631\u062d\u0628\u0627',
  );
});
