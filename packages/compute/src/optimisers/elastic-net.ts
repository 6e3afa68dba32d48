import { assert, throwIfCancelled } from '@backlot/core';
import { dot } from '../linear-algebra/vector.ts';
import type { DesignColumns } from './design-columns.ts';

/** The penalty l1 |w|_1 + l2/2 |w|^2 beside the squared residuals' half, none divided by the rows. */
export interface ElasticNetOptions {
  /** At least 0; one of l1 and l2 is above (without either, `leastSquares` solves it). */
  readonly l1: number;
  /** At least 0; 0 by default. */
  readonly l2?: number;
  /** Zeros by default; the solution of a near penalty saves most of the work. Not changed. */
  readonly start?: Float64Array;
  /** Stops when the duality gap is at most this part of |y|^2; 1e-10 by default. */
  readonly tolerance?: number;
  /** Passes over the columns; 10,000 by default. */
  readonly maxPasses?: number;
  /** Keeps coefficients at least 0. */
  readonly positive?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What coordinate descent found. */
export interface ElasticNetSolution {
  readonly coefficients: Float64Array;
  /** An upper bound of how far the objective is above its minimum. */
  readonly dualityGap: number;
  readonly objective: number;
  readonly passes: number;
  readonly converged: boolean;
}

/** A problem of coordinate descent: naive (residuals) or covariance (products) updates. */
interface Descent {
  readonly columns: number;
  square(j: number): number;
  /** Column j times the residual. */
  correlation(j: number): number;
  /** Coefficient j changes by so much. */
  move(j: number, by: number): void;
  /** The residual's squared length, and its product with y. */
  residual(): { readonly squares: number; readonly withTarget: number };
  readonly targetSquares: number;
}

/**
 * Minimises |y - X w|^2 / 2 + l1 |w|_1 + l2/2 |w|^2 by coordinate descent (Friedman, Hastie and
 * Tibshirani 2010) with an active set: passes over the non-zero coefficients until they rest, then one
 * over all. The duality gap (Kim and others 2007) says when it is done, so that the result is proven.
 * Scale l1 and l2 by the number of rows to get the usual mean-squared form.
 */
export function elasticNet(
  design: DesignColumns,
  target: Float64Array,
  options: ElasticNetOptions,
): ElasticNetSolution {
  assert(target.length === design.rows, 'the target has the rows of the design');
  const residual = target.slice();
  const descent: Descent = {
    columns: design.columns,
    square: design.square,
    correlation: (j) => design.dot(j, residual),
    move: (j, by) => design.add(j, -by, residual),
    residual: () => ({
      squares: dot(residual, 0, residual, 0, residual.length),
      withTarget: dot(residual, 0, target, 0, residual.length),
    }),
    targetSquares: dot(target, 0, target, 0, target.length),
  };
  return descend(descent, options);
}

/** X' X and what else the rows say of a least-squares problem. */
export interface NormalProducts {
  /** X' X (columns x columns). */
  readonly gram: Float64Array;
  /** X' y (columns). */
  readonly correlations: Float64Array;
  /** y' y. */
  readonly targetSquares: number;
}

/**
 * The same minimum from products alone ("covariance updates"): a pass costs nothing that grows with the
 * rows. For many rows and few columns. The gap is exact to about the spacing of doubles at |y|^2.
 */
export function elasticNetFromProducts(
  products: NormalProducts,
  options: ElasticNetOptions,
): ElasticNetSolution {
  const { gram, correlations, targetSquares } = products;
  const columns = correlations.length;
  assert(gram.length === columns * columns, 'the products are of the same columns');
  const rest = correlations.slice();
  const coefficients = new Float64Array(columns);
  const descent: Descent = {
    columns,
    targetSquares,
    square: (j) => gram[j * columns + j]!,
    correlation: (j) => rest[j]!,
    move(j, by) {
      coefficients[j]! += by;
      const row = j * columns;
      for (let k = 0; k < columns; k++) rest[k]! -= by * gram[row + k]!;
    },
    residual() {
      const explained = dot(coefficients, 0, correlations, 0, columns);
      const withRest = dot(coefficients, 0, rest, 0, columns);
      const squares = Math.max(0, targetSquares - explained - withRest);
      return { squares, withTarget: targetSquares - explained };
    },
  };
  return descend(descent, options);
}

function descend(descent: Descent, options: ElasticNetOptions): ElasticNetSolution {
  const { l1, l2 = 0, tolerance = 1e-10, maxPasses = 10_000, positive = false } = options;
  assert(l1 >= 0 && l2 >= 0 && l1 + l2 > 0, 'penalties are at least 0, one of them above');
  const coefficients = options.start?.slice() ?? new Float64Array(descent.columns);
  for (let j = 0; j < coefficients.length; j++) {
    if (coefficients[j] !== 0) descent.move(j, coefficients[j]!);
  }
  const rule: Rule = { l1, l2, positive };
  const enough = tolerance * descent.targetSquares;
  const all = Array.from({ length: descent.columns }, (_, j) => j);
  let state = measure(descent, coefficients, rule);
  let passes = 0;
  while (state.dualityGap > enough && passes < maxPasses) {
    throwIfCancelled(options.signal, 'the minimisation');
    const kept = all.filter((j) => !safelyZero(descent, coefficients, rule, state, j));
    passes++;
    pass(descent, coefficients, rule, kept);
    const active = kept.filter((j) => coefficients[j] !== 0);
    // The active set need not rest more exactly than the gap still is wide.
    const restful = Math.max(0.1 * state.dualityGap, 0.1 * enough);
    while (passes < maxPasses) {
      passes++;
      if (pass(descent, coefficients, rule, active) <= restful / (active.length + 1)) break;
    }
    state = measure(descent, coefficients, rule);
  }
  const { dualityGap, objective } = state;
  return { coefficients, dualityGap, objective, passes, converged: dualityGap <= enough };
}

interface Rule {
  readonly l1: number;
  readonly l2: number;
  readonly positive: boolean;
}

/** One pass; gives the largest fall of the objective by one coefficient (twice of it). */
function pass(
  descent: Descent,
  coefficients: Float64Array,
  rule: Rule,
  columns: readonly number[],
): number {
  const { l1, l2, positive } = rule;
  let largest = 0;
  for (const j of columns) {
    const square = descent.square(j);
    if (square === 0) continue;
    const old = coefficients[j]!;
    const pull = descent.correlation(j) + square * old;
    const size = Math.abs(pull) - l1;
    const next = size <= 0 || (positive && pull < 0) ? 0 : (Math.sign(pull) * size) / (square + l2);
    if (next === old) continue;
    coefficients[j] = next;
    descent.move(j, next - old);
    largest = Math.max(largest, (square + l2) * (next - old) ** 2);
  }
  return largest;
}

interface Measure {
  readonly objective: number;
  readonly dualityGap: number;
  /** The feasible dual point is the residual times this, and its own gap. */
  readonly dualScale: number;
  readonly feasibleGap: number;
}

/**
 * The gap to the better of two dual points. The first, a multiple of the residual, is feasible for the
 * lasso that has the ridge part as rows sqrt(l2) below the design. The second is the residual itself in
 * the elastic net's own dual, which has no constraints: it serves where l1 is small or 0.
 */
function measure(descent: Descent, coefficients: Float64Array, rule: Rule): Measure {
  const { l1, l2, positive } = rule;
  const { squares, withTarget } = descent.residual();
  let [steepest, absolute, ridge, excess] = [0, 0, 0, 0];
  for (let j = 0; j < coefficients.length; j++) {
    const correlation = descent.correlation(j);
    const slope = correlation - l2 * coefficients[j]!;
    steepest = Math.max(steepest, positive ? slope : Math.abs(slope));
    excess += Math.max(0, (positive ? correlation : Math.abs(correlation)) - l1) ** 2;
    absolute += Math.abs(coefficients[j]!);
    ridge += coefficients[j]! ** 2;
  }
  const augmented = squares + l2 * ridge;
  const objective = augmented / 2 + l1 * absolute;
  const limit = steepest > l1 ? l1 / steepest : 1;
  const best = augmented > 0 ? withTarget / augmented : 0;
  const dualScale = Math.max(positive ? 0 : -limit, Math.min(best, limit));
  const feasible = dualScale * withTarget - (dualScale ** 2 * augmented) / 2;
  const free = l2 > 0 ? withTarget - squares / 2 - excess / (2 * l2) : -Infinity;
  const feasibleGap = Math.max(0, objective - feasible);
  const dualityGap = Math.max(0, objective - Math.max(feasible, free));
  return { objective, dualityGap, dualScale, feasibleGap };
}

/**
 * Whether coefficient j is zero at the minimum for sure (the gap-safe sphere of Fercoq, Gramfort and
 * Salmon 2015) and already is zero here.
 */
function safelyZero(
  descent: Descent,
  coefficients: Float64Array,
  rule: Rule,
  state: Measure,
  j: number,
): boolean {
  if (coefficients[j] !== 0 || rule.l1 === 0) return false;
  const length = Math.sqrt(descent.square(j) + rule.l2);
  const radius = Math.sqrt(2 * state.feasibleGap);
  const reach = state.dualScale * descent.correlation(j);
  return (rule.positive ? reach : Math.abs(reach)) + radius * length < rule.l1;
}
