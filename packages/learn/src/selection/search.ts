import { seededRandom, throwIfCancelled } from '@backlot/core';
import type { ParameterValue } from '../constraint.ts';
import { InvalidArgument } from '../error.ts';
import { type Examples, takeExamples, takeGroups } from '../examples.ts';
import { rowsOf } from '../features.ts';
import { measureOf } from '../metrics/measure.ts';
import type { Specification } from '../specification.ts';
import { type Axis, type Space, valueAt } from './axis.ts';
import { type CrossValidateOptions, crossValidate } from './cross-validate.ts';
import { proposeByTpe } from './tpe.ts';

/** How a search walks its space. */
export type Strategy =
  /** Every combination; ranges are cut into so many values. */
  | { readonly kind: 'grid'; readonly steps?: number }
  | { readonly kind: 'random'; readonly trials: number }
  /** Many on few rows, the best 1 / factor of them on factor times as many (Jamieson and Talwalkar 2016). */
  | { readonly kind: 'halving'; readonly trials: number; readonly factor?: number }
  /** Parzen windows around what was good so far against the rest (Bergstra et al. 2011). */
  | { readonly kind: 'tpe'; readonly trials: number };

export interface SearchOptions extends CrossValidateOptions {
  readonly space: Space;
  readonly strategy: Strategy;
}

export interface Trial {
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly scores: readonly number[];
  readonly mean: number;
  /** The rows that its splits were made of. */
  readonly rows: number;
}

export interface SearchResult {
  /** The base specification with the best parameters in place. */
  readonly best: Specification;
  readonly trials: readonly Trial[];
}

/**
 * Tries hyper-parameters of a specification by cross-validation. The same seed tries the same ones; equal
 * means are decided by the earlier trial. Throws what fitting throws, `InvalidArgument`, `Cancelled`.
 *
 * @example
 * const { best } = await searchParameters(ridge(), examples, {
 *   measure: 'rootMeanSquaredError',
 *   space: { penalty: { from: 1e-4, to: 1e2, scale: 'log' } },
 *   strategy: { kind: 'tpe', trials: 30 },
 * });
 */
export async function searchParameters(
  base: Specification,
  examples: Examples,
  options: SearchOptions,
): Promise<SearchResult> {
  checkSpace(base, options.space);
  const run = trialRunner(base, examples, options);
  const trials = await walk(options, run);
  const most = trials.reduce((rows, trial) => Math.max(rows, trial.rows), 0);
  const [best] = ranked(
    trials.filter(({ rows }) => rows === most),
    measureOf(options.measure).higherIsBetter,
  );
  return { best: withParameters(base, best!.parameters), trials };
}

type Run = (parameters: Trial['parameters'], share: number) => Promise<Trial>;

function trialRunner(base: Specification, examples: Examples, options: SearchOptions): Run {
  let done = 0;
  const total = trialsOf(options);
  const { higherIsBetter } = measureOf(options.measure);
  const { onProgress, ...quiet } = options;
  return async (parameters, share) => {
    throwIfCancelled(options.signal, 'the search');
    const part = share < 1 ? shareOf(examples, share, options.seed ?? 0) : examples;
    const specification = withParameters(base, parameters);
    const { scores, mean } = await crossValidate(specification, part, quiet);
    // What is made larger is no loss.
    onProgress?.({ step: 'trials', done: ++done, total, ...(!higherIsBetter && { loss: mean }) });
    return { parameters, scores, mean, rows: rowsOf(part.features) };
  };
}

async function walk(options: SearchOptions, run: Run): Promise<readonly Trial[]> {
  const { strategy, space } = options;
  const random = seededRandom(options.seed ?? 0);
  const draw = (): Trial['parameters'] => drawFrom(space, () => random.uniform());
  const better = measureOf(options.measure).higherIsBetter;
  switch (strategy.kind) {
    case 'grid':
      return inTurn(gridOf(space, strategy.steps ?? 5), (parameters) => run(parameters, 1));
    case 'random':
      return inTurn(Array.from({ length: strategy.trials }, draw), (one) => run(one, 1));
    case 'halving':
      return halve(
        Array.from({ length: strategy.trials }, draw),
        strategy.factor ?? 3,
        run,
        better,
      );
    case 'tpe': {
      const trials: Trial[] = [];
      while (trials.length < strategy.trials) {
        const past = ranked(trials, better).map(({ parameters }) => parameters);
        const uniform = (): number => random.uniform();
        const next = trials.length < 10 ? draw() : proposeByTpe(space, past, uniform);
        trials.push(await run(next, 1));
      }
      return trials;
    }
  }
}

async function inTurn(
  all: readonly Trial['parameters'][],
  run: (parameters: Trial['parameters']) => Promise<Trial>,
): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for (const parameters of all) trials.push(await run(parameters));
  return trials;
}

