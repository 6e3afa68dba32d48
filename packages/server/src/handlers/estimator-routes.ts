import {
  describeConstraint,
  describeEstimators,
  type EstimatorDescription,
  exampleOf,
  fitMemory,
  LearnError,
} from '@backlot/learn';
import type * as z from 'zod';
import { listEstimators } from '../api/estimators.ts';
import { type Route, route } from '../route.ts';
import { shownJson } from './shown-json.ts';

type Shown = z.input<typeof listEstimators.result>['estimators'][number];

/** The reference of the estimators. */
export function estimatorRoutes(): readonly Route[] {
  return [
    route(listEstimators, async ({ query: { rows, columns } }) => ({
      rows,
      columns,
      estimators: describeEstimators().map((one) => estimatorView(one, rows, columns)),
    })),
  ];
}

function estimatorView(one: EstimatorDescription, rows: number, columns: number): Shown {
  const { kind, family, roles, summary, accepts, missing, onnx, constraints } = one;
  const memory = statedMemory(one, rows, columns);
  return {
    ...{ kind, family, summary, missing, onnx, roles: [...roles], accepts: [...accepts] },
    parameters: Object.entries(constraints).map(([name, constraint]) => ({
      ...{ name, summary: constraint.summary, allowed: describeConstraint(constraint) },
      default: shownJson(constraint.default),
    })),
    ...(memory !== undefined && { memory }),
    example: exampleOf(one),
  };
}

const itemsOfUser = 50;

/** With the defaults. A composition without parts states nothing. */
function statedMemory(
  { kind, accepts }: EstimatorDescription,
  rows: number,
  columns: number,
): number | undefined {
  const size = accepts.includes('interactions')
    ? { users: rows, items: columns, interactions: rows * Math.min(itemsOfUser, columns) }
    : { rows, columns, stored: rows * columns, classes: 2 };
  try {
    const bytes = Math.ceil(fitMemory({ kind, parameters: {} }, size));
    return Number.isSafeInteger(bytes) ? bytes : undefined;
  } catch (error) {
    if (error instanceof LearnError) return undefined;
    throw error;
  }
}
