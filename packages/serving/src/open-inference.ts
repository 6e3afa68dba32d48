import type { Answer, Endpoint } from './endpoint.ts';
import { BadRequest, NotServing } from './error.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** An input tensor of the Open Inference Protocol v2, its data in row-major order. */
export interface InferenceTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly parameters?: Parameters | undefined;
  /** Flat or nested. */
  readonly data: readonly unknown[];
}

export interface InferenceRequest {
  readonly id?: string | undefined;
  /** Ours: `storefront`, `locale` and `exclude_seen`. */
  readonly parameters?: Parameters | undefined;
  readonly inputs: readonly InferenceTensor[];
  /** The outputs that are wanted; all when absent. */
  readonly outputs?: readonly { readonly name: string }[] | undefined;
}

/** An output tensor, flat. */
export interface OutputTensor {
  name: string;
  shape: number[];
  datatype: 'BYTES' | 'FP32';
  data: (string | number)[];
}

/** The answer as JSON has it: plain and mutable, for whoever writes it out. */
export interface InferenceResponse {
  model_name: string;
  model_version: string;
  id?: string;
  parameters: Record<string, string>;
  outputs: OutputTensor[];
}

export interface TensorMetadata {
  name: string;
  datatype: 'BYTES' | 'INT32' | 'FP32';
  /** -1 where any length goes. */
  shape: number[];
}

export interface ModelMetadata {
  name: string;
  versions: string[];
  platform: string;
  inputs: TensorMetadata[];
  outputs: TensorMetadata[];
}

/** The model's metadata as the protocol has it; the model's name is the endpoint's. */
export function modelMetadata(endpoint: Endpoint): ModelMetadata {
  const { loaded } = endpoint;
  if (!loaded) throw new NotServing(endpoint.name, endpoint.failure ?? 'nothing is loaded');
  return {
    name: endpoint.name,
    versions: [String(loaded.version)],
    platform: 'backlot_recommender',
    inputs: [
      { name: 'account', datatype: 'BYTES', shape: [-1] },
      { name: 'k', datatype: 'INT32', shape: [-1] },
    ],
    outputs: [
      { name: 'items', datatype: 'BYTES', shape: [-1, -1] },
      { name: 'scores', datatype: 'FP32', shape: [-1, -1] },
    ],
  };
}

/** Whether the endpoint answers; of a version, when one is named. */
export function isReady(endpoint: Endpoint, version?: string): boolean {
  const { loaded } = endpoint;
  return loaded !== undefined && (version === undefined || version === String(loaded.version));
}

const maxAccounts = 256;

/**
 * Answers an inference request: input `account` BYTES [n], input `k` INT32 [1] or [n] with one value
 * (10 when absent); outputs `items` BYTES [n, k] and `scores` FP32 [n, k]. A row with fewer than
 * `k` items that may be shown ends in empty item keys with score 0. `pseudonymise` turns what the
 * caller calls an account into its pseudonym. Ids of the predictions, and which rows are fallbacks,
 * stand in the response's parameters.
 */
export async function infer(
  endpoint: Endpoint,
  request: InferenceRequest,
  pseudonymise: (account: string) => string,
): Promise<InferenceResponse> {
  const { loaded } = endpoint;
  if (!loaded) throw new NotServing(endpoint.name, endpoint.failure ?? 'nothing is loaded');
  const accounts = readAccounts(request.inputs);
  const k = readK(request.inputs, accounts.length);
  const wanted = readOutputs(request);
  const options = readParameters(request.parameters ?? {});
  // Together, so that all rows share one sync of the prediction log.
  const answers = await Promise.all(
    accounts.map((account) =>
      endpoint.recommend({ account: pseudonymise(account), k, ...options }),
    ),
  );
  const versions = new Set(answers.map(({ version }) => version));
  if (versions.size !== 1) throw new NotServing(endpoint.name, 'its model moved; ask again');
  return {
    model_name: endpoint.name,
    model_version: String(answers[0]!.version),
    ...(request.id !== undefined && { id: request.id }),
    parameters: {
      predictions: answers.map(({ prediction }) => prediction).join(','),
      fallbacks: answers.map(({ basis }) => basis).join(','),
      digest: answers[0]!.digest,
    },
    outputs: outputTensors(answers, k).filter(({ name }) => wanted.has(name)),
  };
}

