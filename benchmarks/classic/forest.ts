import {
  fit,
  type Matrix,
  predictProbabilities,
  randomForestClassifier,
  rocAuc,
  type TabularModel,
} from '@backlot/learn';
import { readSimulated } from './simulated.ts';

/** Rows that neither side fits, at the end: the quality is that of what is foretold for them. */
const heldOut = 100_000;

/** Twenty trees of twelve levels; what is timed is the fit alone. */
export async function prepareForest(threads: number) {
  const { rows, columns, values, labels } = await readSimulated();
  const fitted = rows - heldOut;
  const part = (from: number, to: number): Matrix => ({
    ...{ rows: to - from, columns },
    values: values.subarray(from * columns, to * columns),
  });
  const examples = {
    features: part(0, fitted),
    target: Float64Array.from(labels.subarray(0, fitted)),
  };
  const specification = randomForestClassifier({ trees: 20, depth: 12 });
  return {
    run: () => fit(specification, examples, { threads, seed: 1 }),
    outcome: async (model: TabularModel): Promise<Float64Array> => {
      const shares = await predictProbabilities(model, part(fitted, rows), { threads });
      return Float64Array.from({ length: heldOut }, (_, row) => shares.values[2 * row + 1]!);
    },
  };
}

/** The area under the curve of what was foretold for the rows held out. */
export async function forestQuality(shares: Float64Array): Promise<number> {
  const { rows, labels } = await readSimulated();
  return rocAuc(Float64Array.from(labels.subarray(rows - heldOut)), shares);
}
