import { createHash, timingSafeEqual } from 'node:crypto';
import { createId, type Randomness } from '@backlot/core';

/** What a secret is for. Each kind has a prefix of its own, so that none passes for another. */
type SecretKind = keyof typeof prefixes;

const prefixes = { token: 'blt', session: 'bls', bootstrap: 'blb' } as const;
const secretBytes = 32;
const shape = /^(bl[tsb])_([0-9a-hjkmnp-tv-z]{20})_([A-Za-z0-9_-]{43})$/;

/** A fresh secret. Its text is shown once; the hash is what is kept. */
interface FreshSecret {
  readonly id: string;
  readonly text: string;
  readonly hash: string;
}

/** Makes a secret of 32 random bytes: `blt_<id>_<secret>`. The id finds its row and is no secret. */
export function createSecret(kind: SecretKind, random: Randomness): FreshSecret {
  const id = createId(random);
  const secret = Buffer.from(random.bytes(secretBytes)).toString('base64url');
  const text = `${prefixes[kind]}_${id}_${secret}`;
  return { id, text, hash: hashOf(text) };
}

/** The id within a secret's text, or `undefined` when the text cannot be a secret of that kind. */
export function secretId(kind: SecretKind, text: string): string | undefined {
  const match = shape.exec(text);
  return match?.[1] === prefixes[kind] ? match[2] : undefined;
}

/** Whether the text hashes to what was kept, in a time that does not tell how much of it is right. */
export function secretMatches(text: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(text)), Buffer.from(hash));
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
