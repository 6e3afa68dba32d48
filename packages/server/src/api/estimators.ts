import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace } from './permission.ts';
import { count, json, readLimits } from './shapes.ts';

const size = z.coerce.number().int().min(1);

const parameter = z.strictObject({
  name: z.string(),
  summary: z.string(),
  /** What is allowed, in words. */
  allowed: z.string(),
  default: json,
});

const estimator = z.strictObject({
  kind: z.string(),
  family: z.string(),
  roles: z.array(z.string()),
  summary: z.string(),
  /** The forms of data that it is fitted to. */
  accepts: z.array(z.string()),
  /** Whether a number may be missing. */
  missing: z.boolean(),
  onnx: z.boolean(),
  parameters: z.array(parameter),
  /** What a fit with the defaults may hold beside data of the asked size; absent where it needs parts. */
  memory: count.optional(),
  example: z.string(),
});

/** What each estimator declares of itself; the memory is that of rows x columns, or users x items. */
export const listEstimators = contract({
  id: 'estimators.list',
  method: 'GET',
  path: '/api/v1/estimators',
  summary: 'The estimators there are: parameters, what they take, and the memory that they state',
  query: z.strictObject({
    /** Rows, or users of a recommender, who met 50 items each. */
    rows: size.max(1e10).default(100_000),
    /** Columns, or items of a recommender. */
    columns: size.max(1e8).default(50),
  }),
  permission: inWorkspace('model.read'),
  result: z.strictObject({ rows: count, columns: count, estimators: z.array(estimator) }),
  limits: readLimits,
});