async function halve(
  start: readonly Trial['parameters'][],
  factor: number,
  run: Run,
  higherIsBetter: boolean,
): Promise<readonly Trial[]> {
  const rounds = Math.max(1, Math.floor(Math.log(start.length) / Math.log(factor)) + 1);
  const trials: Trial[] = [];
  let left = start;
  for (let round = 0; round < rounds; round++) {
    const share = factor ** (round - rounds + 1);
    const tried = await inTurn(left, (parameters) => run(parameters, share));
    trials.push(...tried);
    const kept = Math.max(1, Math.floor(left.length / factor));
    left = ranked(tried, higherIsBetter)
      .slice(0, kept)
      .map(({ parameters }) => parameters);
  }
  return trials;
}

/** Best first; a stable sort keeps the earlier of equals. */
function ranked(trials: readonly Trial[], higherIsBetter: boolean): readonly Trial[] {
  return [...trials].sort((a, b) => (higherIsBetter ? b.mean - a.mean : a.mean - b.mean));
}

/** How many trials the strategy makes, for progress. */
function trialsOf({ strategy, space }: SearchOptions): number {
  if (strategy.kind === 'grid') return gridOf(space, strategy.steps ?? 5).length;
  if (strategy.kind !== 'halving') return strategy.trials;
  const factor = strategy.factor ?? 3;
  let [total, left] = [0, strategy.trials];
  const rounds = Math.max(1, Math.floor(Math.log(left) / Math.log(factor)) + 1);
  for (let round = 0; round < rounds; round++) {
    total += left;
    left = Math.max(1, Math.floor(left / factor));
  }
  return total;
}

function shareOf(examples: Examples, share: number, seed: number): Examples {
  const { groups } = examples;
  const units = groups ? groups.length : rowsOf(examples.features);
  const order = Array.from({ length: units }, (_, unit) => unit);
  seededRandom(seed).shuffle(order);
  const places = order.slice(0, Math.max(2, Math.round(share * units))).sort((a, b) => a - b);
  return groups ? takeGroups(examples, places) : takeExamples(examples, places);
}

function withParameters(base: Specification, parameters: Trial['parameters']): Specification {
  return Object.entries(parameters).reduce<Specification>(
    (made, [path, value]) => withValue(made, path.split('.'), value) as Specification,
    base,
  );
}

/** A copy with the value at a path; a specification on the way is passed into its parameters. */
function withValue(
  data: unknown,
  [name, ...rest]: readonly string[],
  value: ParameterValue,
): unknown {
  if (name === undefined) return value;
  if (Array.isArray(data)) {
    return data.map((one, at) => (String(at) === name ? withValue(one, rest, value) : one));
  }
  const { kind, parameters } = data as Partial<Specification>;
  if (kind !== undefined && parameters) {
    const changed = { ...parameters, [name]: withValue(parameters[name], rest, value) };
    return Object.freeze({ kind, parameters: Object.freeze(changed) });
  }
  const branch = data as Readonly<Record<string, unknown>>;
  return { ...branch, [name]: withValue(branch[name], rest, value) };
}

/** What lies at a path, or undefined where it leads nowhere. */
function valueBy(data: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined || data === undefined || data === null) return data;
  const { kind, parameters } = data as Partial<Specification>;
  const inside = kind !== undefined && parameters ? parameters : (data as object);
  if (!Object.hasOwn(inside, name)) return undefined;
  return valueBy((inside as Readonly<Record<string, unknown>>)[name], rest);
}

function checkSpace(base: Specification, space: Space): void {
  for (const [name, axis] of Object.entries(space)) {
    if (valueBy(base, name.split('.')) === undefined) {
      const known = Object.keys(base.parameters).join(', ');
      throw new InvalidArgument('space', `names ${name}; ${base.kind} has ${known}`);
    }
    const fits =
      'choices' in axis
        ? axis.choices.length > 0
        : axis.from <= axis.to && (axis.scale !== 'log' || axis.from > 0);
    if (!fits)
      throw new InvalidArgument(`space.${name}`, 'is empty, or a log range from 0 or less');
  }
}

function drawFrom(space: Space, uniform: () => number): Trial['parameters'] {
  return Object.fromEntries(
    Object.entries(space).map(([name, axis]) => [name, valueAt(axis, uniform())]),
  );
}

function gridOf(space: Space, steps: number): readonly Trial['parameters'][] {
  return Object.entries(space).reduce<readonly Trial['parameters'][]>(
    (grid, [name, axis]) =>
      grid.flatMap((point) => stepsOf(axis, steps).map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

function stepsOf(axis: Axis, steps: number): readonly ParameterValue[] {
  if ('choices' in axis) return axis.choices;
  const values = Array.from({ length: steps }, (_, at) => {
    return valueAt(axis, steps === 1 ? 0.5 : at / (steps - 1));
  });
  return [...new Set(values)];
}
