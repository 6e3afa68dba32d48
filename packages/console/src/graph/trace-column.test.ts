import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceColumn } from './trace-column.ts';

const source = (dataset: string, column: string) => ({
  ...{ dataset, column, type: 'DIRECT' as const, subtype: 'IDENTITY', masking: false },
});
const lineage = {
  edges: [
    { source: 'file', target: 'load' },
    {
      ...{ source: 'load', target: 'plays' },
      columns: { columns: { ms: [source('file', 'ms')], item: [source('file', 'sku')] }, rows: [] },
    },
    {
      ...{ source: 'sum', target: 'items' },
      columns: {
        columns: { total: [source('plays', 'ms')] },
        rows: [{ ...source('plays', 'item'), type: 'INDIRECT' as const, subtype: 'GROUP_BY' }],
      },
    },
    // A ring ends where it began.
    {
      ...{ source: 'again', target: 'file' },
      columns: { columns: { ms: [source('items', 'total')] }, rows: [] },
    },
  ],
};
const shown = (dataset: string, column: string) =>
  traceColumn(lineage, dataset, column).map(
    (each) => `${each.way} ${each.steps} ${each.dataset}.${each.column} ${each.subtype}`,
  );

test('a column is followed up and down, through rows too, and no ring holds it', () => {
  assert.deepEqual(shown('plays', 'item'), [
    'up 1 file.sku IDENTITY',
    'down 1 items.total GROUP_BY',
    'down 2 file.ms IDENTITY',
    'down 3 plays.ms IDENTITY',
  ]);
  assert.deepEqual(shown('plays', 'other'), []);
});
