import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
const examples = files.filter((name) => name !== 'data.ts' && !name.endsWith('.test.ts'));

for (const name of examples) {
  test(`${name} runs and says what it found`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, name)], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.ok(stdout.trim().split('\n').length >= 2, stdout);
    assert.doesNotMatch(stdout, /NaN|undefined/);
  });
}

test('the page lists every example', () => {
  const page = readFileSync(join(folder, 'README.md'), 'utf8');
  for (const name of examples) assert.ok(page.includes(`\`${name}\``), name);
});
