import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BESSEL } from './bessel.fixture.ts';
import { besselI0Scaled, besselI1Scaled } from './bessel.ts';
import { matchesTable } from './table.fixture.ts';

test('scaled modified Bessel functions are right to the last digits', () => {
  matchesTable(BESSEL, 1, [besselI0Scaled, besselI1Scaled], 2e-15);
  assert.equal(besselI1Scaled(-3), -besselI1Scaled(3));
  assert.equal(besselI1Scaled(-30), -besselI1Scaled(30));
  assert.equal(besselI0Scaled(-3), besselI0Scaled(3));
  assert.deepEqual([besselI0Scaled(Infinity), besselI1Scaled(Infinity)], [0, 0]);
  assert.ok(Number.isNaN(besselI0Scaled(Number.NaN)) && Number.isNaN(besselI1Scaled(Number.NaN)));
});
