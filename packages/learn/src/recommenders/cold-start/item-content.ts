import { InvalidArgument } from '../../error.ts';
import { type Features, rowsOf, takeRows } from '../../features.ts';
import { fit } from '../../fit.ts';
import { type SparseMatrix, sparsify } from '../../matrix.ts';
import { lengthOf } from '../../neighbours/row-space.ts';
import type { Specification } from '../../specification.ts';
import { transform } from '../../tabular-verbs.ts';

/** What items are like: a row for each item of the model, and rows for items that it does not know. */
export interface ItemContent {
  readonly known: Features;
  readonly added: Features;
  /** Makes rows of numbers of them (texts by `tfIdf`, a table by `columns`), fitted on the known items. */
  readonly transformer?: Specification | undefined;
}

/** The rows of both as numbers, scaled to length 1 so that an item with much content counts like others. */
export async function contentRows(
  { known, added, transformer }: ItemContent,
  items: number,
): Promise<{ readonly known: SparseMatrix; readonly added: SparseMatrix }> {
  if (rowsOf(known) !== items) {
    throw new InvalidArgument('known', `has ${rowsOf(known)} rows; the model has ${items} items`);
  }
  if (!transformer) return { known: unitRows(known), added: unitRows(added) };
  const model = await fit(transformer, { features: known });
  const empty = rowsOf(added) === 0;
  return {
    known: unitRows(await transform(model, known)),
    // Most estimators refuse no rows at all; one that is not kept tells the columns.
    added: unitRows(
      empty
        ? takeRows(await transform(model, takeRows(known, [0])), [])
        : await transform(model, added),
    ),
  };
}

function unitRows(features: Features): SparseMatrix {
  if ('texts' in features || 'fields' in features) {
    throw new InvalidArgument(
      'transformer',
      'is needed for texts and tables, and must give numbers',
    );
  }
  const sparse = sparsify(features);
  const values = Float64Array.from(sparse.values);
  for (let row = 0; row < sparse.rows; row++) {
    const own = values.subarray(sparse.offsets[row], sparse.offsets[row + 1]);
    const length = lengthOf(own, 0, own.length);
    if (!Number.isFinite(length)) {
      throw new InvalidArgument('content', `of row ${row} has a number that is not finite`);
    }
    if (length > 0) for (let at = 0; at < own.length; at++) own[at]! /= length;
  }
  return { ...sparse, values };
}
