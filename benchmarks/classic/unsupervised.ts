import {
  fit,
  isolationForest,
  kMeans,
  type Matrix,
  pca,
  scoreRows,
  type TabularModel,
  takeRows,
} from '@backlot/learn';
import { readSimulated } from './simulated.ts';

export type UnsupervisedWork = 'k-means' | 'pca' | 'isolation-forest';

/** Rows that the isolation forest scores within the time that is taken. */
const scored = 100_000;

interface Outcome {
  readonly values: Float64Array;
}

/** Fits the unsupervised model of a task; what is timed is `run` alone. */
export async function prepareUnsupervised(work: UnsupervisedWork, threads: number) {
  const { rows, columns, values } = await readSimulated();
  const features: Matrix = { rows, columns, values };
  const tensor = async (model: Promise<TabularModel>, name: string): Promise<Outcome> => ({
    values: (await model).tensors[name]!.data as Float64Array,
  });
  const runs = {
    'k-means': () => {
      const specification = kMeans({ clusters: 20, rounds: 20, tolerance: 0 });
      return tensor(fit(specification, { features }, { threads, seed: 1 }), 'centres');
    },
    pca: () => tensor(fit(pca({ components: 10 }), { features }, { threads }), 'components'),
    'isolation-forest': async () => {
      const model = await fit(isolationForest(), { features }, { threads, seed: 1 });
      const first = takeRows(
        features,
        Int32Array.from({ length: scored }, (_, row) => row),
      );
      return { values: await scoreRows(model, first, { threads }) };
    },
  };
  return { run: runs[work], outcome: ({ values: found }: Outcome): Float64Array => found };
}

/** How good an outcome is, higher being better. */
export async function unsupervisedQuality(
  work: UnsupervisedWork,
  found: Float64Array,
): Promise<number> {
  const { rows, columns, values } = await readSimulated();
  const matrix: Matrix = { rows, columns, values };
  if (work === 'k-means') return -inertiaOf(matrix, found);
  return work === 'pca' ? explained(matrix, found) : agreement(matrix, found);
}

function inertiaOf({ rows, columns, values }: Matrix, centres: Float64Array): number {
  let total = 0;
  for (let row = 0; row < rows; row++) {
    let least = Infinity;
    for (let centre = 0; centre < centres.length; centre += columns) {
      let sum = 0;
      for (let k = 0; k < columns; k++) {
        sum += (values[row * columns + k]! - centres[centre + k]!) ** 2;
      }
      least = Math.min(least, sum);
    }
    total += least;
  }
  return total;
}

/** The variance along the components. */
function explained({ rows, columns, values }: Matrix, components: Float64Array): number {
  const count = components.length / columns;
  const [sums, squares] = [new Float64Array(count), new Float64Array(count)];
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < count; j++) {
      let score = 0;
      for (let k = 0; k < columns; k++) {
        score += components[j * columns + k]! * values[row * columns + k]!;
      }
      sums[j]! += score;
      squares[j]! += score * score;
    }
  }
  return squares.reduce((total, one, j) => total + one / rows - (sums[j]! / rows) ** 2, 0);
}

/** The correlation of scores with how near a row is to the middle, in deviations as they were simulated. */
function agreement({ columns, values }: Matrix, scores: Float64Array): number {
  const near = scores.map((_, row) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) {
      sum -= ((values[row * columns + k]! - (k % 3)) / (1 + (k % 5))) ** 2;
    }
    return sum;
  });
  const mean = (of: Float64Array): number => of.reduce((sum, one) => sum + one, 0) / of.length;
  const [a, b] = [mean(scores), mean(near)];
  let [ab, aa, bb] = [0, 0, 0];
  scores.forEach((score, row) => {
    ab += (score - a) * (near[row]! - b);
    aa += (score - a) ** 2;
    bb += (near[row]! - b) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}
