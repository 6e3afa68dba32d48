import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TermTable } from './term-table.ts';

test('the table numbers parts of texts as a map of their strings does', () => {
  const part = fc.record({
    text: fc.string({
      unit: fc.constantFrom('a', 'b', 'é', '\ud83d', '\ude00', ' '),
      maxLength: 6,
    }),
    from: fc.nat(6),
    to: fc.nat(6),
  });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 200 }), (parts) => {
      const [table, map] = [new TermTable(), new Map<string, number>()];
      for (const { text, from, to } of parts) {
        const [begin, end] = [Math.min(from, to, text.length), Math.min(to, text.length)];
        const term = text.slice(begin, end);
        assert.equal(table.find(text, begin, end), map.get(term) ?? -1);
        if (!map.has(term)) map.set(term, map.size);
        assert.equal(table.add(text, begin, end), map.get(term));
      }
      assert.deepEqual(table.names(), [...map.keys()]);
    }),
  );
});

test('a term as long as a file is named in full', () => {
  const table = new TermTable();
  const long = 'xy'.repeat(150_000);
  table.add(long, 0, long.length);
  assert.deepEqual(table.names(), [long]);
});

test('many terms are found again, and others are not', () => {
  const table = new TermTable();
  const terms = Array.from({ length: 5000 }, (_, at) => `term ${at * 7919}`);
  for (const [at, term] of terms.entries()) assert.equal(table.add(term, 0, term.length), at);
  for (const [at, term] of terms.entries())
    assert.equal(table.find(`x${term}y`, 1, term.length + 1), at);
  assert.equal(table.find('term', 0, 4), -1);
  assert.equal(table.size, 5000);
});
