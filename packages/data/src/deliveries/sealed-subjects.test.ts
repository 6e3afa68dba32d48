import assert from 'node:assert/strict';
import { test } from 'node:test';
import { int, oneOf, subject } from '../column.ts';
import { columnRules } from '../column-rules.ts';
import { BadDocument } from '../data-error.ts';
import { header, pseudonyms, testWorld } from '../world.fixture.ts';
import { readSealedSubjects } from './sealed-subjects.ts';

const row = (account: string): string => `${account},x,2026-01-02T03:04:05Z,1,us,,`;

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('sealed subjects come back as they were sealed, each once', async (t) => {
  const world = await testWorld(t);
  const accounts = Array.from({ length: 3000 }, (_, index) => `account-${index % 1500}`);
  const outcome = await world.give([header, ...accounts.map(row)].join('\n'));
  const found = await all(readSealedSubjects(world.objects, outcome.subjects!));
  assert.deepEqual(
    found.map(({ pseudonym }) => pseudonym),
    accounts.slice(0, 1500).map((raw) => pseudonyms.pseudonym(raw)),
  );
  assert.equal(Buffer.from(found[0]!.sealed).toString(), 'sealed 9');
});

test('a list that is not one of sealed subjects is refused', async (t) => {
  const world = await testWorld(t);
  for (const text of [
    '{}\n',
    '{"pseudonym":"alice","sealed":""}\n',
    'x'.repeat(200_000),
    'no end',
  ]) {
    const { digest } = await world.objects.put(Buffer.from(text));
    await assert.rejects(all(readSealedSubjects(world.objects, digest)), BadDocument);
  }
});

test('rules are told in words, those of the type itself left out', () => {
  assert.deepEqual(columnRules(int().min(0).data), ['required', '>= 0']);
  assert.deepEqual(columnRules(int().optional().data), []);
  assert.deepEqual(columnRules(subject().data), [
    'required',
    'stored as a pseudonym',
    'at most 256 characters',
  ]);
  assert.deepEqual(columnRules(oneOf(['a', 'b', 'c', 'd', 'e', 'f']).data), [
    'required',
    'one of a, b, c, d, e and 1 more',
  ]);
});
