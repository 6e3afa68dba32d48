import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BIVARIATE_NORMAL } from './bivariate-normal.fixture.ts';
import { bivariateNormalCdf } from './bivariate-normal.ts';
import { normalCdf } from './normal-cdf.ts';

test('the bivariate normal distribution function is right to 1e-15, also beside the lines', () => {
  for (let i = 0; i < BIVARIATE_NORMAL.length; i += 4) {
    const [h, k, rho, wanted] = BIVARIATE_NORMAL.slice(i, i + 4) as [
      number,
      number,
      number,
      number,
    ];
    const found = bivariateNormalCdf(h, k, rho);
    assert.ok(Math.abs(found - wanted) < 1e-15, `${h} ${k} ${rho}: ${found}, not ${wanted}`);
    assert.ok(Math.abs(bivariateNormalCdf(k, h, rho) - wanted) < 1e-15);
  }
});

test('the bivariate normal distribution function has its closed forms and ends', () => {
  for (const rho of [-1, -0.97, -0.3, 0, 0.6, 0.95, 1]) {
    const orthant = 0.25 + Math.asin(rho) / (2 * Math.PI);
    assert.ok(Math.abs(bivariateNormalCdf(0, 0, rho) - orthant) < 1e-15, `${rho}`);
  }
  assert.equal(bivariateNormalCdf(1, 2, 1), normalCdf(1));
  assert.equal(bivariateNormalCdf(-1, 0.5, -1), 0);
  assert.equal(bivariateNormalCdf(Infinity, 0.5, 0.3), normalCdf(0.5));
  assert.equal(bivariateNormalCdf(0.5, -Infinity, 0.3), 0);
  assert.ok(Number.isNaN(bivariateNormalCdf(0, 0, 1.1)));
  assert.ok(Number.isNaN(bivariateNormalCdf(Number.NaN, 0, 0.1)));
});
