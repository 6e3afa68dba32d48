/** What is near: classes of penguins, unusual ones, and a search among embeddings that grows. */
import { seededRandom } from '@backlot/core';
import {
  addRows,
  chain,
  crossValidate,
  fit,
  kNearestClassifier,
  localOutlierFactor,
  type Matrix,
  nearestNeighbours,
  nearestRows,
  openNearest,
  scoreRows,
  standardScaler,
} from '@backlot/learn';
import { penguins } from './data.ts';

const examples = penguins();
for (const k of [1, 5, 25]) {
  const classifier = chain(standardScaler(), kNearestClassifier({ k, weights: 'distance' }));
  const { mean } = await crossValidate(classifier, examples, { measure: 'accuracy', seed: 1 });
  console.log(`${k} nearest: accuracy ${mean.toFixed(3)} over five folds`);
}

const { features } = examples;
const detector = await fit(chain(standardScaler(), localOutlierFactor({ k: 20 })), { features });
const usual = await scoreRows(detector, features);
const order = Array.from(usual.keys()).sort((a, b) => usual[a]! - usual[b]!);
const shown = order.slice(0, 3).map((row) => `${row} (${(-usual[row]!).toFixed(2)})`);
console.log(`the most unusual rows and their factors: ${shown.join(', ')}`);

/** Embeddings of titles around forty themes. */
function embeddings(rows: number, seed: number): Matrix {
  const [themes, random] = [seededRandom(2), seededRandom(seed)];
  const centres = Float32Array.from({ length: 40 * 32 }, () => themes.normal());
  const values = new Float32Array(rows * 32);
  for (let row = 0; row < rows; row++) {
    const theme = random.below(40);
    for (let column = 0; column < 32; column++) {
      values[row * 32 + column] = centres[theme * 32 + column]! + 0.7 * random.normal();
    }
  }
  return { rows, columns: 32, values };
}

const titles = embeddings(4000, 3);
const queries = embeddings(200, 4);
const exact = await nearestRows(
  await fit(nearestNeighbours({ metric: 'cosine' }), { features: titles }),
  queries,
);
const index = await fit(nearestNeighbours({ metric: 'cosine', search: 'hnsw' }), {
  features: titles,
});
for (const width of [10, 40, 160]) {
  const { indices, k } = await nearestRows(index, queries, { width });
  const hits = indices.filter((row, at) => {
    const from = at - (at % k);
    return exact.indices.subarray(from, from + k).includes(row);
  });
  console.log(
    `a search ${width} wide finds ${((100 * hits.length) / indices.length).toFixed(1)} %`,
  );
}

const grown = await addRows(index, queries);
const searcher = await openNearest(grown, { k: 3 });
const { indices, distances } = searcher.find(queries.values.subarray(0, 32));
console.log(
  `the first query, added, finds itself as row ${indices[0]}, the next at ${distances[1]!.toFixed(3)}`,
);
