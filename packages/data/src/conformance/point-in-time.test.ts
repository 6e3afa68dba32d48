import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { evaluate } from '../relations/evaluate.ts';
import type { Row } from '../relations/reference/expression.ts';
import { duckDbTables } from './duckdb-tables.fixture.ts';
import { eventRows, events, labelRows, labels, pointInTimeCases } from './point-in-time.fixture.ts';

const duckDb = await duckDbTables();
after(() => duckDb.close());
const sorted = (rows: readonly Row[]): readonly string[] =>
  rows.map((row) => JSON.stringify(Object.entries(row))).sort();

test('a row keeps its place and finds the newest event, whatever is missing or tied', async () => {
  await duckDb.fill(labels, labelRows);
  await duckDb.fill(events, eventRows);
  for (const [name, made] of Object.entries(pointInTimeCases)) {
    const expected = evaluate(made.node, { labels: labelRows, events: eventRows });
    assert.equal(expected.length, labelRows.length, name);
    assert.deepEqual(sorted(await duckDb.rows(made)), sorted(expected), name);
  }
});

test('the reference says what was asked for', () => {
  const found = (name: keyof typeof pointInTimeCases, account: string | null, second: number) => {
    const at = 1_772_000_000_000_000 + second * 1_000_000;
    const rows = [{ labelId: 0, account, labelTime: at }];
    const { node } = pointInTimeCases[name];
    return evaluate(node, { labels: rows, events: eventRows })[0];
  };
  assert.equal(found('plain', 'a', 9)?.eventId, 1);
  assert.equal(found('plain', 'a', 10)?.eventId, 3);
  assert.equal(found('plain', 'a', 10)?.amount, null);
  assert.equal(found('strict', 'a', 10)?.eventId, 1);
  assert.equal(found('strict', 'a', 0)?.eventId, null);
  assert.equal(found('within', 'a', 9)?.eventId, null);
  assert.equal(found('within', 'a', 15)?.eventId, 3);
  assert.equal(found('within', 'a', 16)?.eventId, null);
  assert.equal(found('plain', 'b', 5)?.note, 'ties beyond the tie column');
  assert.equal(found('plain', null, 5)?.eventId, null);
});

test('DuckDB finds what a brute force finds, on rows drawn at random', async () => {
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 6 });
  const account = optional(fc.constantFrom('a', 'b', 'c'));
  const time = optional(fc.integer({ min: 0, max: 30 }).map((second) => second * 1_000_000));
  const drawnLabels = fc.array(fc.record({ labelId: fc.nat(9), account, labelTime: time }), {
    minLength: 70,
    maxLength: 90,
  });
  const drawnEvents = fc.array(
    fc.record({
      eventId: fc.nat(3),
      account,
      eventTime: time,
      amount: optional(fc.constantFrom(-1, 0, 1)),
      note: optional(fc.constantFrom('', 'é')),
    }),
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(drawnLabels, drawnEvents, async (ofLabels, ofEvents) => {
      await duckDb.fill(labels, ofLabels);
      await duckDb.fill(events, ofEvents);
      for (const made of Object.values(pointInTimeCases)) {
        const expected = evaluate(made.node, { labels: ofLabels, events: ofEvents });
        assert.deepEqual(sorted(await duckDb.rows(made)), sorted(expected));
      }
    }),
    { numRuns: 20, endOnFailure: true },
  );
});
