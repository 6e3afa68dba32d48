import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkInclusion } from './inclusion.ts';
import { ledger } from './testing/fixture-audit.ts';

const book = ledger(Date.UTC(2026, 10, 23));

function claimOf(position: number) {
  const { bytes, proof } = book.entry(position)!;
  return { bytes, position, ...proof! };
}

test('every entry of a ledger leads to its root', async () => {
  for (let position = 0; position < 64; position++) {
    const found = await checkInclusion(claimOf(position));
    assert.equal(found.holds, true, `entry ${position}`);
    assert.equal(found.leaf, book.entry(position)?.leaf);
    assert.equal(found.steps.length, 6);
  }
});

test('a changed byte, place, path or root is told', async () => {
  const claim = claimOf(41);
  const zero = '0'.repeat(64);
  const wrong = [
    { ...claim, bytes: claim.bytes.replace('41', '42') },
    { ...claim, position: 40 },
    { ...claim, path: [zero, ...claim.path.slice(1)] },
    { ...claim, path: claim.path.slice(0, -1) },
    { ...claim, path: [...claim.path, zero] },
    { ...claim, root: zero },
    { ...claim, position: 64 },
  ];
  for (const [at, one] of wrong.entries()) {
    assert.equal((await checkInclusion(one)).holds, false, `case ${at}`);
  }
});
