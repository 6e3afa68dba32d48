import type { Parameters } from './constraint.ts';

/** What to fit: an estimator's kind and its hyper-parameters, frozen plain data. */
export interface Specification<Kind extends string = string, Names extends string = string> {
  readonly kind: Kind;
  readonly parameters: Parameters<Names>;
}
