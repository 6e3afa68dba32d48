import {
  type Constraints,
  type ParametersOf,
  type ParameterValue,
  parseParameters,
} from './constraint.ts';

/** What to fit: an estimator's kind and its hyper-parameters, frozen plain data. */
export interface Specification<
  Kind extends string = string,
  Values extends object = Readonly<Record<string, ParameterValue>>,
> {
  readonly kind: Kind;
  readonly parameters: Values;
}

/** The frozen specification of a kind: given values, defaults for the rest. Throws `InvalidParameter`. */
export function specify<Kind extends string, C extends Constraints>(
  kind: Kind,
  constraints: C,
  given: Partial<ParametersOf<C>>,
): Specification<Kind, ParametersOf<C>> {
  return Object.freeze({ kind, parameters: parseParameters(kind, constraints, given) });
}
