import { createHash } from 'node:crypto';
import { digestOfBytes, seededRandom } from '@backlot/core';
import type { Interactions } from '@backlot/learn';
import type { BundleContent, RecommenderBundle } from '../bundle.ts';
import type { Scorer } from '../scorer.ts';
import { topItems } from '../top-items.ts';

/** The pseudonym of an account's name. */
export function pseudonymOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}

const users = ['ana', 'bo', 'cy', 'di'];
const titles = ['Amber', 'Basalt', 'Copper', 'Dolomite', 'Emerald', 'Flint'];

/** Four accounts, six films, two storefronts; Flint is shown in Japan alone. */
export function bundleContent(changes: Partial<BundleContent> = {}): BundleContent {
  return {
    estimator: 'table',
    specification: { factors: 2 },
    inputs: { plays: digestOfBytes('plays') },
    users: users.map(pseudonymOf),
    items: titles.map((title) => `film-${title.toLowerCase()}`),
    seen: rowsOf([[0, 1], [1, 2, 3], [], [5]]),
    popularity: Float32Array.of(9, 8, 7, 6, 5, 4),
    storefronts: ['BR', 'JP'],
    storefrontPopularity: rowsOf([[], [2, 5]], [[], [3, 4]]),
    facts: titles.map((title, index) => ({
      title,
      mediaKind: 'film',
      genres: index % 2 === 0 ? ['mystery', 'drama'] : [],
      storefronts: title === 'Flint' ? ['JP'] : ['BR', 'JP'],
      ...(title === 'Amber' && { titles: { ja: 'アンバー', 'pt-BR': 'Âmbar' } }),
    })),
    model: modelBytes(users.length, titles.length),
    ...changes,
  };
}

export function rowsOf(
  rows: readonly (readonly number[])[],
  weights?: readonly (readonly number[])[],
): Interactions {
  const offsets = new Int32Array(rows.length + 1);
  for (const [index, row] of rows.entries()) offsets[index + 1] = offsets[index]! + row.length;
  return {
    ...{ users: rows.length, items: titles.length, offsets, indices: Int32Array.from(rows.flat()) },
    ...(weights && { weights: Float32Array.from(weights.flat()) }),
  };
}

/** The scores of every user for every item, as plain bytes: a model small enough to see through. */
function modelBytes(userCount: number, itemCount: number): Uint8Array {
  const random = seededRandom(3);
  const scores = Float32Array.from({ length: userCount * itemCount }, () => random.uniform());
  return new Uint8Array(scores.buffer);
}

/** Reads those scores; a history scores each item by how near its number is. */
export function tableScorer(bundle: RecommenderBundle): Scorer {
  const items = bundle.items.length;
  const table = new Float32Array(bundle.model.slice().buffer);
  const near = (history: Int32Array, item: number): number =>
    history.reduce((sum, seen) => sum + 1 / (1 + Math.abs(seen - item)), 0);
  return {
    rank: (subject, { k, exclude = [], candidates }) => {
      const scores =
        'user' in subject
          ? table.slice(subject.user * items, (subject.user + 1) * items)
          : Float32Array.from({ length: items }, (_, item) => near(subject.history, item));
      const left = new Set(exclude);
      return topItems(scores, k, (item) => !left.has(item) && candidates?.[item] !== 0);
    },
  };
}