function readAccounts(inputs: readonly InferenceTensor[]): readonly string[] {
  const unknown = inputs.find(({ name }) => name !== 'account' && name !== 'k');
  if (unknown) throw new BadRequest('an input is not account or k', 'inputs');
  if (new Set(inputs.map(({ name }) => name)).size !== inputs.length) {
    throw new BadRequest('an input stands twice', 'inputs');
  }
  const tensor = inputs.find(({ name }) => name === 'account');
  if (!tensor) throw new BadRequest('the input account is absent', 'inputs');
  const data = flatData(tensor, 'BYTES');
  if (data.length < 1 || data.length > maxAccounts) {
    throw new BadRequest(`${data.length} accounts, 1 to ${maxAccounts} are allowed`, 'inputs');
  }
  if (
    !data.every(
      (account) => typeof account === 'string' && account.length > 0 && account.length <= 200,
    )
  ) {
    throw new BadRequest('an account is a text of 1 to 200 characters', 'inputs');
  }
  return data as readonly string[];
}

function readK(inputs: readonly InferenceTensor[], accounts: number): number {
  const tensor = inputs.find(({ name }) => name === 'k');
  if (!tensor) return 10;
  const data = flatData(tensor, 'INT32');
  const [k] = data;
  const oneValue = data.every((value) => value === k);
  if (typeof k !== 'number' || !oneValue || (data.length !== 1 && data.length !== accounts)) {
    throw new BadRequest('k is one number, or the same number for each account', 'inputs');
  }
  return k;
}

/** The values of a tensor, flattened, after its shape and datatype were checked. */
function flatData(tensor: InferenceTensor, datatype: string): readonly unknown[] {
  const { name, shape, data } = tensor;
  if (tensor.datatype !== datatype) throw new BadRequest(`the input ${name} is ${datatype}`, name);
  const dimensions =
    shape.length >= 1 &&
    shape.length <= 2 &&
    shape.every((one) => Number.isInteger(one) && one >= 1);
  if (!dimensions || (shape.length === 2 && shape[1] !== 1)) {
    throw new BadRequest(`the input ${name} has the shape [n] or [n, 1]`, name);
  }
  const flat = data.flat();
  if (flat.length !== shape[0]) {
    throw new BadRequest(`the input ${name} has ${flat.length} values for ${shape[0]}`, name);
  }
  return flat;
}

function readOutputs({ outputs }: InferenceRequest): ReadonlySet<string> {
  const names = outputs?.map(({ name }) => name) ?? ['items', 'scores'];
  if (names.length === 0) return new Set(['items', 'scores']);
  if (!names.every((name) => name === 'items' || name === 'scores')) {
    throw new BadRequest('an output is not items or scores', 'outputs');
  }
  return new Set(names);
}

function readParameters(parameters: Readonly<Record<string, unknown>>): {
  readonly storefront?: string;
  readonly locale?: string;
  readonly excludeSeen?: boolean;
} {
  const { storefront, locale, exclude_seen: excludeSeen } = parameters;
  const texts = [storefront, locale].every((one) => one === undefined || typeof one === 'string');
  if (!texts || (excludeSeen !== undefined && typeof excludeSeen !== 'boolean')) {
    throw new BadRequest(
      'storefront and locale are texts, exclude_seen is true or false',
      'parameters',
    );
  }
  return {
    ...(storefront !== undefined && { storefront: storefront as string }),
    ...(locale !== undefined && { locale: locale as string }),
    ...(excludeSeen !== undefined && { excludeSeen }),
  };
}

function outputTensors(answers: readonly Answer[], k: number): readonly OutputTensor[] {
  const shape = [answers.length, k];
  const padded = <T>(values: readonly T[], filling: T): readonly T[] => [
    ...values,
    ...Array.from({ length: k - values.length }, () => filling),
  ];
  const items = answers.flatMap((one) =>
    padded(
      one.items.map(({ item }) => item),
      '',
    ),
  );
  const scores = answers.flatMap((one) =>
    padded(
      one.items.map(({ score }) => score),
      0,
    ),
  );
  return [
    { name: 'items', datatype: 'BYTES', shape: [...shape], data: items },
    { name: 'scores', datatype: 'FP32', shape: [...shape], data: scores },
  ];
}
