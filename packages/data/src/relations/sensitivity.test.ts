import assert from 'node:assert/strict';
import { test } from 'node:test';
import { int, key, subject, text, texts } from '../column.ts';
import { contractData, table } from '../contract.ts';
import { columnLineage } from '../lineage/column-lineage.ts';
import { explain } from './explain.ts';
import { count, countDistinct, max } from './functions/aggregates.ts';
import { eq } from './functions/comparisons.ts';
import { choose } from './functions/conditionals.ts';
import { isNull } from './functions/logic.ts';
import { concat } from './functions/text.ts';
import { relation, sqlPair } from './relation.ts';
import { outputSensitivity, protectedColumns } from './sensitivity.ts';
import { lag, over, rowNumber } from './window.ts';

const plays = table(
  'plays',
  {
    account: subject(),
    item: key().sensitive('public'),
    ms: int(),
    note: text().sensitive('personal').optional(),
    tags: texts().sensitive('personal'),
  },
  { purposes: ['measure'] },
);
const items = table(
  'items',
  { item: key().sensitive('public'), maker: text().sensitive('personal') },
  { purposes: ['measure'] },
);
const contracts = [plays, items].map(contractData);
const rows = relation(plays);

test('what is computed is as sensitive as the most sensitive thing that goes in', () => {
  const made = rows.select((row) => ({
    item: row.item,
    account: row.account,
    both: concat(row.item, row.account),
    hidden: choose(eq(row.note, 'x'), row.item, 'none'),
    mixed: concat(row.account, choose(isNull(row.note), row.account, row.note)),
    there: isNull(row.note),
  }));
  assert.deepEqual(outputSensitivity(made, contracts), {
    columns: {
      ...{ item: 'public', account: 'pseudonym', both: 'pseudonym', hidden: 'personal' },
      ...{ mixed: 'personal', there: 'internal' },
    },
    rows: 'public',
  });
  assert.deepEqual(protectedColumns(outputSensitivity(made, contracts)), [
    ...['account', 'both', 'hidden', 'mixed'],
  ]);
  assert.match(explain(made, contracts), /\nanswers account \(pseudonym\), .*hidden \(personal\)/);
  assert.doesNotMatch(explain(made), /answers/);
});

test('counts are internal, other aggregates are what they pick; filters bear on the rows', () => {
  const made = rows
    .filter((row) => eq(row.note, 'x'))
    .aggregate(['account'], (row) => ({
      ...{ plays: count(), notes: count(row.note), kinds: countDistinct(row.note) },
      last: max(row.note),
    }));
  assert.deepEqual(outputSensitivity(made, contracts), {
    columns: {
      ...{ account: 'pseudonym', plays: 'internal', notes: 'internal', kinds: 'internal' },
      last: 'personal',
    },
    rows: 'personal',
  });
});

test("joins, windows, lists, unions and SQL of one's own carry it on", () => {
  const of = (made: { readonly node: never }) =>
    outputSensitivity(made as never, contracts).columns;
  const joined = rows.join(relation(items), { on: [['item', 'item']], how: 'left' });
  assert.equal(of(joined as never).maker, 'personal');
  assert.equal(of(joined as never).item, 'public');
  const window = rows.window({ by: ['item'], order: ['ms'] }, (row) => ({
    ...{ place: rowNumber(), before: lag(row.account), most: over(max(row.note)) },
  }));
  const { place, before, most } = of(window as never);
  assert.deepEqual([place, before, most], ['internal', 'pseudonym', 'personal']);
  assert.equal(of(rows.unnest('tags', { as: 'tag' }) as never).tag, 'personal');
  const names = rows.select((row) => ({ name: row.item }));
  const union = names.union(relation(items).select((row) => ({ name: row.maker })));
  assert.equal(of(union as never).name, 'personal');
  const both = names.intersect(relation(items).select((row) => ({ name: row.maker })));
  assert.equal(of(both as never).name, 'personal');
  const sql = sqlPair({
    ...{ duckdb: 'SELECT 1 AS n FROM {plays}', inputs: { plays: rows } },
    columns: { n: int() },
  });
  assert.equal(of(sql as never).n, 'personal');
  // A table that nobody vouches for is taken for personal.
  assert.equal(outputSensitivity(rows, []).columns.item, 'personal');
});

test('it is never less than that of any column whose values lineage says can be seen', () => {
  const made = rows
    .join(relation(items), { on: [['item', 'item']] })
    .select((row) => ({ a: concat(row.item, row.maker), b: row.ms, c: row.account }));
  const { columns } = outputSensitivity(made, contracts);
  const order = ['public', 'internal', 'pseudonym', 'personal'];
  for (const [name, sources] of Object.entries(columnLineage(made).columns)) {
    for (const { table: of, column, masking } of sources) {
      const contract = contracts.find((each) => each.table === of)!;
      const { sensitivity } = contract.columns.find((each) => each.name === column)!;
      if (!masking) assert.ok(order.indexOf(columns[name]!) >= order.indexOf(sensitivity));
    }
  }
});
