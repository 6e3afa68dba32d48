import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgument } from '../../error.ts';
import { dominantColours } from './dominant-colours.ts';
import { writeLab } from './lab.ts';
import { drawn, restless, slanted } from './pictures.fixture.ts';

test('a picture of three colours has those three, by their shares', () => {
  const stripes = drawn(10, 7, (x) => (x < 5 ? [250, 20, 20] : x < 8 ? [9, 99, 200] : [0, 0, 0]));
  const found = dominantColours(stripes, { count: 5 });
  const written = found.map(({ red, green, blue, share }) => [red, green, blue, share]);
  assert.deepEqual(written, [
    [250, 20, 20, 0.5],
    [9, 99, 200, 0.3],
    [0, 0, 0, 0.2],
  ]);
  const [grey] = dominantColours(drawn(2, 2, () => [128]));
  assert.ok(Math.abs(grey!.lab[0] - 53.585) < 1e-3 && Math.abs(grey!.lab[1]) < 1e-9);
});

// scikit-learn 1.9.1, KMeans(4, n_init=10) over the Lab of all 2,700 pixels, which ours counts in cells.
test('distances to the main colours are about the least that there are', () => {
  const picture = drawn(60, 45, (x, y) => {
    return [slanted(x, y)[0]!, restless(x, y)[1]! >> 1, slanted(y, x)[0]!];
  });
  const centres = dominantColours(picture, { count: 4 });
  const lab = new Float64Array(3);
  let sum = 0;
  for (let at = 0; at < picture.data.length; at += 3) {
    writeLab(picture.data[at]!, picture.data[at + 1]!, picture.data[at + 2]!, lab, 0);
    const squares = centres.map((centre) => {
      return centre.lab.reduce((total, value, k) => total + (value - lab[k]!) ** 2, 0);
    });
    sum += Math.min(...squares);
  }
  assert.ok(sum < 1.1 * 1137385, `${sum}`);
  assert.deepEqual(dominantColours(picture, { count: 4 }), centres);
  const total = centres.reduce((all, { share }) => all + share, 0);
  assert.ok(Math.abs(total - 1) < 1e-12);
});

test('a count out of range is refused', () => {
  const picture = drawn(4, 4, restless);
  for (const count of [0, 65, 2.5, Number.NaN]) {
    assert.throws(() => dominantColours(picture, { count }), InvalidArgument);
  }
});
