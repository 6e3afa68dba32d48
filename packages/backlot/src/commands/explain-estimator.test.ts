import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeConstraint, describeEstimators } from '@backlot/learn';
import type { CommandCall } from '../cli/command.ts';
import { createOutput } from '../cli/output.ts';
import { run } from './explain-estimator.ts';

async function explained(kind?: string, json = false, markdown = false): Promise<string> {
  let written = '';
  const stdout = { write: (text: string) => (written += text) };
  const stderr = { write: () => true };
  const output = createOutput({ json, quiet: false, environment: {}, stdout, stderr });
  const options = { markdown };
  await run({ args: kind === undefined ? [] : [kind], options, output } as unknown as CommandCall);
  return written;
}

test('every estimator is listed, and has a page with each of its parameters', async () => {
  const list = await explained();
  for (const { kind, constraints, summary } of describeEstimators()) {
    assert.ok(list.includes(`  ${kind} `), kind);
    const page = await explained(kind);
    assert.ok(page.startsWith(`${kind}: ${summary}`));
    for (const [name, constraint] of Object.entries(constraints)) {
      assert.ok(page.includes(`\n  ${name}\n    ${constraint.summary}\n`), `${kind}.${name}`);
      assert.ok(page.includes(describeConstraint(constraint)), `${kind}.${name}`);
    }
  }
});

test('a program gets the constraints as data', async () => {
  const { kind, constraints } = JSON.parse(await explained('ridge', true));
  assert.equal(kind, 'ridge');
  assert.equal(constraints.penalty.type, 'number');
});

test('a name that is not there is refused with the nearest one', async () => {
  await assert.rejects(explained('rigde'), { code: 'E-BACKLOT-025', mend: 'did you mean ridge?' });
});

test('the pages as Markdown hold a table of parameters and an example for each', async () => {
  const all = await explained(undefined, false, true);
  for (const { kind, constraints } of describeEstimators()) {
    const page = await explained(kind, false, true);
    assert.ok(all.includes(page), kind);
    assert.ok(page.startsWith(`## ${kind}\n`));
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    assert.equal(rows.length, Object.keys(constraints).length, kind);
    for (const row of rows) assert.equal(row.replaceAll('\\|', '').split('|').length, 6, row);
    assert.match(page, /```ts\nimport .+ from 'backlot\/learn';\n/);
  }
});
