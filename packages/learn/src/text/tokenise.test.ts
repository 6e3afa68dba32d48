import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tokenise } from '../index.ts';
import { languageTexts } from './languages.fixture.ts';
import { normalise, wordsOf } from './tokenise.ts';

/** All words by the runtime's segmenter, without the shorter way. */
function segmented(normal: string, locale = 'und'): readonly string[] {
  const segments = new Intl.Segmenter(locale, { granularity: 'word' }).segment(normal);
  return Array.from(segments)
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }) => segment);
}

test('words are told apart in scripts with and without spaces, in both directions', () => {
  assert.deepEqual(tokenise("It's 3.5 km, isn’t it?"), ["it's", '3.5', 'km', 'isn’t', 'it']);
  assert.deepEqual(tokenise('我爱北京天安门'), ['我', '爱', '北京', '天安门']);
  assert.deepEqual(tokenise('สวัสดีชาวโลก'), ['สวัสดี', 'ชาว', 'โลก']);
  assert.deepEqual(tokenise('שלום, עולם!'), ['שלום', 'עולם']);
  assert.deepEqual(tokenise('مرحبا، يا عالم'), ['مرحبا', 'يا', 'عالم']);
  assert.deepEqual(tokenise('  —  '), []);
});

test('letters are made small by the language, and forms that mean the same become one', () => {
  assert.deepEqual(tokenise('DİYARBAKIR ILIK', { locale: 'tr' }), ['diyarbakır', 'ılık']);
  assert.deepEqual(tokenise('ILIK'), ['ilik']);
  assert.deepEqual(tokenise('Ｆｕｌｌ ﬁt Cafe\u0301'), ['full', 'fit', 'café']);
});

test('graphemes are what readers count, and joined they are the normalised text', () => {
  assert.deepEqual(tokenise('A👩‍👧é!', { kind: 'graphemes' }), ['a', '👩‍👧', 'é', '!']);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(tokenise(text, { kind: 'graphemes' }).join(''), normalise(text, 'und'));
    }),
  );
});

test('the short way through simple letters finds the words of the segmenter', () => {
  const unit = fc.oneof(
    fc.constantFrom(...`ab1_'.’,;:"-– \n/@éßñøжйёωάΣ¿»`),
    fc.integer({ min: 0xc0, max: 0x4ff }).map((code) => String.fromCharCode(code)),
    fc.constantFrom(...'日本กขא٣\u0301\u200d👩·'),
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
      const normal = normalise(text, 'und');
      assert.deepEqual(wordsOf(normal, 'und'), segmented(normal), JSON.stringify(normal));
    }),
    { numRuns: 3000 },
  );
  for (const locale of ['sv', 'fi'])
    assert.deepEqual(wordsOf('k:n', locale), segmented('k:n', locale));
  for (const text of languageTexts.train.texts) {
    const normal = normalise(text, 'und');
    assert.deepEqual(wordsOf(normal, 'und'), segmented(normal));
  }
});

test('halves of surrogate pairs become the replacement character', () => {
  assert.equal(normalise('a\ud800b', 'und'), 'a\ufffdb');
});
