import {
  addToHnsw,
  buildHnsw,
  type CandidateQuery,
  type HnswGraph,
  hnswCandidates,
} from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import type { FitOptions } from '../fit-options.ts';
import type { Matrix } from '../matrix.ts';
import { turn } from '../recommenders/rank-rows.ts';
import type { ApplyOptions } from '../tabular-kind.ts';
import { findExact, sessionOptions } from './find-exact.ts';
import { emptyFound, type FoundRows, offer } from './nearest-list.ts';
import { rowDistances } from './row-distance.ts';
import { pointsOfQueries, pointsOfRows, type RowSpace, spaceOf } from './row-space.ts';
import type { SearchParameters } from './search-parameters.ts';

/** Rows that can be searched, exactly or by a graph. */
export interface RowIndex {
  readonly rows: Matrix;
  readonly space: RowSpace;
  /** Over the rows as points; absent where all rows are looked at. */
  readonly graph?: HnswGraph;
}

/** Queries that a session holds at once. */
const sessionQueries = 2 ** 15;
/** Candidates beyond k for which there is room, at least: codes may order them otherwise than doubles. */
const spare = 24;

/** The index of a copy of the rows, as the parameters ask. */
export async function buildIndex(
  matrix: Matrix,
  { metric, search, connections, construction }: SearchParameters,
  options: FitOptions,
): Promise<RowIndex> {
  const rows = { ...matrix, values: matrix.values.slice() };
  const space = spaceOf(rows, metric);
  if (search === 'exact') return { rows, space };
  const graph = await buildHnsw(
    pointsOfRows(space, rows),
    rows.columns + Number(metric === 'dot'),
    { m: connections, efConstruction: construction, seed: options.seed ?? 0 },
    buildOptions(options),
  );
  return { rows, space, graph };
}

/** The index with more rows behind its own. */
export async function addToIndex(
  index: RowIndex,
  added: Matrix,
  parameters: SearchParameters,
  options: FitOptions,
): Promise<RowIndex> {
  const rows = joined(index.rows, added);
  const { space } = index;
  const grown = spaceOf(rows, space.metric);
  if (!index.graph) return { rows, space: grown };
  // By the added column rows of a product are equally long; a longer one changes that of all.
  const longer = grown.reach / grown.scale > space.reach / space.scale;
  if (longer) return buildIndex(rows, parameters, options);
  const graph = placedGraph({ ...index, graph: index.graph });
  const more = await addToHnsw(graph, pointsOfRows(space, added), buildOptions(options));
  return { rows, space, graph: more };
}

/** The graph with its rows as points, which a model does not hold twice. */
export function placedGraph({ rows, space, graph }: Required<RowIndex>): HnswGraph {
  return graph.vectors.length > 0 ? graph : { ...graph, vectors: pointsOfRows(space, rows) };
}

function joined(first: Matrix, second: Matrix): Matrix {
  const length = first.values.length + second.values.length;
  // Doubles that came later are kept as such.
  const floats = [first, second].every(({ values }) => values instanceof Float32Array);
  const values = floats ? new Float32Array(length) : new Float64Array(length);
  values.set(first.values);
  values.set(second.values, first.values.length);
  return { rows: first.rows + second.rows, columns: first.columns, values };
}

function buildOptions({ onProgress, ...options }: FitOptions) {
  return {
    ...sessionOptions(options),
    onProgress: (done: number, total: number) => onProgress?.({ step: 'graph', done, total }),
  };
}

/** How many are looked for, and among how many a graph keeps its candidates. */
export interface RowQuery {
  readonly k: number;
  readonly width: number;
}

/** The k nearest rows, or all where there are fewer, to each query. */
export async function findRows(
  index: RowIndex,
  queries: Matrix,
  query: RowQuery,
  options: ApplyOptions,
): Promise<FoundRows> {
  const k = Math.min(query.k, index.rows.rows);
  const found = emptyFound(queries.rows, k);
  const { columns, values } = queries;
  for (let first = 0; first < queries.rows; first += sessionQueries) {
    const rows = Math.min(sessionQueries, queries.rows - first);
    const part = {
      rows,
      columns,
      values: values.subarray(first * columns, (first + rows) * columns),
    };
    const { indices, distances } = await findPart(index, part, { ...query, k }, options);
    found.indices.set(indices, first * k);
    found.distances.set(distances, first * k);
    options.onProgress?.({ step: 'search', done: first + rows, total: queries.rows });
  }
  return found;
}

function findPart(
  { rows, space, graph }: RowIndex,
  queries: Matrix,
  query: RowQuery,
  options: ApplyOptions,
): Promise<FoundRows> {
  return graph
    ? findByGraph({ rows, space, graph }, queries, query, options)
    : findExact(rows, space, queries, query.k, options);
}

/** What a graph is asked for. */
export function graphQuery({ rows }: Matrix, { k, width }: RowQuery): CandidateQuery {
  return {
    k,
    ef: Math.min(rows, Math.max(width, k)),
    room: Math.min(rows, k + Math.max(spare, k >> 1)),
  };
}

async function findByGraph(
  index: Required<RowIndex>,
  queries: Matrix,
  { k, width }: RowQuery,
  options: ApplyOptions,
): Promise<FoundRows> {
  const { rows, space } = index;
  const points = pointsOfQueries(space, queries);
  const asked = graphQuery(rows, { k, width });
  const candidates = await hnswCandidates(
    placedGraph(index),
    points,
    asked,
    sessionOptions(options),
  );
  const found = emptyFound(queries.rows, k);
  const distance = rowDistances(space.metric, rows)(queries);
  for (let at = 0; at < queries.rows; at++) {
    if (at % 1024 === 0) {
      throwIfCancelled(options.signal, 'the search');
      await turn();
    }
    for (let place = at * asked.room; place < (at + 1) * asked.room; place++) {
      const row = candidates[place]!;
      if (row >= 0) offer(found, at * k, distance(at, row), row);
    }
  }
  return found;
}
