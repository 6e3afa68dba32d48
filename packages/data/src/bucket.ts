import { createHash } from 'node:crypto';

/** The bucket of a pseudonym: the first 8 hexadecimal digits of its MD5, modulo the number of buckets. */
export function bucketOf(pseudonym: string, buckets: number): number {
  return (
    Number.parseInt(createHash('md5').update(pseudonym).digest('hex').slice(0, 8), 16) % buckets
  );
}
