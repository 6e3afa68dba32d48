import { createHash } from 'node:crypto';
import { BadRelation } from '../../data-error.ts';
import { call, type Expression } from '../expression.ts';
import type { CallNode } from '../nodes.ts';
import { unary } from './calls.ts';
import type { Definitions, Value } from './definition.ts';

export type HashingOperation = 'md5' | 'sha256' | 'hashInt' | 'hashBucket';

function digest(algorithm: 'md5' | 'sha256', text: Value | undefined): string {
  return createHash(algorithm).update(String(text)).digest('hex');
}

/** The first hexadecimal digits of MD5 as a number: the engines' own hashes all differ. */
const leading = {
  duckdb: (text: string, digits: number) =>
    `CAST('0x' || substring(md5(${text}), 1, ${digits}) AS BIGINT)`,
  spark: (text: string, digits: number) =>
    `CAST(conv(substring(md5(${text}), 1, ${digits}), 16, 10) AS BIGINT)`,
};

export const hashingFunctions: Definitions<HashingOperation> = {
  md5: { value: ([text]) => digest('md5', text), duckdb: ([text]) => `md5(${text})` },
  sha256: {
    value: ([text]) => digest('sha256', text),
    duckdb: ([text]) => `sha256(${text})`,
    spark: ([text]) => `sha2(${text}, 256)`,
  },
  hashInt: {
    value: ([text]) => Number.parseInt(digest('md5', text).slice(0, 13), 16),
    duckdb: ([text]) => leading.duckdb(text!, 13),
    spark: ([text]) => leading.spark(text!, 13),
  },
  hashBucket: {
    value: ([text], node) => Number.parseInt(digest('md5', text).slice(0, 8), 16) % bucketsOf(node),
    duckdb: ([text], node) => `(${leading.duckdb(text!, 8)} % ${bucketsOf(node)})`,
    spark: ([text], node) => `(${leading.spark(text!, 8)} % ${bucketsOf(node)})`,
  },
};

function bucketsOf({ parameters }: CallNode): number {
  const buckets = Number(parameters?.buckets);
  if (Number.isInteger(buckets) && buckets >= 1 && buckets <= 1_000_000) return buckets;
  throw new BadRelation('there are 1 to 1000000 buckets');
}

/** MD5 of the UTF-8 bytes, 32 hexadecimal digits in lower case. No protection: use a pseudonym. */
export const md5 = unary<'text', 'text'>('md5', 'text');
/** SHA-256 of the UTF-8 bytes, 64 hexadecimal digits in lower case. */
export const sha256 = unary<'text', 'text'>('sha256', 'text');
/** A whole number from 0 below 2^52, spread evenly: for samples by key. */
export const hashInt = unary<'text', 'int'>('hashInt', 'int');

/** A bucket from 0 below `buckets` (1 to 1,000,000): the same for a text on every engine. */
export function hashBucket<N extends boolean>(
  value: Expression<'text', N>,
  buckets: number,
): Expression<'int', N> {
  const field = { type: 'int' as const, nullable: value.node.nullable };
  const made = call<'int', N>('hashBucket', [value.node], field, { buckets });
  bucketsOf(made.node as CallNode);
  return made;
}
