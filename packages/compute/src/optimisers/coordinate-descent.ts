import { assert, throwIfCancelled } from '@backlot/core';

/** The penalty l1 |w|_1 + l2/2 |w|^2 beside the squared residuals' half, none divided by the rows. */
export interface ElasticNetOptions {
  /** At least 0; one of l1 and l2 is above (without either, `leastSquares` solves it). */
  readonly l1: number;
  /** At least 0; 0 by default. */
  readonly l2?: number;
  /** Zeros by default; the solution of a near penalty saves most of the work. Not changed. */
  readonly start?: Float64Array;
  /** The l1 that `start` is the solution of; says which columns are looked at first (the strong rule). */
  readonly startL1?: number;
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
export interface Descent {
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
 * Coordinate descent on a working set: the columns that are not 0 and those that the penalty does not hold
 * there. At first it is what the sequential strong rule keeps (Tibshirani and others 2012), which may err;
 * the gap is always taken over all columns, so that an error is found and mended.
 */
export function descend(descent: Descent, options: ElasticNetOptions): ElasticNetSolution {
  const { l1, l2 = 0, tolerance = 1e-10, maxPasses = 10_000, positive = false } = options;
  assert(l1 >= 0 && l2 >= 0 && l1 + l2 > 0, 'penalties are at least 0, one of them above');
  const coefficients = options.start?.slice() ?? new Float64Array(descent.columns);
  for (let j = 0; j < coefficients.length; j++) {
    if (coefficients[j] !== 0) descent.move(j, coefficients[j]!);
  }
  const rule: Rule = { l1, l2, positive };
  const enough = tolerance * descent.targetSquares;
  const correlations = new Float64Array(descent.columns);
  let state = measure(descent, coefficients, rule, correlations);
  let kept = Int32Array.from({ length: descent.columns }, (_, j) => j);
  let bar = Math.max(0, 2 * l1 - (options.startL1 ?? l1));
  let passes = 0;
  while (state.dualityGap > enough && passes < maxPasses) {
    throwIfCancelled(options.signal, 'the minimisation');
    kept = kept.filter((j) => !safelyZero(descent, coefficients, rule, state, correlations, j));
    const pulled = (j: number): number =>
      positive ? correlations[j]! : Math.abs(correlations[j]!);
    const working = kept.filter((j) => coefficients[j] !== 0 || pulled(j) >= bar);
    // What the strong rule left out by mistake is above the penalty now.
    bar = l1;
    passes++;
    pass(descent, coefficients, rule, working);
    const active = working.filter((j) => coefficients[j] !== 0);
    // The active set need not rest more exactly than the gap still is wide.
    const restful = Math.max(0.1 * state.dualityGap, 0.1 * enough);
    while (passes < maxPasses) {
      passes++;
      if (pass(descent, coefficients, rule, active) <= restful / (active.length + 1)) break;
    }
    state = measure(descent, coefficients, rule, correlations);
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
  columns: Int32Array,
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
 * The gap to the better of two dual points; writes the columns' correlations with the residual. The first
 * point, a multiple of the residual, is feasible for the lasso that has the ridge part as rows sqrt(l2) below
 * the design. The second is the residual itself in the elastic net's own dual, which has no constraints: it
 * serves where l1 is small or 0.
 */
function measure(
  descent: Descent,
  coefficients: Float64Array,
  rule: Rule,
  correlations: Float64Array,
): Measure {
  const { l1, l2, positive } = rule;
  const { squares, withTarget } = descent.residual();
  let [steepest, absolute, ridge, excess] = [0, 0, 0, 0];
  for (let j = 0; j < coefficients.length; j++) {
    const correlation = descent.correlation(j);
    correlations[j] = correlation;
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
  correlations: Float64Array,
  j: number,
): boolean {
  if (coefficients[j] !== 0 || rule.l1 === 0) return false;
  const length = Math.sqrt(descent.square(j) + rule.l2);
  const radius = Math.sqrt(2 * state.feasibleGap);
  const reach = state.dualScale * correlations[j]!;
  return (rule.positive ? reach : Math.abs(reach)) + radius * length < rule.l1;
}
