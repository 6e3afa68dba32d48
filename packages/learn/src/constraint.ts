import { InvalidParameter } from './error.ts';

/** What all constraints say. `optional` allows null, which stands for none. */
interface Common {
  readonly optional?: true;
  /** One sentence for people. */
  readonly summary: string;
}

interface Range {
  readonly min: number;
  readonly max: number;
  /** Whether min itself is refused. */
  readonly above?: true;
}

/** A number within a range, both ends allowed unless `above`. */
export interface NumberConstraint extends Common, Range {
  readonly type: 'integer' | 'number';
  readonly default: number | null;
  /** How a search walks the range: by factors rather than by steps. */
  readonly scale?: 'log';
}

/** A list of numbers, each within the range. */
interface ListConstraint extends Common, Range {
  readonly type: 'integers' | 'numbers';
  readonly maxLength: number;
  readonly default: readonly number[];
}

/** One of some words. */
interface ChoiceConstraint extends Common {
  readonly type: 'choice';
  readonly options: readonly string[];
  readonly default: string;
}

/** True or false. */
interface FlagConstraint extends Common {
  readonly type: 'flag';
  readonly default: boolean;
}

/** Another specification, which the estimator fits as a part of itself. */
interface EstimatorConstraint extends Common {
  readonly type: 'estimator';
  readonly default: SpecificationData | null;
}

/** Specifications, in an order that matters. */
interface EstimatorsConstraint extends Common {
  readonly type: 'estimators';
  readonly maxLength: number;
  readonly default: readonly SpecificationData[];
}

/** Estimators of rows, each for some of the columns. */
interface BranchesConstraint extends Common {
  readonly type: 'branches';
  readonly maxLength: number;
  readonly default: readonly BranchData[];
}

/** What a hyper-parameter may be: data for validation, search spaces, forms and documentation. */
export type Constraint =
  | NumberConstraint
  | ListConstraint
  | ChoiceConstraint
  | FlagConstraint
  | EstimatorConstraint
  | EstimatorsConstraint
  | BranchesConstraint;

export type Constraints = Readonly<Record<string, Constraint>>;

/** A specification as another one holds it. */
export type SpecificationData = {
  readonly kind: string;
  readonly parameters: { readonly [name: string]: ParameterValue };
};

/** An estimator and the names of the columns that it gets; a matrix without names has `0`, `1`, ... */
export type BranchData = {
  readonly columns: readonly string[];
  readonly estimator: SpecificationData;
};

/** What a hyper-parameter holds: plain data. */
export type ParameterValue =
  | number
  | string
  | boolean
  | null
  | readonly number[]
  | SpecificationData
  | readonly SpecificationData[]
  | readonly BranchData[];

/** The values of hyper-parameters that are all numbers, by name. */
export type Parameters<Names extends string = string> = Readonly<Record<Names, number>>;

type ValueOf<C> =
  | (C extends { readonly optional: true } ? null : never)
  | (C extends { readonly type: 'integer' | 'number' }
      ? number
      : C extends { readonly type: 'integers' | 'numbers' }
        ? readonly number[]
        : C extends { readonly type: 'choice'; readonly options: readonly (infer Option)[] }
          ? Option
          : C extends { readonly type: 'flag' }
            ? boolean
            : C extends { readonly type: 'estimator' }
              ? SpecificationData
              : C extends { readonly type: 'branches' }
                ? readonly BranchData[]
                : readonly SpecificationData[]);

/** The values that constraints, written `as const`, allow: `ParametersOf<typeof constraints>`. */
export type ParametersOf<C> = { readonly [Name in keyof C]: ValueOf<C[Name]> };

/** What is allowed, in words: `a whole number from 1 to 2048`. */
export function describeConstraint(constraint: Constraint): string {
  const none = constraint.optional ? ', or null' : '';
  return `${describeType(constraint)}${none}`;
}

function describeType(constraint: Constraint): string {
  switch (constraint.type) {
    case 'integer':
    case 'number':
      return `${constraint.type === 'integer' ? 'a whole number' : 'a number'} ${describeRange(constraint)}`;
    case 'integers':
    case 'numbers': {
      const what = constraint.type === 'integers' ? 'whole numbers' : 'numbers';
      return `at most ${constraint.maxLength} ${what} ${describeRange(constraint)}`;
    }
    case 'choice':
      return `one of ${constraint.options.join(', ')}`;
    case 'flag':
      return 'true or false';
    case 'estimator':
      return 'the specification of an estimator';
    case 'estimators':
      return `at most ${constraint.maxLength} specifications of estimators`;
    case 'branches':
      return `at most ${constraint.maxLength} pairs of columns and the specification for them`;
  }
}

