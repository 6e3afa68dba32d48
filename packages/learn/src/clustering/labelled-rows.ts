import { InvalidModel } from '../error.ts';
import { featuresAs } from '../features.ts';
import { float64, int32, type TabularModel, tensorOf } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import type { Learned, TabularKind } from '../tabular-kind.ts';
import { nearestCentres } from './nearest-centre.ts';

/** What is learned where a new row gets the label of the nearest row that was fitted. */
export function learnedRows(
  rows: Float64Array,
  labels: Int32Array,
  facts: Readonly<Record<string, number>>,
): Learned {
  const count = labels.length;
  const columns = count > 0 ? rows.length / count : 0;
  return {
    tensors: { rows: float64([count, columns], rows), labels: int32([count], labels) },
    facts,
  };
}

/** A row's cluster is that of the nearest fitted row, the first of equals. */
export const nearestRowVerbs: Pick<TabularKind, 'tensors' | 'predict' | 'checkModel'> = {
  tensors: ({ columns }) => ({
    rows: { type: 'float64', shape: [-1, columns] },
    labels: { type: 'int32', shape: [-1] },
  }),
  checkModel(model) {
    const [rows] = tensorOf(model, 'rows', 'float64').shape;
    const { data } = tensorOf(model, 'labels', 'int32');
    if (rows !== data.length || !data.every((label) => label >= -1)) {
      throw new InvalidModel('its rows and labels do not match');
    }
  },
  predict: async (model, features) => labelsByNearest(model, featuresAs(features, 'dense')),
};

function labelsByNearest(model: TabularModel, matrix: Matrix): Float64Array {
  const { data } = tensorOf(model, 'labels', 'int32');
  return nearestCentres(matrix, tensorOf(model, 'rows', 'float64').data).map(
    (place) => data[place] ?? -1,
  );
}
