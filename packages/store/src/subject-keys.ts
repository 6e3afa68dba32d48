import { createCipheriv, createDecipheriv } from 'node:crypto';
import { assert, BacklotError, type Randomness } from '@backlot/core';

/** Sealed bytes do not open: they were changed, or belong to another subject, purpose or workspace. */
export class SealBroken extends BacklotError {
  constructor() {
    super({
      code: 'E-STORE-007',
      kind: 'failed',
      reason: 'sealed bytes do not open with the key and the place that they are said to be for',
    });
  }
}

const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

/**
 * The keys of a workspace's subjects: random, each wrapped under the workspace's key-encryption key.
 * AES-256-GCM; sealed bytes are nonce (12), ciphertext, tag (16).
 */
export class SubjectKeys {
  readonly workspace: string;
  readonly #wrappingKey: Uint8Array;
  readonly #random: Randomness;

  constructor(workspace: string, wrappingKey: Uint8Array, random: Randomness) {
    assert(wrappingKey.byteLength === keyBytes, 'a key-encryption key has 32 bytes');
    this.workspace = workspace;
    this.#wrappingKey = wrappingKey;
    this.#random = random;
  }

  /** A fresh random key for a subject, as it is and wrapped. */
  create(subject: string): { readonly key: Uint8Array; readonly wrapped: Uint8Array } {
    const key = this.#random.bytes(keyBytes);
    return { key, wrapped: this.#encrypt(this.#wrappingKey, key, ['key', subject]) };
  }

  unwrap(subject: string, wrapped: Uint8Array): Uint8Array {
    return this.#decrypt(this.#wrappingKey, wrapped, ['key', subject]);
  }

  /** Seals bytes under a subject's key; `label` says what they are and has to be given to open them. */
  seal(subject: string, key: Uint8Array, bytes: Uint8Array, label: string): Uint8Array {
    return this.#encrypt(key, bytes, ['bytes', subject, label]);
  }

  open(subject: string, key: Uint8Array, sealed: Uint8Array, label: string): Uint8Array {
    return this.#decrypt(key, sealed, ['bytes', subject, label]);
  }

  #encrypt(key: Uint8Array, bytes: Uint8Array, place: readonly string[]): Uint8Array {
    const nonce = this.#random.bytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(this.#placeBytes(place));
    return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  #decrypt(key: Uint8Array, sealed: Uint8Array, place: readonly string[]): Uint8Array {
    if (sealed.byteLength < nonceBytes + tagBytes) throw new SealBroken();
    const end = sealed.byteLength - tagBytes;
    const nonce = sealed.subarray(0, nonceBytes);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(this.#placeBytes(place));
    decipher.setAuthTag(sealed.subarray(end));
    const head = decipher.update(sealed.subarray(nonceBytes, end));
    try {
      return Buffer.concat([head, decipher.final()]);
    } catch {
      // OpenSSL's own error says nothing more, and the bytes must not be shown.
      throw new SealBroken();
    }
  }

  /** JSON, so that no two lists of parts give the same bytes. */
  #placeBytes(place: readonly string[]): Uint8Array {
    return Buffer.from(JSON.stringify([this.workspace, ...place]));
  }
}
