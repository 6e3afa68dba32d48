import type { HnswGraph } from '@backlot/compute';
import { InvalidModel } from '../error.ts';
import type { TensorShape } from '../fit-options.ts';
import {
  type Fact,
  factOf,
  float32,
  float64,
  int32,
  type TabularModel,
  type TabularSignature,
  type Tensor,
  tensorOf,
  uint8,
} from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import type { Learned } from '../tabular-kind.ts';
import type { RowIndex } from './row-index.ts';
import type { RowSpace } from './row-space.ts';
import type { SearchParameters } from './search-parameters.ts';

/** A model's index: rows as they were given, floats or doubles, and its graph. */
export function learnedIndex({ rows, space, graph }: RowIndex): Required<Omit<Learned, 'parts'>> {
  const { scale, reach, whole } = space;
  return {
    tensors: {
      rows: numbersTensor(rows),
      shifts: float64([rows.columns], space.shifts),
      ...(graph && graphTensors(graph)),
    },
    facts: {
      numbers: rows.values instanceof Float32Array ? 'float32' : 'float64',
      space: [scale, reach, whole],
      ...(graph && { graph: graphFacts(graph) }),
    },
    outputs: 1,
  };
}

function numbersTensor({ columns, rows, values }: Matrix): Tensor {
  return values instanceof Float32Array
    ? float32([rows, columns], values)
    : float64([rows, columns], values);
}

function graphTensors(graph: HnswGraph): Readonly<Record<string, Tensor>> {
  const { coding, dimensions, levels, links, m, rows, upperLinks } = graph;
  return {
    levels: uint8([rows], levels),
    links: int32([rows, 2 * m], links),
    upperLinks: int32([upperLinks.length], upperLinks),
    codeShifts: float32([dimensions], coding.shifts),
  };
}

function graphFacts({ entry, coding, seed }: HnswGraph): Fact {
  return [entry, seed, coding.bytes, coding.scale, coding.limit, coding.queryLimit];
}

/** The tensors of an index, as a kind declares them. */
export function indexTensors(
  { columns }: TabularSignature,
  { metric, search, connections }: SearchParameters,
  { numbers }: Readonly<Record<string, Fact>>,
): Readonly<Record<string, TensorShape>> {
  const type = numbers === 'float32' ? 'float32' : 'float64';
  return {
    rows: { type, shape: [-1, columns] },
    shifts: { type: 'float64', shape: [columns] },
    ...(search === 'hnsw' && {
      levels: { type: 'uint8', shape: [-1] },
      links: { type: 'int32', shape: [-1, 2 * connections] },
      upperLinks: { type: 'int32', shape: [-1] },
      codeShifts: { type: 'float32', shape: [columns + Number(metric === 'dot')] },
    }),
  };
}

/** The index of a model. */
export function indexOf(model: TabularModel): RowIndex {
  const parameters = model.specification.parameters as unknown as SearchParameters;
  const type = factOf(model, 'numbers') === 'float32' ? 'float32' : 'float64';
  const { data, shape } = tensorOf(model, 'rows', type);
  const rows = { rows: shape[0]!, columns: shape[1]!, values: data };
  const [scale, reach, whole] = factOf<[number, number, boolean]>(model, 'space');
  const shifts = tensorOf(model, 'shifts', 'float64').data;
  const space: RowSpace = { metric: parameters.metric, shifts, scale, reach, whole };
  if (parameters.search === 'exact') return { rows, space };
  return { rows, space, graph: graphOf(model, parameters, rows.rows) };
}

/** The graph without its vectors, which are the rows as points. */
function graphOf(model: TabularModel, parameters: SearchParameters, rows: number): HnswGraph {
  const [entry, seed, bytes, scale, limit, queryLimit] = factOf<
    [number, number, 1 | 2, number, number, number]
  >(model, 'graph');
  const shifts = tensorOf(model, 'codeShifts', 'float32').data;
  return {
    rows,
    dimensions: shifts.length,
    m: parameters.connections,
    efConstruction: parameters.construction,
    seed,
    vectors: new Float32Array(0),
    coding: { bytes, shifts, scale, limit, queryLimit },
    levels: tensorOf(model, 'levels', 'uint8').data,
    links: tensorOf(model, 'links', 'int32').data,
    upperLinks: tensorOf(model, 'upperLinks', 'int32').data,
    entry,
  };
}

/** Throws `InvalidModel` for an index whose search would leave it: the kernels look at no bound. */
export function checkIndex(model: TabularModel): void {
  const space = factOf(model, 'space');
  const [scale, reach, whole] = Array.isArray(space) ? space : [];
  const sized = isPositive(scale) && typeof reach === 'number' && reach >= 0 && reach < Infinity;
  if (!sized || typeof whole !== 'boolean') throw new InvalidModel('its space is not one');
  const index = indexOf(model);
  if (index.rows.rows < 1) throw new InvalidModel('it holds no rows');
  if (index.graph) {
    checkGraphFacts(factOf(model, 'graph'));
    checkGraph(index.graph);
  }
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < Infinity;
}

const maxLevel = 15;

function checkGraphFacts(facts: Fact): void {
  const [entry, seed, bytes, scale, limit, queryLimit] = Array.isArray(facts) ? facts : [];
  const whole = [entry, seed, limit, queryLimit].every(Number.isSafeInteger);
  const coded =
    (bytes === 1 || bytes === 2) && isPositive(scale) && scale <= 1e30 && isPositive(limit);
  const most = bytes === 1 ? 127 : 16383;
  if (whole && coded && limit <= most && isPositive(queryLimit) && queryLimit < 2 ** 15) return;
  throw new InvalidModel('its graph has no coding');
}

function checkGraph({ coding, entry, levels, links, m, rows, upperLinks }: HnswGraph): void {
  const lists = levels.reduce((sum, level) => sum + level, 0);
  const sized =
    levels.length === rows && links.length === rows * 2 * m && upperLinks.length === lists * m;
  if (!sized || levels.some((level) => level > maxLevel)) {
    throw new InvalidModel('its graph is not one of its rows');
  }
  if (!(entry >= 0 && entry < rows) || coding.shifts.some((shift) => Math.abs(shift) > 1e30)) {
    throw new InvalidModel('its graph has no entry');
  }
  const leads = (row: number, level: number): boolean =>
    row === -1 || (row >= 0 && row < rows && levels[row]! >= level);
  let inside = links.every((row) => leads(row, 0));
  for (let row = 0, at = 0; row < rows; row++) {
    for (let level = 1; level <= levels[row]!; level++, at += m) {
      inside &&= upperLinks.subarray(at, at + m).every((other) => leads(other, level));
    }
  }
  if (!inside) throw new InvalidModel('its graph leads out of its rows');
}
