import { InvalidParameter } from './error.ts';

/** What a hyper-parameter may be: data for validation, search spaces, forms and documentation. */
export interface Constraint {
  readonly type: 'integer' | 'number';
  readonly min: number;
  readonly max: number;
  /** Whether min itself is refused. */
  readonly above?: true;
  readonly default: number;
  /** One sentence for people. */
  readonly summary: string;
}

export type Constraints = Readonly<Record<string, Constraint>>;

/** The values of hyper-parameters, by name. */
export type Parameters<Names extends string = string> = Readonly<Record<Names, number>>;

/** What is allowed, in words: `a whole number from 1 to 2048`. */
export function describeConstraint(constraint: Constraint): string {
  const what = constraint.type === 'integer' ? 'a whole number' : 'a number';
  return `${what} ${constraint.above ? 'above' : 'from'} ${constraint.min} to ${constraint.max}`;
}

/** The given values with defaults for the rest. Throws `InvalidParameter` for any that is not allowed. */
export function parseParameters<Names extends string>(
  estimator: string,
  constraints: Readonly<Record<Names, Constraint>>,
  given: unknown,
): Parameters<Names> {
  if (typeof given !== 'object' || given === null) {
    throw new InvalidParameter(estimator, 'parameters', 'are not an object');
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(constraints, name)) continue;
    const known = Object.keys(constraints).join(', ') || 'none';
    throw new InvalidParameter(estimator, name.slice(0, 60), `is not known; there are ${known}`);
  }
  const entries = (Object.keys(constraints) as Names[]).map((name) => {
    const value = (given as Partial<Record<Names, unknown>>)[name] ?? constraints[name].default;
    return [name, checkParameter(estimator, name, constraints[name], value)] as const;
  });
  return Object.freeze(Object.fromEntries(entries)) as Parameters<Names>;
}

function checkParameter(
  estimator: string,
  name: string,
  constraint: Constraint,
  value: unknown,
): number {
  const { type, min, max, above } = constraint;
  const number = typeof value === 'number' ? value : Number.NaN;
  const inside = (above ? number > min : number >= min) && number <= max;
  if (inside && (type !== 'integer' || Number.isInteger(number))) return number;
  const allowed = `${describeConstraint(constraint)} is allowed`;
  throw new InvalidParameter(estimator, name, `is ${String(value).slice(0, 60)}; ${allowed}`);
}
