import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import { BacklotError } from './error.ts';

/** The name of content: `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`;

const pattern = /^sha256:[0-9a-f]{64}$/;

/** Whether the text is a digest. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && pattern.test(text);
}

/** The text as a digest, or a usage error. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new BacklotError({
    code: 'E-CORE-004',
    kind: 'usage',
    reason: 'a digest is sha256: and 64 hexadecimal digits',
  });
}

/**
 * The digest of bytes, or of a text's UTF-8.
 *
 * @example
 * digestOfBytes('').slice(0, 14); // 'sha256:e3b0c44'
 */
export function digestOfBytes(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The digest of a value's canonical JSON. */
export function digestOf(value: unknown): Digest {
  return digestOfBytes(canonicalJson(value));
}

/** A digest that is fed piece by piece. */
export class DigestStream {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  update(chunk: Uint8Array): this {
    this.#hash.update(chunk);
    this.#bytes += chunk.byteLength;
    return this;
  }

  get bytes(): number {
    return this.#bytes;
  }

  finish(): Digest {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}

/** The 64 hexadecimal digits alone. */
export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length);
}
