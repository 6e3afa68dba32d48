import type { Randomness } from './io.ts';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const idLength = 20;

/** A fresh identifier of 100 random bits in lower-case Crockford base 32; its first 7 tell most apart. */
export function createId(random: Randomness): string {
  return Array.from(random.bytes(idLength), (byte) => alphabet[byte & 31]).join('');
}

/** Whether a text could be an identifier of ours. */
export function isId(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-hjkmnp-tv-z]{20}$/.test(text);
}
