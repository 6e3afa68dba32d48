import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  densify,
  fit,
  type HashedText,
  hashedText,
  InvalidParameter,
  type Matrix,
  type SparseMatrix,
  transform,
} from '../index.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { languageTexts } from './languages.fixture.ts';
import { characterTerms, termConstraints, visitHashes, wordTerms } from './terms.ts';
import { normalise } from './tokenise.ts';
import { hashUnits } from './unit-hash.ts';

async function hashed(specification: HashedText, texts: readonly string[]): Promise<Matrix> {
  const model = await fit(specification, { features: { texts } });
  return densify((await transform(model, { texts })) as SparseMatrix);
}

function inner({ columns, values }: Matrix): number {
  let sum = 0;
  for (let at = 0; at < columns; at++) sum += values[at]! * values[columns + at]!;
  return sum;
}

// sklearn.utils.murmurhash3_32 of scikit-learn 1.9.1, of the words in UTF-32LE, seeds 0 and 7.
const murmur: readonly (readonly [string, number, number])[] = [
  ['cat', 1271828467, 2785106334],
  ['a', 1455541201, 2040331324],
  ['naïve', 1812771806, 780164693],
  ['日本語', 2927557453, 1648755836],
  ['', 0, 415870660],
];

test('the hash is MurmurHash3 of units of four bytes', () => {
  for (const [word, first, second] of murmur) {
    assert.equal(hashUnits(word, 0, word.length, 0), first);
    assert.equal(hashUnits(`x${word}`, 1, word.length + 1, 7), second);
  }
});

test('each term adds its sign to the column that its hash says', async () => {
  const text = 'to be or not to be';
  const expected = new Float64Array(16);
  for (const word of text.split(' ')) {
    const hash = hashUnits(word, 0, word.length, 5);
    expected[hash % 16]! += hash >= 2 ** 31 ? -1 : 1;
  }
  const { values } = await hashed(hashedText({ bits: 4, salt: 5, unit: false }), [text]);
  assert.deepEqual(values, expected);
  const length = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0));
  const scaled = await hashed(hashedText({ bits: 4, salt: 5 }), [text]);
  assert.deepEqual(
    scaled.values,
    expected.map((value) => value / length),
  );
});

test('inner products over salts have the mean and variance that Weinberger and others prove', async () => {
  const texts = ['a b c d e f g h a', 'a b c d x y z b'];
  const exact = 2 * 1 + 1 * 2 + 1 + 1;
  const salts = 2000;
  let [sum, squares] = [0, 0];
  for (let salt = 0; salt < salts; salt++) {
    const found = inner(await hashed(hashedText({ bits: 4, salt, unit: false }), texts)) - exact;
    sum += found;
    squares += found * found;
  }
  // Lemma 2: (sum over i != j of x_i^2 y_j^2 + x_i y_i x_j y_j) / columns.
  const [x, y] = [
    [2, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
    [1, 2, 1, 1, 0, 0, 0, 0, 1, 1, 1],
  ];
  let variance = 0;
  x.forEach((xi, i) => {
    y.forEach((yj, j) => {
      if (i !== j) variance += (xi * xi * yj * yj + xi * y[i]! * x[j]! * yj) / 16;
    });
  });
  assert.ok(Math.abs(sum / salts) < 4.5 * Math.sqrt(variance / salts), `mean ${sum / salts}`);
  assert.ok(Math.abs(squares / salts / variance - 1) < 0.2, `${squares / salts}, ${variance}`);
});

test('hashes are as many and as different as the terms', () => {
  const options = {
    ...({ terms: 'both', wordsTo: 3, charactersFrom: 2, charactersTo: 4 } as const),
    locale: termConstraints.locale.default,
  } as const;
  for (const text of [...languageTexts.train.texts, 'a', '', 'at at']) {
    const [terms, hashes] = [[] as string[], [] as number[]];
    const normal = normalise(text, 'und');
    wordTerms(normal, options, (term) => terms.push(`word ${term}`));
    for (const chunk of normal.split(/\s+/).filter((one) => one !== '')) {
      characterTerms(chunk, options, (at, from, to) => terms.push(`run ${at.slice(from, to)}`));
    }
    visitHashes(text, options, 9, (hash) => hashes.push(hash));
    assert.equal(hashes.length, terms.length);
    assert.equal(new Set(hashes).size, new Set(terms).size);
  }
});

test('runs that end before they begin are refused', async () => {
  await assert.rejects(hashed(hashedText({ charactersFrom: 6 }), ['a']), InvalidParameter);
});

tabularLaws({
  specification: hashedText({ terms: 'both', bits: 8 }),
  examples: { features: { texts: languageTexts.train.texts } },
  verbs: ['transform'],
  rowOrder: 0,
});
