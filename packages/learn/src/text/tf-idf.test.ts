import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  densify,
  fit,
  InvalidExamples,
  InvalidParameter,
  type SparseMatrix,
  type TfIdf,
  tfIdf,
  transform,
} from '../index.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { languageTexts } from './languages.fixture.ts';

const texts = [
  'the cat sat on the mat',
  'the dog sat on the log',
  'cats and dogs play',
  'a cat and a dog; the CAT naps',
];

async function rowsOf(specification: TfIdf) {
  const model = await fit(specification, { features: { texts } });
  const found = densify((await transform(model, { texts })) as SparseMatrix);
  const { words, characters } = model.facts as Record<string, readonly string[]>;
  return { words, characters, row: (at: number) => [...rowAt(found, at)] };
}

function rowAt({ columns, values }: { columns: number; values: ArrayLike<number> }, row: number) {
  return Array.from(values).slice(row * columns, (row + 1) * columns);
}

function assertNear(found: readonly number[], expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  found.forEach((value, at) => {
    assert.ok(Math.abs(value - expected[at]!) < 1e-14, `${at}: ${value}, ${expected[at]}`);
  });
}

// TfidfVectorizer of scikit-learn 1.9.1, token_pattern r"(?u)\b\w+\b"; doubles that differ by rounding.
test('words weigh as those of scikit-learn do', async () => {
  const { words, row } = await rowsOf(tfIdf());
  const names = 'a and cat cats dog dogs log mat naps on play sat the';
  assert.deepEqual(words, names.split(' '));
  const [a, b, c] = [0.3718914066132249, 0.47169709365939855, 0.6021562894257501];
  assertNear(row(0), [0, 0, a, 0, 0, 0, 0, b, 0, a, 0, a, c]);
  const [d, e] = [0.6616510136234702, 0.2608266294737595];
  const [f, g] = [0.3308255068117351, 0.21116163562054036];
  assertNear(row(3), [d, e, 2 * e, 0, e, 0, 0, 0, f, 0, 0, 0, g]);
});

// The same, min_df=2, max_df=0.75, sublinear_tf=True, ngram_range=(1, 2).
test('runs of words, limits of texts and sublinear counts are those of scikit-learn', async () => {
  const limits = { leastTexts: 2, mostShare: 0.75, sublinear: true, wordsTo: 2 };
  const { words, row } = await rowsOf(tfIdf(limits));
  assert.deepEqual(words, ['and', 'cat', 'dog', 'on', 'on the', 'sat', 'sat on', 'the', 'the cat']);
  const [a, b] = [0.35625894945976905, 0.48834144364259124];
  assertNear(row(0), [0, a, 0, a, a, a, a, b, a]);
  const [c, d, e] = [0.3915648546073715, 0.662976929584836, 0.31700549639901715];
  assertNear(row(3), [c, d, c, 0, 0, 0, 0, e, c]);
});

// The same, analyzer='char_wb', ngram_range=(2, 3), min_df=2.
test('runs of characters are those of scikit-learn', async () => {
  const limits = {
    terms: 'characters',
    charactersFrom: 2,
    charactersTo: 3,
    leastTexts: 2,
  } as const;
  const { characters, row } = await rowsOf(tfIdf(limits));
  assert.deepEqual(
    characters,
    (
      ' a| an| c| ca| d| do| o| on| s| sa| t| th|an|and|at|at |ca|cat|d |do|dog|e |he|he |' +
      'n |nd|nd |og|on|on |s |sa|sat|t |th|the'
    ).split('|'),
  );
  const [a, b, c, d] = [
    0.24016706425806833, 0.1944359370561096, 0.15896411900892368, 0.48033412851613666,
  ];
  const start = [a, a, b, b, b, b, 0, 0, 0, 0, 0, 0, a, a, c, 0, b, b, a, b, b, 0, 0, 0, 0];
  assertNear(row(2), [...start, a, a, b, 0, 0, d, 0, 0, 0, 0, 0]);
});

test('words and characters are columns of their own, and of too many the most frequent stay', async () => {
  const both = await rowsOf(tfIdf({ terms: 'both', most: 2, charactersFrom: 1, charactersTo: 1 }));
  assert.deepEqual(
    [both.words, both.characters],
    [
      ['cat', 'the'],
      [' ', 'a'],
    ],
  );
  const counts = await rowsOf(tfIdf({ unit: false, leastTexts: 3 }));
  assertNear(counts.row(3), [Math.log(5 / 4) + 1]);
});

test('runs of characters cut no pair of surrogates', async () => {
  const limits = { terms: 'characters', charactersFrom: 2, charactersTo: 2 } as const;
  const model = await fit(tfIdf(limits), { features: { texts: ['𝒳𝒴 🎬a'.normalize()] } });
  assert.deepEqual(model.facts!.characters, [' x', ' 🎬', 'a ', 'xy', 'y ', '🎬a']);
});

test('no term at all, and runs that end before they begin, are refused', async () => {
  const examples = { features: { texts: ['...', '!'] } };
  await assert.rejects(fit(tfIdf(), examples), InvalidExamples);
  await assert.rejects(
    fit(tfIdf({ charactersFrom: 6 }), { features: { texts } }),
    InvalidParameter,
  );
});

tabularLaws({
  specification: tfIdf({ terms: 'both', charactersFrom: 2, charactersTo: 2, leastTexts: 3 }),
  examples: { features: { texts: languageTexts.train.texts } },
  verbs: ['transform'],
  rowOrder: 0,
});
