import type { OnnxGraph } from '@backlot/compute';
import type { BranchData, ParametersOf } from '../constraint.ts';
import { InvalidExamples, InvalidModel, InvalidParameter } from '../error.ts';
import type { Examples } from '../examples.ts';
import type { Features, Field, Form, Frame } from '../features.ts';
import { type FittedModel, partOf, type TabularModel } from '../fitted-model.ts';
import { GraphBuilder } from '../graph-builder.ts';
import { densify, type Matrix, type SparseMatrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { ExamplesSize, TabularKind, Verbs } from '../tabular-kind.ts';

const constraints = {
  branches: {
    type: 'branches',
    maxLength: 1000,
    default: [],
    summary:
      'Which columns each transformer gets; what they make stands side by side in their order.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Columns = Specification<'columns', Values>;

/**
 * A transformer for each group of columns, side by side. Columns are named as the examples name them; a
 * matrix without names has `0`, `1`, ... Columns that no branch names are left out. Numbers of a frame come
 * to a transformer that takes no frame as a matrix.
 *
 * @example
 * const prepare = columns(
 *   { columns: ['age', 'hours'], estimator: standardScaler() },
 *   { columns: ['work', 'sex'], estimator: oneHotEncoder() },
 * );
 */
export function columns(...branches: readonly BranchData[]): Columns {
  return specify('columns', constraints, { branches });
}

export const columnsKind: TabularKind<Values> = {
  kind: 'columns',
  family: 'composition',
  roles: ['transformer'],
  summary: 'A transformer for each group of columns, side by side.',
  constraints,
  accepts: ['dense', 'frame'],
  missing: true,
  target: ({ branches }, parts) =>
    branches.map(({ estimator }) => parts.targetOf(estimator)).find((one) => one !== 'none') ??
    'none',
  memory: (size, { branches }, parts) =>
    branches.reduce((sum, branch) => {
      const own = branchSize(size, branch);
      return (
        sum +
        parts.memoryOf(branch.estimator, own) +
        12 * parts.madeOf(branch.estimator, own).stored
      );
    }, 24 * size.stored),
  made: (size, { branches }, parts) => {
    const made = branches.map((branch) => parts.madeOf(branch.estimator, branchSize(size, branch)));
    return {
      ...size,
      columns: made.reduce((sum, { columns: own }) => sum + own, 0),
      stored: made.reduce((sum, { stored }) => sum + stored, 0),
    };
  },
  fit: async ({ parameters: { branches } }, examples, options, verbs) => {
    const { models } = await fitBranches(
      branches,
      examples,
      (part, given) =>
        verbs
          .fitTransform(part, given, options)
          .then(({ model, features }) => ({ model, features })),
      verbs,
    );
    const outputs = Object.values(models).reduce(
      (sum, { signature }) => sum + (signature as TabularModel['signature']).outputs,
      0,
    );
    return { tensors: {}, parts: models, outputs };
  },
  transformTrained: async ({ parameters: { branches } }, examples, options, verbs) => {
    const { made } = await fitBranches(
      branches,
      examples,
      (part, given) => verbs.fitTransform(part, given, options),
      verbs,
    );
    return sideBySide(made);
  },
  tensors: () => ({}),
  checkModel: (model) => {
    const { branches } = model.specification.parameters as Values;
    if (branches.length === 0) throw new InvalidModel('no branch of columns');
    branches.forEach(({ estimator }, at) => {
      if (partOf(model, nameOf(at)).kind === estimator.kind) return;
      throw new InvalidModel(`branch ${at} is of another kind than it says`);
    });
  },
  transform: async (model, features, options, verbs) => {
    const { branches } = model.specification.parameters;
    const made: Features[] = [];
    for (const [at, branch] of branches.entries()) {
      const part = partOf(model, nameOf(at));
      const names = model.signature.names ?? undefined;
      const given = pickColumns(
        { features, ...(names && { names }) },
        branch,
        verbs.acceptsOf(branch.estimator),
      );
      made.push(await verbs.transform(part, given.features, options));
    }
    return sideBySide(made);
  },
  onnx: columnsGraph,
};

/** Numbers alone, in the order in which the examples named them. */
function columnsGraph(model: TabularModel, graphOf: (part: TabularModel) => OnnxGraph): OnnxGraph {
  const { columns: width, names, outputs } = model.signature;
  const known = names ?? Array.from({ length: width }, (_, column) => String(column));
  const builder = new GraphBuilder(width);
  const { branches } = model.specification.parameters as Values;
  const made = branches.map((branch, at) => {
    const places = branch.columns.map((name) => known.indexOf(name));
    const picked = builder.integers([places.length], places);
    const given = builder.node('Gather', ['features', picked], { axis: { int: 1 } });
    return builder.inline(graphOf(partOf(model, nameOf(at))), given).features_out!;
  });
  const from = builder.node('Concat', made, { axis: { int: 1 } });
  return builder.finish('columns', [
    { name: 'features_out', type: 'float', shape: ['rows', outputs], from },
  ]);
}

/** The size of a branch's columns; of a column of texts all characters may be in it. */
function branchSize(size: ExamplesSize, { columns: names }: BranchData): ExamplesSize {
  const stored = Math.max(size.stored, size.rows * names.length);
  return { ...size, columns: names.length, stored };
}

function nameOf(branch: number): string {
  return String(branch).padStart(4, '0');
}

async function fitBranches(
  branches: readonly BranchData[],
  examples: Examples,
  fitOne: (
    part: Specification,
    given: Examples,
  ) => Promise<{ model: TabularModel; features: Features }>,
  verbs: Verbs,
) {
  if (branches.length === 0) {
    throw new InvalidParameter('columns', 'branches', 'is empty; at least one is needed');
  }
  const models: Record<string, FittedModel> = {};
  const made: Features[] = [];
  for (const [at, branch] of branches.entries()) {
    const given = pickColumns(examples, branch, verbs.acceptsOf(branch.estimator));
    const found = await fitOne(branch.estimator, given);
    models[nameOf(at)] = found.model;
    made.push(found.features);
  }
  return { models, made };
}

/** The named columns alone, as the transformer takes them. */
export function pickColumns(
  examples: Examples,
  branch: BranchData,
  accepts: readonly Form[],
): Examples {
  const { features } = examples;
  const names = namesOf(examples);
  const places = branch.columns.map((name) => {
    const at = names.indexOf(name);
    if (at >= 0) return at;
    const known = names.slice(0, 20).join(', ');
    throw new InvalidExamples(`there is no column ${name}; there are ${known}`);
  });
  if (places.length === 0) throw new InvalidExamples('a branch names no column');
  const picked =
    'fields' in features
      ? pickFields(features, places, accepts)
      : pickNumbers(features as Matrix, places);
  return { ...examples, features: picked, names: branch.columns };
}

function namesOf({ features, names }: Examples): readonly string[] {
  if ('fields' in features) return features.fields.map(({ name }) => name);
  const { columns: count } = features as Matrix;
  return names ?? Array.from({ length: count }, (_, column) => String(column));
}

function pickFields(frame: Frame, places: readonly number[], accepts: readonly Form[]): Features {
  const fields = places.map((place) => frame.fields[place]!);
  if (accepts.includes('frame')) return { rows: frame.rows, fields };
  if (accepts.includes('texts') && fields.length === 1 && 'words' in fields[0]!) {
    return { texts: fields[0].words.map((word) => word ?? '') };
  }
  return numbersOf(frame.rows, fields);
}

function numbersOf(rows: number, fields: readonly Field[]): Matrix {
  const values = new Float64Array(rows * fields.length);
  fields.forEach((field, column) => {
    if ('words' in field) {
      throw new InvalidExamples(`column ${field.name} holds words; its transformer takes numbers`);
    }
    for (let row = 0; row < rows; row++) values[row * fields.length + column] = field.numbers[row]!;
  });
  return { rows, columns: fields.length, values };
}

function pickNumbers({ rows, columns: width, values }: Matrix, places: readonly number[]): Matrix {
  const picked = new Float64Array(rows * places.length);
  for (let row = 0; row < rows; row++) {
    places.forEach((place, at) => {
      picked[row * places.length + at] = values[row * width + place]!;
    });
  }
  return { rows, columns: places.length, values: picked };
}

/** Sparse as soon as one of them is. */
function sideBySide(parts: readonly Features[]): Matrix | SparseMatrix {
  const matrices = parts.map((part) => {
    if ('texts' in part || 'fields' in part) {
      throw new InvalidExamples('what a branch makes is no matrix');
    }
    return part;
  });
  return matrices.some((part) => 'offsets' in part) ? joinSparse(matrices) : joinDense(matrices);
}

function joinDense(parts: readonly (Matrix | SparseMatrix)[]): Matrix {
  const { rows } = parts[0]!;
  const width = parts.reduce((sum, part) => sum + part.columns, 0);
  const values = new Float64Array(rows * width);
  let at = 0;
  for (const part of parts) {
    const { columns: own, values: from } = 'offsets' in part ? densify(part) : part;
    for (let row = 0; row < rows; row++) {
      values.set(from.subarray(row * own, (row + 1) * own), row * width + at);
    }
    at += own;
  }
  return { rows, columns: width, values };
}

function joinSparse(parts: readonly (Matrix | SparseMatrix)[]): SparseMatrix {
  const { rows } = parts[0]!;
  const offsets = new Int32Array(rows + 1);
  const [indices, values]: [number[], number[]] = [[], []];
  for (let row = 0; row < rows; row++) {
    let base = 0;
    for (const part of parts) {
      pushRow(part, row, base, indices, values);
      base += part.columns;
    }
    offsets[row + 1] = indices.length;
  }
  const width = parts.reduce((sum, part) => sum + part.columns, 0);
  return {
    ...{ rows, columns: width, offsets },
    ...{ indices: Int32Array.from(indices), values: Float64Array.from(values) },
  };
}

function pushRow(
  part: Matrix | SparseMatrix,
  row: number,
  base: number,
  indices: number[],
  values: number[],
): void {
  const push = (column: number, value: number): void => {
    indices.push(base + column);
    values.push(value);
  };
  if ('offsets' in part) {
    for (let at = part.offsets[row]!; at < part.offsets[row + 1]!; at++) {
      push(part.indices[at]!, part.values[at]!);
    }
    return;
  }
  for (let column = 0; column < part.columns; column++) {
    const value = part.values[row * part.columns + column]!;
    if (value !== 0) push(column, value);
  }
}
