import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../../compute/build.ts';
import { accuracy, type Examples, fit, predict, textClassifier } from '../index.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { hashedGrams } from './hashed-grams.ts';

before(build);

/** Three themes with words of their own among common ones, some of them with an ending. */
function themes(seed: number, rows: number): Examples {
  const random = seededRandom(seed);
  const own = [
    ['film', 'actor', 'scene', 'cinema'],
    ['sing', 'tune', 'chord', 'melody'],
    ['goal', 'team', 'match', 'league'],
  ];
  const common = ['the', 'a', 'of', 'with', 'and', 'good', 'new'];
  const target = new Float64Array(rows).map((_, row) => row % 3);
  const texts = Array.from(target, (label) => {
    const words = Array.from({ length: 3 + random.below(6) }, (_, at) => {
      const word = at < 2 ? own[label]![random.below(4)]! : common[random.below(7)]!;
      return at === 1 ? `${word}${['', 's', 'ing', 'er'][random.below(4)]}` : word;
    });
    return random.shuffle(words).join(' ');
  });
  return { features: { texts }, target };
}

tabularLaws({
  specification: textClassifier({ buckets: 64, width: 1, epochs: 2 }),
  examples: themes(1, 60),
  verbs: ['predict', 'predictProbabilities'],
  rowOrder: { seeded: 'mini-batches are drawn from the order of rows' },
});

test('pieces are words, phrases and runs of characters, the same in any case', () => {
  const options = { buckets: 1 << 20, shortest: 3, longest: 3, words: 2 };
  const found = hashedGrams('Red car', options);
  // red, "red car", <re red ed>; car, <ca car ar>.
  assert.equal(found.length, 9);
  assert.deepEqual(hashedGrams('RED  car!', options), found);
  assert.equal(
    hashedGrams('今日は映画を見ます', { ...options, longest: 0, words: 1 }).length > 2,
    true,
  );
  assert.deepEqual(hashedGrams('...', options), []);
});

test('themes are told apart in words that were never seen, by their runs of characters', async () => {
  const model = await fit(textClassifier({ epochs: 10, buckets: 4096 }), themes(2, 300), {
    seed: 1,
  });
  const held = themes(3, 150);
  assert.ok(accuracy(held.target!, await predict(model, held.features)) > 0.98);
  const texts = ['filmmaker', 'singers', 'teammates'];
  assert.deepEqual([...(await predict(model, { texts }))], [0, 1, 2]);
});

const folder = join(import.meta.dirname, '../../../../../shared/data/snips-nlu');
const skip = existsSync(folder) ? false : 'the data set snips-nlu is not beside the repository';

test('intents of snips: 98% of the development part', { skip }, async () => {
  const lines = (name: string) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');
  const classes = [...new Set(lines('train.label'))].sort();
  const part = (name: string): Examples => ({
    features: { texts: lines(`${name}.seq.in`) },
    target: Float64Array.from(lines(`${name}.label`), (label) => classes.indexOf(label)),
    classes,
  });
  const [train, dev] = [part('train'), part('dev')];
  const model = await fit(textClassifier({ epochs: 2 }), train, { seed: 1, threads: 2 });
  const found = accuracy(dev.target!, await predict(model, dev.features));
  assert.ok(found >= 0.98, String(found));
});
