import * as z from 'zod';
import { contract } from '../contract.ts';

/** The element types of the protocol. */
const datatypes = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
] as const;

const text = z.string().min(1).max(256);
const modelName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*$/)
  .max(63);
const version = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$/);
const parameters = z.record(text, z.union([z.string().max(4_096), z.number(), z.boolean()]));
const shape = z
  .array(
    z
      .int()
      .min(0)
      .max(2 ** 31),
  )
  .max(8);

const tensorFields = {
  name: text,
  shape,
  datatype: z.enum(datatypes),
  parameters: parameters.optional(),
};
/** Row-major data, flat or nested: each element is held against the datatype once it is flat. */
const inputTensor = z.strictObject({ ...tensorFields, data: z.array(z.unknown()) });
const outputTensor = z.strictObject({
  ...tensorFields,
  data: z.array(z.union([z.number(), z.boolean(), z.string()])),
});
const tensorMetadata = z.strictObject({
  name: text,
  datatype: z.enum(datatypes),
  /** -1 is a free dimension. */
  shape: z.array(z.int().min(-1)),
});
const requestedOutput = z.strictObject({ name: text, parameters: parameters.optional() });

const inferRequest = z.strictObject({
  id: z.string().max(256).optional(),
  parameters: parameters.optional(),
  inputs: z.array(inputTensor).min(1).max(64),
  outputs: z.array(requestedOutput).max(64).optional(),
});
const inferResponse = z.strictObject({
  model_name: text,
  model_version: text.optional(),
  id: z.string().optional(),
  parameters: parameters.optional(),
  outputs: z.array(outputTensor),
});
const modelMetadata = z.strictObject({
  name: text,
  versions: z.array(text).optional(),
  platform: text,
  inputs: z.array(tensorMetadata),
  outputs: z.array(tensorMetadata),
});
const modelReady = z.strictObject({ name: text, ready: z.boolean() });

/** A tensor whose data is flat, of the datatype, and as long as its shape says. */
export type Tensor = z.output<typeof outputTensor>;
export interface InferRequest extends Omit<z.output<typeof inferRequest>, 'inputs'> {
  readonly inputs: readonly Tensor[];
}
export type ReceivedRequest = z.output<typeof inferRequest>;
export type InferResponse = z.input<typeof inferResponse>;
export type ModelMetadata = z.input<typeof modelMetadata>;

const quick = { bodyBytes: 0, timeoutMs: 5_000 } as const;
const one = z.strictObject({ model: modelName });
const oneVersion = z.strictObject({ model: modelName, version });
const shared = { errors: 'open-inference' } as const;
const serverRead = { action: 'workspace.read' } as const;
const read = {
  action: 'endpoint.read',
  resource: ({ params }: { readonly params: { readonly model: string } }) => ({
    type: 'endpoint',
    id: params.model,
  }),
};
const predict = { ...read, action: 'endpoint.predict' };
const inferLimits = { bodyBytes: 4 * 1024 * 1024, timeoutMs: 30_000 } as const;

/** The protocol's REST routes, version 2. A model is the endpoint that serves it. */
export const openInference = {
  server: contract({
    ...shared,
    id: 'openInference.server',
    method: 'GET',
    path: '/v2',
    summary: 'The server and its extensions',
    permission: serverRead,
    result: z.strictObject({ name: text, version: text, extensions: z.array(text) }),
    limits: quick,
  }),
  live: contract({
    ...shared,
    id: 'openInference.live',
    method: 'GET',
    path: '/v2/health/live',
    summary: 'Whether the process answers',
    permission: serverRead,
    result: z.strictObject({ live: z.boolean() }),
    limits: quick,
  }),
  ready: contract({
    ...shared,
    id: 'openInference.ready',
    method: 'GET',
    path: '/v2/health/ready',
    summary: 'Whether every endpoint can answer',
    permission: serverRead,
    result: z.strictObject({ ready: z.boolean() }),
    limits: quick,
  }),
  model: contract({
    ...shared,
    id: 'openInference.model',
    method: 'GET',
    path: '/v2/models/:model',
    summary: 'Inputs and outputs of a model',
    permission: read,
    params: one,
    result: modelMetadata,
    limits: quick,
  }),
  modelVersion: contract({
    ...shared,
    id: 'openInference.modelVersion',
    method: 'GET',
    path: '/v2/models/:model/versions/:version',
    summary: 'Inputs and outputs of a version of a model',
    permission: read,
    params: oneVersion,
    result: modelMetadata,
    limits: quick,
  }),
  modelReady: contract({
    ...shared,
    id: 'openInference.modelReady',
    method: 'GET',
    path: '/v2/models/:model/ready',
    summary: 'Whether a model can answer',
    permission: read,
    params: one,
    result: modelReady,
    limits: quick,
  }),
  modelVersionReady: contract({
    ...shared,
    id: 'openInference.modelVersionReady',
    method: 'GET',
    path: '/v2/models/:model/versions/:version/ready',
    summary: 'Whether a version of a model can answer',
    permission: read,
    params: oneVersion,
    result: modelReady,
    limits: quick,
  }),
  infer: contract({
    ...shared,
    id: 'openInference.infer',
    method: 'POST',
    path: '/v2/models/:model/infer',
    summary: 'Ask a model',
    permission: predict,
    params: one,
    body: inferRequest,
    result: inferResponse,
    limits: inferLimits,
  }),
  inferVersion: contract({
    ...shared,
    id: 'openInference.inferVersion',
    method: 'POST',
    path: '/v2/models/:model/versions/:version/infer',
    summary: 'Ask a version of a model',
    permission: predict,
    params: oneVersion,
    body: inferRequest,
    result: inferResponse,
    limits: inferLimits,
  }),
} as const;
