import { openHnsw } from '@backlot/compute';
import { assert } from '@backlot/core';
import { InvalidArgument, InvalidExamples, InvalidModel } from '../error.ts';
import { checkFeatures } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import type { TabularModel } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import type { ApplyOptions } from '../tabular-kind.ts';
import { indexOf, learnedIndex } from './index-model.ts';
import { emptyFound, type FoundRows, offer } from './nearest-list.ts';
import type { NearestNeighbours } from './nearest-neighbours.ts';
import { rowDistances } from './row-distance.ts';
import { addToIndex, findRows, graphQuery, placedGraph, type RowQuery } from './row-index.ts';
import { pointsOfQueries } from './row-space.ts';

export interface NearestRowsOptions extends ApplyOptions {
  /** How many are found, at least 1; the specification's by default, all rows where there are fewer. */
  readonly k?: number;
  /** Rows that a search of the graph keeps: more find more of the nearest; the specification's by default. */
  readonly width?: number;
}

/**
 * The nearest fitted rows of a `nearestNeighbours` model to each row of the features: numbers of rows and
 * distances, both queries x k, nearest first. Throws `InvalidModel`, `InvalidArgument`, `InvalidExamples`,
 * `Cancelled`.
 */
export async function nearestRows(
  model: TabularModel,
  features: Matrix,
  options: NearestRowsOptions = {},
): Promise<FoundRows> {
  const query = queryOf(model, options);
  checkRows(model, features);
  return findRows(indexOf(model), features, query, options);
}

/**
 * The model with more rows behind its own, numbered from where those end: what `nearestRows` finds is as
 * if it had been fitted to all, and a graph is not built anew unless a product's row is longer than any
 * before. Neither argument is changed.
 */
export async function addRows(
  model: TabularModel,
  features: Matrix,
  options: Omit<FitOptions, 'seed'> = {},
): Promise<TabularModel> {
  const { parameters } = searcherOf(model);
  checkRows(model, features);
  if (features.rows === 0) return model;
  const seed = { ...options, seed: model.seed };
  const index = await addToIndex(indexOf(model), features, parameters, seed);
  const { tensors, facts } = learnedIndex(index);
  const { rows } = index.rows;
  const outputs = Math.min(parameters.k, rows);
  return { ...model, signature: { ...model.signature, rows, outputs }, tensors, facts };
}

/** A model that answers one query after another on this thread. */
export interface NearestSearcher {
  /** The k nearest rows to one query, of as many numbers as a row; a width is at most the one opened with. */
  find(query: ArrayLike<number>, width?: number): FoundRows;
}

/**
 * Opens a model for single queries, as a server asks them: a graph is placed in memory once, and a search
 * waits for no other thread. Throws `InvalidModel`, `InvalidArgument`.
 */
export async function openNearest(
  model: TabularModel,
  options: Pick<NearestRowsOptions, 'k' | 'width'> = {},
): Promise<NearestSearcher> {
  const index = indexOf(model);
  const { rows, space } = index;
  const asked = queryOf(model, options);
  const k = Math.min(asked.k, rows.rows);
  const most = graphQuery(rows, { k, width: asked.width });
  const { graph } = index;
  const searcher = graph && (await openHnsw(placedGraph({ ...index, graph }), most));
  const everyRow = Int32Array.from({ length: searcher ? 0 : rows.rows }, (_, row) => row);
  const distanceTo = rowDistances(space.metric, rows);
  const one = new Float64Array(rows.columns);
  const query: Matrix = { rows: 1, columns: rows.columns, values: one };
  return {
    find(given, width?: number) {
      if (given.length !== one.length) {
        checkRows(model, { rows: 1, columns: given.length, values: Float64Array.from(given) });
      }
      one.set(given);
      checkRows(model, query);
      const found = emptyFound(1, k);
      const candidates = searcher?.candidates(pointsOfQueries(space, query), width) ?? everyRow;
      if (searcher) touchRows(rows, candidates);
      const distance = distanceTo(query);
      for (const row of candidates) if (row >= 0) offer(found, 0, distance(0, row), row);
      return found;
    },
  };
}

/**
 * Reads a number of each cache line of the rows: these loads wait for memory together, those of a distance only
 * one row after another.
 */
function touchRows({ columns, values }: Matrix, candidates: Int32Array): void {
  let broken = 0;
  for (const row of candidates) {
    if (row < 0) break;
    const end = (row + 1) * columns;
    for (let at = row * columns; at < end; at += 16) {
      broken += Number(Number.isNaN(values[at]!));
    }
  }
  assert(broken === 0, 'fitted rows hold numbers');
}

function searcherOf(model: TabularModel): NearestNeighbours {
  if (model.kind === 'nearestNeighbours') return model.specification as NearestNeighbours;
  throw new InvalidModel(`${model.kind} is not searched; fit nearestNeighbours`);
}

function queryOf(model: TabularModel, { k, width }: NearestRowsOptions): RowQuery {
  const { parameters } = searcherOf(model);
  for (const [name, value] of Object.entries({ k, width })) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    throw new InvalidArgument(name, `is ${value}; a whole number from 1 is allowed`);
  }
  return { k: k ?? parameters.k, width: width ?? parameters.width };
}

function checkRows({ signature }: TabularModel, features: Matrix): void {
  checkFeatures(features, false);
  if (features.columns === signature.columns) return;
  const expected = signature.columns;
  throw new InvalidExamples(
    `the rows have ${features.columns} columns; the model knows ${expected}`,
  );
}
