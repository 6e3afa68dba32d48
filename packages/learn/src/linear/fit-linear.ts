import { openRows, openSparseProducts } from '@backlot/compute';
import type { Examples } from '../examples.ts';
import type { FitOptions } from '../fit-options.ts';
import type { SparseMatrix } from '../matrix.ts';
import { fitLosses, inOwnUnits, type LossProblem } from './fit-losses.ts';
import { linearInput } from './linear-input.ts';
import type { LinearFunction } from './linear-model.ts';
import { newtonSteps, type SparseSolution } from './newton-steps.ts';
import { proximalSteps } from './proximal-steps.ts';

/** Up to so many columns, sparse rows too are solved by the products of their columns. */
const fewColumns = 200;

/**
 * Minimises losses and penalty, by what suits the rows: wide sparse ones through products with vectors or
 * column by column, others by the curvature's matrix. Each further value of `narrowing` is solved as the
 * loss's second number from where the one before it ended.
 */
export async function fitLinear(
  examples: Examples,
  problem: Omit<LossProblem, 'start'>,
  options: FitOptions,
  narrowing: readonly number[] = [problem.second ?? 0],
): Promise<SparseSolution> {
  const { features, threads } = linearInput(examples, options);
  if ('offsets' in features && features.columns > fewColumns) {
    return fitWide(features, problem, options, narrowing);
  }
  const { intercept } = problem;
  await using rows = await openRows(features, { ...threads, again: true, centred: intercept });
  let found: Awaited<ReturnType<typeof fitLosses>> | undefined;
  for (const second of narrowing) {
    const start = found && { start: found.coefficients };
    found = await fitLosses(rows, { ...problem, second, ...start }, options);
  }
  return { ...found!, ...inOwnUnits(rows, found!.coefficients) };
}

async function fitWide(
  features: SparseMatrix,
  problem: Omit<LossProblem, 'start'>,
  options: FitOptions,
  narrowing: readonly number[],
): Promise<SparseSolution> {
  const { columns } = features;
  const { outputs, startIntercept: height = 0 } = problem;
  const intercepts = new Float64Array(outputs).fill(problem.intercept ? height : 0);
  let start: LinearFunction = { coefficients: new Float64Array(outputs * columns), intercepts };
  if (problem.l1 > 0) return proximalSteps(features, { ...problem, start }, options);
  const { signal, threads } = options;
  const session = { signal, ...(threads !== undefined && { threads }) };
  await using products = await openSparseProducts(features, session);
  let found: SparseSolution | undefined;
  for (const second of narrowing) {
    found = await newtonSteps(products, { ...problem, second, start }, options);
    start = found;
  }
  return found!;
}
