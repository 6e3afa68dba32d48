import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandCall } from '../cli/command.ts';
import { createOutput } from '../cli/output.ts';
import type { Connection } from '../connect.ts';
import { profileTable } from './data-profile.ts';
import { showTable } from './data-show.ts';

const column = { optional: true, sensitivity: 'internal', purposes: [], rules: [] };
const found = {
  name: 'plays',
  contractDigest: 'sha256:cc',
  purposes: ['measure'],
  columns: [
    { name: 'playedAt', type: 'timestamp', ...column },
    { name: 'device', type: 'text', ...column },
  ],
  snapshots: [{ digest: `sha256:${'a'.repeat(64)}`, rows: 8, at: 0 }],
  profile: [
    {
      ...{ name: 'playedAt', nulls: 2, distinct: 6, exact: true, min: 0, max: 86_400_000_000 },
      ...{ quantiles: [0, 0, 3_600_000_000, 1, 1], approximate: true },
      drift: { nulls: 0.25, psi: 0.5 },
    },
    {
      ...{ name: 'device', nulls: 0, distinct: 3, exact: false },
      top: [{ value: 'phone', rows: 6 }],
      languages: [{ language: 'en', share: 0.75 }],
    },
  ],
  quality: {
    rules: [{ rule: 'unique(device)', kind: 'unique', severity: 'block' }],
    report: {
      ...{ at: 0, passed: false },
      results: [
        { rule: 'unique(device)', passed: false, severity: 'block', failing: 5, checked: 8 },
      ],
    },
  },
};

async function said(
  command: typeof profileTable,
  table: Partial<typeof found>,
  json = false,
): Promise<readonly [string, string]> {
  let [out, err] = ['', ''];
  const output = createOutput({
    ...{ json, quiet: false, environment: {} },
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  });
  const call = { args: ['plays'], options: {}, output } as unknown as CommandCall;
  await command(call, { api: { readTable: async () => table } } as unknown as Connection);
  return [out, err];
}

test('a profile is a line a column: shares, times as times, estimates marked, and what moved', async () => {
  const [out] = await said(profileTable, found);
  const lines = out.split('\n').map((line) => line.replaceAll(/ {2,}/g, '|'));
  assert.deepEqual(lines.slice(2), [
    'playedAt|timestamp|25.0 %|6|1970-01-01T00:00:00Z|~1970-01-01T01:00:00Z|1970-01-02T00:00:00Z',
    'device|text|0.0 %|~3|-|-|-|phone 75.0 %, [en] 75.0 %',
    'moved since before|missing|psi|ks|top',
    'playedAt|0.250|0.500|-|-',
    '',
  ]);
  const whole = JSON.parse((await said(profileTable, found, true))[0]);
  assert.deepEqual(whole.profile, found.profile);
  assert.equal(whole.snapshot, found.snapshots[0]?.digest);
});

test('without a profile it says why', async () => {
  const { profile: _, ...rest } = found;
  assert.match((await said(profileTable, rest))[1], /does not name measure/);
  assert.match((await said(profileTable, { ...rest, snapshots: [] }))[1], /has no rows/);
});

test('a table is shown with its quality rules and what was last found of each', async () => {
  const [out] = await said(showTable, found);
  assert.match(out, /unique\(device\) +block +broken +5 of 8 rows/);
  const { report: _, ...unchecked } = found.quality;
  const [without] = await said(showTable, { ...found, quality: unchecked as never });
  assert.match(without, /unique\(device\) +block +not checked/);
});
