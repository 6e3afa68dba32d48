import { BacklotError } from '@backlot/core';
import type { Interactions } from '@backlot/learn';
import { type ArtifactKind, artifact } from '@backlot/pipelines';
import * as z from 'zod';

/** Who met what, with the names behind the numbers and what is known of each user. */
export interface InteractionSet {
  /** Pseudonyms, in byte order. */
  readonly users: readonly string[];
  /** Item keys, in byte order. */
  readonly items: readonly string[];
  readonly matrix: Interactions;
  /** By attribute, a text for each user: `storefront`, `locale`, `genre`, ... */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** Bytes that are no interaction set. */
export class NotAnInteractionSet extends BacklotError {
  constructor(reason: string) {
    super({ code: 'E-TASKS-004', kind: 'usage', reason: `not an interaction set: ${reason}` });
  }
}

const header = z.strictObject({
  users: z.array(z.string()),
  items: z.array(z.string()),
  attributes: z.record(z.string(), z.array(z.string())),
  entries: z.int().min(0),
  weighted: z.boolean(),
});

/** JSON with its length before it, then offsets, indices and weights, little-endian. */
export const interactionSetArtifact: ArtifactKind<InteractionSet> = artifact<InteractionSet>({
  kind: 'interaction-set',
  encode: encodeInteractionSet,
  decode: async (content) => decodeInteractionSet(await content.bytes()),
});

export function encodeInteractionSet(set: InteractionSet): Uint8Array {
  const { offsets, indices, weights } = set.matrix;
  const { users, items, attributes } = set;
  const text = JSON.stringify({
    ...{ users, items, attributes },
    ...{ entries: indices.length, weighted: weights !== undefined },
  });
  const json = Buffer.from(text.padEnd(text.length + padding(Buffer.byteLength(text))));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, json.byteLength, true);
  const parts = [offsets, indices, ...(weights ? [weights] : [])];
  return Buffer.concat([length, json, ...parts.map(bytesOf)]);
}

/** The tensors begin at a multiple of four bytes. */
function padding(bytes: number): number {
  return (4 - (bytes % 4)) % 4;
}

function bytesOf(values: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

export function decodeInteractionSet(bytes: Uint8Array): InteractionSet {
  if (bytes.byteLength < 4) throw new NotAnInteractionSet('it is cut off');
  // A copy, so that the tensors are aligned whatever buffer the bytes came in.
  const whole = Uint8Array.from(bytes);
  const length = new DataView(whole.buffer).getUint32(0, true);
  const start = 4 + length;
  if (start > whole.byteLength) throw new NotAnInteractionSet('it is cut off');
  const parsed = header.safeParse(JSON.parse(Buffer.from(whole.subarray(4, start)).toString()));
  if (!parsed.success) throw new NotAnInteractionSet('its header is wrong');
  const { users, items, attributes, entries, weighted } = parsed.data;
  const words = users.length + 1 + entries * (weighted ? 2 : 1);
  if (whole.byteLength !== start + 4 * words) throw new NotAnInteractionSet('its length is wrong');
  const offsets = new Int32Array(whole.buffer, start, users.length + 1);
  const indices = new Int32Array(whole.buffer, start + offsets.byteLength, entries);
  const weightsAt = start + offsets.byteLength + indices.byteLength;
  const weights = weighted ? new Float32Array(whole.buffer, weightsAt, entries) : undefined;
  const matrix = { users: users.length, items: items.length, offsets, indices };
  return { users, items, attributes, matrix: weights ? { ...matrix, weights } : matrix };
}
