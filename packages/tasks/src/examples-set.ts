import { BacklotError } from '@backlot/core';
import type { Examples, Features, Field } from '@backlot/learn';
import { type ArtifactKind, artifact } from '@backlot/pipelines';
import * as z from 'zod';

/** Bytes that are no examples. */
export class NotExamples extends BacklotError {
  constructor(reason: string) {
    super({ code: 'E-TASKS-005', kind: 'usage', reason: `not examples: ${reason}` });
  }
}

const arrayTypes = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

type Numbers = Float32Array | Float64Array | Int32Array;

const listed = z.strictObject({
  name: z.string(),
  type: z.enum(['float32', 'float64', 'int32']),
  length: z.int().min(0),
});

const words = z.array(z.string().nullable());

const header = z.strictObject({
  form: z.enum(['dense', 'sparse', 'texts', 'frame']),
  rows: z.int().min(0),
  columns: z.int().min(0),
  texts: z.array(z.string()).optional(),
  fields: z.array(z.strictObject({ name: z.string(), words: words.optional() })).optional(),
  classes: z.array(z.string()).optional(),
  names: z.array(z.string()).optional(),
  arrays: z.array(listed),
});

type Header = z.output<typeof header>;

/** Rows to learn from: JSON with its length before it, then each array at a multiple of eight bytes. */
export const examplesArtifact: ArtifactKind<Examples> = artifact<Examples>({
  kind: 'examples',
  encode: encodeExamples,
  decode: async (content) => decodeExamples(await content.bytes()),
});

export function encodeExamples(examples: Examples): Uint8Array {
  const { features, target, weights, groups, classes, names } = examples;
  const arrays = new Map<string, Numbers>(arraysOf(features));
  if (target) arrays.set('target', target);
  if (weights) arrays.set('weights', weights);
  if (groups) arrays.set('groups', groups);
  const said: Header = {
    ...describe(features),
    ...(classes && { classes: [...classes] }),
    ...(names && { names: [...names] }),
    arrays: Array.from(arrays, ([name, data]) => ({
      name,
      type: typeOf(data),
      length: data.length,
    })),
  };
  const text = Buffer.from(JSON.stringify(said));
  const start = padded(8 + text.byteLength);
  const sizes = Array.from(arrays.values(), (data) => padded(data.byteLength));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, start));
  new DataView(bytes.buffer).setUint32(0, text.byteLength, true);
  bytes.set(text, 8);
  let at = start;
  for (const [index, data] of [...arrays.values()].entries()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += sizes[index]!;
  }
  return bytes;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function typeOf(data: Numbers): keyof typeof arrayTypes {
  if (data instanceof Float32Array) return 'float32';
  return data instanceof Float64Array ? 'float64' : 'int32';
}

function arraysOf(features: Features): readonly (readonly [string, Numbers])[] {
  if ('texts' in features) return [];
  if ('fields' in features) {
    return features.fields.flatMap((field, at) =>
      'numbers' in field ? [[`field ${at}`, field.numbers] as const] : [],
    );
  }
  const values = ['values', features.values] as const;
  if (!('offsets' in features)) return [values];
  return [['offsets', features.offsets], ['indices', features.indices], values];
}

function describe(
  features: Features,
): Pick<Header, 'form' | 'rows' | 'columns' | 'texts' | 'fields'> {
  if ('texts' in features) {
    const { texts } = features;
    return { form: 'texts', rows: texts.length, columns: 1, texts: [...texts] };
  }
  const { rows } = features;
  if ('fields' in features) {
    const fields = features.fields.map((field) => ({
      name: field.name,
      ...('words' in field && { words: [...field.words] }),
    }));
    return { form: 'frame', rows, columns: fields.length, fields };
  }
  return { form: 'offsets' in features ? 'sparse' : 'dense', rows, columns: features.columns };
}

export function decodeExamples(given: Uint8Array): Examples {
  if (given.byteLength < 8) throw new NotExamples('they are cut off');
  // A copy, so that the arrays are aligned whatever buffer the bytes came in.
  const bytes = Uint8Array.from(given);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  if (8 + length > bytes.byteLength) throw new NotExamples('they are cut off');
  const said = readHeader(bytes.subarray(8, 8 + length));
  const arrays = new Map<string, Numbers>();
  let at = padded(8 + length);
  for (const { name, type, length: count } of said.arrays) {
    const size = count * arrayTypes[type].BYTES_PER_ELEMENT;
    if (at + size > bytes.byteLength) throw new NotExamples('they are cut off');
    arrays.set(name, new arrayTypes[type](bytes.buffer, at, count));
    at += padded(size);
  }
  if (at !== bytes.byteLength) throw new NotExamples('their length is wrong');
  return {
    features: featuresOf(said, arrays),
    ...optional(arrays, 'target', Float64Array),
    ...optional(arrays, 'weights', Float64Array),
    ...optional(arrays, 'groups', Int32Array),
    ...(said.classes && { classes: said.classes }),
    ...(said.names && { names: said.names }),
  };
}

function readHeader(bytes: Uint8Array): Header {
  try {
    return header.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    throw new NotExamples('their header is wrong');
  }
}

function optional<Name extends string, T extends Numbers>(
  arrays: ReadonlyMap<string, Numbers>,
  name: Name,
  type: new (length: number) => T,
): Partial<Record<Name, T>> {
  if (!arrays.has(name)) return {};
  return { [name]: numbersOf(arrays, name, type) } as Partial<Record<Name, T>>;
}

function numbersOf<T extends Numbers>(
  arrays: ReadonlyMap<string, Numbers>,
  name: string,
  type: new (length: number) => T,
): T {
  const found = arrays.get(name);
  if (found instanceof type) return found;
  throw new NotExamples(`they have no ${name}`);
}

/** Lengths and ranges are checked again by every verb of `learn`. */
function featuresOf(said: Header, arrays: ReadonlyMap<string, Numbers>): Features {
  const { form, rows, columns, texts, fields } = said;
  if (form === 'texts') return { texts: texts ?? [] };
  if (form === 'frame')
    return { rows, fields: (fields ?? []).map((one, at) => fieldOf(one, at, arrays)) };
  const values = arrays.get('values');
  if (!values || values instanceof Int32Array) throw new NotExamples('they have no values');
  if (form === 'dense') return { rows, columns, values };
  const [offsets, indices] = ['offsets', 'indices'].map((name) =>
    numbersOf(arrays, name, Int32Array),
  );
  return { rows, columns, offsets: offsets!, indices: indices!, values };
}

function fieldOf(
  { name, words: own }: NonNullable<Header['fields']>[number],
  at: number,
  arrays: ReadonlyMap<string, Numbers>,
): Field {
  return own
    ? { name, words: own }
    : { name, numbers: numbersOf(arrays, `field ${at}`, Float64Array) };
}
