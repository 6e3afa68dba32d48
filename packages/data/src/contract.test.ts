import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bool,
  date,
  decimal,
  float,
  int,
  int64,
  key,
  numbers,
  oneOf,
  subject,
  text,
  texts,
  timestamp,
} from './column.ts';
import { contractData, contractDigest, parseContract, type RowOf, table } from './contract.ts';
import { BadContract } from './data-error.ts';
import { plays } from './world.fixture.ts';

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_proof: Same<A, B>): void => undefined;

test('the type of a row follows from the contract', () => {
  const all = table(
    'all',
    {
      account: subject(),
      id: int64(),
      price: decimal(2).optional(),
      free: bool(),
      day: date(),
      at: timestamp(),
      kind: oneOf(['app', 'song']),
      genres: texts(),
      vector: numbers(),
      score: float().optional(),
    },
    { purposes: ['train'] },
  );
  same<
    RowOf<typeof all>,
    {
      readonly account: string;
      readonly id: bigint;
      readonly price: string | null;
      readonly free: boolean;
      readonly day: number;
      readonly at: number;
      readonly kind: 'app' | 'song';
      readonly genres: readonly string[];
      readonly vector: readonly number[];
      readonly score: number | null;
    }
  >(true);
  assert.equal(contractData(all).columns.length, 10);
});

test('what has no meaning does not compile, and is refused when it runs', () => {
  // @ts-expect-error a text has no least value
  assert.throws(() => text().min(3), BadContract);
  // @ts-expect-error a number has no length
  int().maxLength(3);
  // @ts-expect-error a bound of 64 bits is a bigint
  int64().min(1);
  // @ts-expect-error there is no such purpose
  assert.throws(() => table('t', { a: int() }, { purposes: ['sell'] }), BadContract);
  const keyless = { purposes: ['train'], primaryKey: ['b'] } as const;
  // @ts-expect-error the primary key names a column
  assert.throws(() => table('t', { a: int() }, keyless), BadContract);
});

test('a contract is frozen plain JSON whose digest depends on what it says alone', () => {
  const data = contractData(plays);
  assert.ok(Object.isFrozen(data) && Object.isFrozen(data.columns[0]));
  assert.deepEqual(parseContract(JSON.parse(JSON.stringify(data))), data);
  const again = table('plays', plays.columns, {
    purposes: ['recommend', 'measure'],
    maxBadShare: 0.5,
  });
  assert.equal(contractDigest(contractData(again)), contractDigest(data));
  const other = table('plays', plays.columns, { purposes: ['recommend'], maxBadShare: 0.5 });
  assert.notEqual(contractDigest(contractData(other)), contractDigest(data));
});

test('contracts that cannot be meant are refused', () => {
  const columns = { a: int() };
  const purposes = ['train'] as const;
  for (const make of [
    () => table('Bad Name', columns, { purposes }),
    () => table('t', {}, { purposes }),
    () => table('t', { A: int() }, { purposes }),
    () => table('t', { __proto__x: int() }, { purposes }),
    () => table('t', { constructor: int() } as never, { purposes }),
    () => table('t', { ab: int(), aB: int() }, { purposes }),
    () => table('t', { a: subject(), b: subject() }, { purposes }),
    () => table('t', { a: subject().optional() }, { purposes }),
    () => table('t', columns, { purposes: [] }),
    () => table('t', columns, { purposes, maxBadShare: Number.NaN }),
    () => table('t', columns, { purposes, retentionDays: 0 }),
    () => table('t', { a: subject() }, { purposes, buckets: 0 }),
    () => int().min(Number.NaN),
    () => int().max(2 ** 60),
    () => timestamp().min('yesterday'),
    () => date().max('2026-02-30'),
    () => decimal(10),
    () => oneOf([]),
    () => key().maxLength(0),
    () => subject().sensitive('public'),
  ]) {
    assert.throws(make, BadContract, make.toString());
  }
});

test('a contract from an object is taken only when it is exactly one', () => {
  const good = JSON.parse(JSON.stringify(contractData(plays)));
  const column = good.columns[1];
  for (const bad of [
    null,
    [],
    { ...good, kind: 'snapshot' },
    { ...good, columns: 'all' },
    { ...good, purposes: ['sell'] },
    { ...good, subject: 'item' },
    { ...good, buckets: 1e9 },
    { ...good, columns: [{ ...column, kind: 'constructor' }] },
    { ...good, columns: [{ ...column, extra: 1 }] },
    { ...good, columns: [{ ...column, sensitivity: 'secret' }] },
    { ...good, columns: [{ ...column, maxLength: '9' }] },
    { ...good, columns: [null] },
  ]) {
    assert.throws(() => parseContract(bad), BadContract, JSON.stringify(bad)?.slice(0, 80));
  }
});
