import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { evaluate } from '../relations/evaluate.ts';
import { explain } from '../relations/explain.ts';
import { inputsOf } from '../relations/inputs-of.ts';
import type { RelationNode } from '../relations/nodes.ts';
import { duckDbTables } from './duckdb-tables.fixture.ts';
import { hurtingRows, hurtingTables } from './hurting-tables.fixture.ts';
import { inexactColumns, randomRelation } from './random-relation.fixture.ts';
import { assertSameRows } from './same-rows.fixture.ts';

const duckDb = await duckDbTables();
after(() => duckDb.close());
for (const [name, table] of Object.entries(hurtingTables)) {
  await duckDb.fill(table, hurtingRows[name as keyof typeof hurtingRows]);
}

/** `BACKLOT_SEED=17 npx node --test packages/data/src/conformance/relation-conformance.test.ts` */
const { BACKLOT_SEED: only, BACKLOT_SEEDS: count = '400' } = process.env;
const seeds =
  only === undefined
    ? Array.from({ length: Number(count) }, (_, seed) => seed + 1)
    : [Number(only)];

test('DuckDB answers every relation drawn at random as the reference does', async () => {
  const failures: string[] = [];
  for (const seed of seeds) {
    const made = randomRelation(seed);
    try {
      const expected = evaluate(made.node, hurtingRows);
      const found = await duckDb.rows(made);
      assertSameRows(found, expected, made.node.fields, inexactColumns(made.node));
    } catch (error) {
      const { cause, message } = error as Error;
      failures.push(`BACKLOT_SEED=${seed}\n${explain(made)}\n${message}\n${cause ?? ''}`);
    }
  }
  assert.equal(
    failures.length,
    0,
    `${failures.length} differ:\n${failures.slice(0, 3).join('\n\n')}`,
  );
});

test('the relations drawn at random have every kind of node many times', () => {
  const kinds = new Map<string, number>();
  const see = (node: RelationNode): void => {
    kinds.set(node.kind, (kinds.get(node.kind) ?? 0) + 1);
    for (const input of inputsOf(node)) see(input);
  };
  for (let seed = 1; seed <= 500; seed++) see(randomRelation(seed).node);
  const kindsDrawn =
    'source values project filter join cross pointInTime aggregate window distinct sort limit ' +
    'union except intersect unnest sample';
  for (const kind of kindsDrawn.split(' ')) assert.ok((kinds.get(kind) ?? 0) >= 10, kind);
});