function describeRange({ above, min, max }: Range): string {
  return `${above ? 'above' : 'from'} ${min} to ${max}`;
}

/** The given values with defaults for the rest. Throws `InvalidParameter` for any that is not allowed. */
export function parseParameters<C extends Constraints>(
  estimator: string,
  constraints: C,
  given: unknown,
): ParametersOf<C> {
  if (typeof given !== 'object' || given === null) {
    throw new InvalidParameter(estimator, 'parameters', 'are not an object');
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(constraints, name)) continue;
    const known = Object.keys(constraints).join(', ') || 'none';
    throw new InvalidParameter(estimator, name.slice(0, 60), `is not known; there are ${known}`);
  }
  const entries = Object.entries(constraints).map(([name, constraint]) => {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    return [name, checkParameter(estimator, name, constraint, value ?? absent(constraint, value))];
  });
  return Object.freeze(Object.fromEntries(entries)) as ParametersOf<C>;
}

/** Null stands for none where that is allowed, and else for the default, as undefined does. */
function absent(constraint: Constraint, value: unknown): unknown {
  return value === null && constraint.optional ? null : constraint.default;
}

function checkParameter(
  estimator: string,
  name: string,
  constraint: Constraint,
  value: unknown,
): ParameterValue {
  const parsed = parseValue(constraint, value);
  if (parsed !== undefined) return parsed;
  const allowed = `${describeConstraint(constraint)} is allowed`;
  throw new InvalidParameter(estimator, name, `is ${shown(value)}; ${allowed}`);
}

function shown(value: unknown): string {
  return (Array.isArray(value) ? `[${value.slice(0, 8).join(', ')}]` : String(value)).slice(0, 60);
}

/** The value as it is kept, or undefined when it is not allowed. */
function parseValue(constraint: Constraint, value: unknown): ParameterValue | undefined {
  if (value === null) return constraint.optional ? null : undefined;
  switch (constraint.type) {
    case 'integer':
    case 'number':
      return allowsNumber(constraint, constraint.type === 'integer', value) ? value : undefined;
    case 'integers':
    case 'numbers':
      return parseList(constraint, value);
    case 'choice':
      return constraint.options.find((option) => option === value);
    case 'flag':
      return typeof value === 'boolean' ? value : undefined;
    case 'estimator':
      return parseSpecification(value);
    case 'estimators':
      return parseSpecifications(constraint, value);
    case 'branches':
      return parseBranches(constraint, value);
  }
}

function allowsNumber(range: Range, whole: boolean, value: unknown): value is number {
  if (typeof value !== 'number' || (whole && !Number.isInteger(value))) return false;
  return (range.above ? value > range.min : value >= range.min) && value <= range.max;
}

function parseList(constraint: ListConstraint, value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length > constraint.maxLength) return undefined;
  const whole = constraint.type === 'integers';
  const fits = value.every((one) => allowsNumber(constraint, whole, one));
  return fits ? Object.freeze(value.slice()) : undefined;
}

/** Only the form is checked here; the verbs check a part's own parameters against its own constraints. */
function parseSpecification(value: unknown): SpecificationData | undefined {
  const { kind, parameters } = (value ?? {}) as Partial<SpecificationData>;
  const fits = typeof kind === 'string' && typeof parameters === 'object' && parameters !== null;
  return fits ? Object.freeze({ kind, parameters: Object.freeze({ ...parameters }) }) : undefined;
}

function parseSpecifications(
  constraint: EstimatorsConstraint,
  value: unknown,
): readonly SpecificationData[] | undefined {
  if (!Array.isArray(value) || value.length > constraint.maxLength) return undefined;
  const parsed = value.map(parseSpecification);
  return parsed.includes(undefined) ? undefined : Object.freeze(parsed as SpecificationData[]);
}

function parseBranches(
  constraint: BranchesConstraint,
  value: unknown,
): readonly BranchData[] | undefined {
  if (!Array.isArray(value) || value.length > constraint.maxLength) return undefined;
  const parsed = value.map((branch) => {
    const { columns, estimator } = (branch ?? {}) as Partial<BranchData>;
    const part = parseSpecification(estimator);
    const fits = Array.isArray(columns) && columns.every((name) => typeof name === 'string');
    return part && fits
      ? Object.freeze({ columns: Object.freeze([...columns]), estimator: part })
      : undefined;
  });
  return parsed.includes(undefined) ? undefined : Object.freeze(parsed as BranchData[]);
}
