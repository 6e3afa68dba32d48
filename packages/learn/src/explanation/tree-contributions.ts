import { throwIfCancelled } from '@backlot/core';
import { InvalidExamples, UnsupportedVerb } from '../error.ts';
import { tabularKindOf } from '../estimators.ts';
import { checkFeatures, type Features } from '../features.ts';
import type { TabularModel } from '../fitted-model.ts';
import { denseBlocks, type Matrix, type SparseMatrix } from '../matrix.ts';
import { turn } from '../recommenders/rank-rows.ts';
import type { ApplyOptions } from '../tabular-kind.ts';
import { TreeShap } from '../trees/tree-shap.ts';

/** What each column did for each answer. */
export interface TreeContributions {
  readonly rows: number;
  readonly columns: number;
  /** Numbers that the trees give a row: one, or one for each class. */
  readonly outputs: number;
  /** By output, what is said where nothing is known of a row. */
  readonly base: Float64Array;
  /** Rows x columns x outputs: with the base they add up to the score before any link, or to the shares. */
  readonly values: Float64Array;
}

/** Rows between two turns of timers and signals. */
const turnRows = 64;

/**
 * The contributions of columns to what trees say of rows, by Shapley values along their paths (Lundberg et
 * al. 2020): of boosted trees in the units of the score (log odds of two classes, one score a class of
 * more), of forests in those of the answer. A column that is not known is averaged over by the shares of
 * training rows in the trees. Throws `UnsupportedVerb` for a model that is not of trees, `InvalidExamples`,
 * `Cancelled`.
 *
 * @example
 * const { base, values } = await treeContributions(model, features);
 */
export async function treeContributions(
  model: TabularModel,
  features: Features,
  options: ApplyOptions = {},
): Promise<TreeContributions> {
  const kind = tabularKindOf(model.kind);
  if (!kind.trees) throw new UnsupportedVerb(kind.kind, 'treeContributions', 'it is not of trees');
  const given = checkedMatrix(model, features);
  const trees = kind.trees(model);
  const { rows, columns } = given;
  const { outputs, start } = trees;
  const shap = new TreeShap(trees);
  const expected = shap.expected();
  const values = new Float64Array(rows * columns * outputs);
  let row = 0;
  for (const part of denseBlocks(given)) {
    const { values: x } = trees.prepare(part);
    for (let at = 0; at < part.rows; at++, row++) {
      if (row % turnRows === 0) {
        throwIfCancelled(options.signal, 'the explanation');
        options.onProgress?.({ step: 'rows', done: row, total: rows });
        await turn();
      }
      shap.add(x, at * columns, values, row * columns * outputs);
    }
  }
  return { rows, columns, outputs, base: start.map((one, at) => one + expected[at]!), values };
}

function checkedMatrix({ signature }: TabularModel, features: Features): Matrix | SparseMatrix {
  checkFeatures(features, true);
  if ('texts' in features || 'fields' in features) {
    throw new InvalidExamples('trees are explained on dense or sparse rows of numbers');
  }
  if (features.columns !== signature.columns) {
    const known = `the model knows ${signature.columns}`;
    throw new InvalidExamples(`the rows have ${features.columns} columns; ${known}`);
  }
  return features;
}

/** By column, the mean over rows and outputs of how far it moved the answer, either way. */
export function meanContributions({
  rows,
  columns,
  outputs,
  values,
}: TreeContributions): Float64Array {
  const found = new Float64Array(columns);
  values.forEach((value, at) => {
    found[Math.floor(at / outputs) % columns]! += Math.abs(value) / (rows * outputs);
  });
  return found;
}
