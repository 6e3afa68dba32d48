import { bucketOf } from '../../bucket.ts';
import { BadRelation } from '../../data-error.ts';
import { fieldNamed } from '../fields.ts';
import type { BucketedNode, RelationNode, SampleNode } from '../nodes.ts';

/** Hashes are whole numbers below this. */
const hashes = 2 ** 32;

export interface SampleOptions {
  /** From 0 to 1. */
  readonly share: number;
  /** Another seed draws another sample; letters, digits and `-`. */
  readonly seed: string;
}

/**
 * Whether a key is in a sample: in TypeScript what `sample` keeps on an engine. Its MD5 with the seed
 * decides, so that a key is in or out for all of its rows, everywhere and for ever.
 */
export function inSample(key: string | number | bigint, options: SampleOptions): boolean {
  return bucketOf(`${options.seed}:${key}`, hashes) < sampleBound(options.share);
}

/** The hashes below this are in. */
export function sampleBound(share: number): number {
  return Math.round(share * hashes);
}

export function sampleNode(
  input: RelationNode,
  { key, share, seed }: SampleOptions & { readonly key: string },
): SampleNode {
  const { type } = fieldNamed(input, key);
  if (type !== 'text' && type !== 'int' && type !== 'int64') {
    throw new BadRelation(`${key} is ${type}; a sample is drawn by a text or a whole number`);
  }
  if (!(share >= 0 && share <= 1)) {
    throw new BadRelation(`a sample's share is ${share}; 0 to 1 is allowed`);
  }
  if (!/^[A-Za-z0-9-]{1,64}$/.test(seed)) {
    throw new BadRelation('a seed is 1 to 64 letters, digits and dashes');
  }
  const { fields, purposes } = input;
  return { kind: 'sample', input, key, share, seed, fields, purposes };
}

export function bucketedNode(
  input: RelationNode,
  { key, buckets }: { readonly key: string; readonly buckets: number },
): BucketedNode {
  const field = fieldNamed(input, key);
  if (field.type !== 'text' || field.nullable) {
    throw new BadRelation(`${key} is no text that is always there`, 'bucket by one that is');
  }
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > 4096) {
    throw new BadRelation(`there are ${buckets} buckets; 1 to 4096 are allowed`);
  }
  const { fields, purposes } = input;
  return { kind: 'bucketed', input, key, buckets, fields, purposes };
}
