import type { Constraint } from './constraint.ts';
import { UnknownEstimator } from './error.ts';
import type { EstimatorKind } from './estimator-kind.ts';
import { implicitALSKind } from './implicit-als.ts';
import { itemKnnKind } from './item-knn.ts';
import { popularityKind } from './popularity.ts';

/** Every estimator, by kind. */
const estimators: ReadonlyMap<string, EstimatorKind> = new Map(
  [popularityKind, itemKnnKind, implicitALSKind].map((kind) => [kind.kind, kind as EstimatorKind]),
);

/** What an estimator declares of itself, for pages, forms and search spaces. */
export interface EstimatorDescription {
  readonly kind: string;
  readonly summary: string;
  readonly constraints: Readonly<Record<string, Constraint>>;
}

/** The estimators there are. */
export function describeEstimators(): readonly EstimatorDescription[] {
  return Array.from(estimators.values(), ({ kind, summary, constraints }) => ({
    kind,
    summary,
    constraints,
  }));
}

/** The estimator of a kind; throws `UnknownEstimator`. */
export function estimatorOf(kind: string): EstimatorKind {
  const found = estimators.get(kind);
  if (!found) throw new UnknownEstimator(kind, [...estimators.keys()]);
  return found;
}
