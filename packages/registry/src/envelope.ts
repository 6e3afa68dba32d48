import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { canonicalJson, type Digest, digestOfBytes, type Json } from '@backlot/core';

/** Signs bytes with the Ed25519 key of that id. The private key stays behind the port. */
export interface Signer {
  readonly keyId: string;
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** The Ed25519 keys that may sign. */
export interface Keyring {
  /** The key of that id, `undefined` when it is unknown or withdrawn. */
  find(keyId: string): SigningKey | undefined | Promise<SigningKey | undefined>;
}

export interface SigningKey {
  readonly publicKey: KeyObject;
  /** The principal whose key it is; nobody else's statements may be signed with it. */
  readonly owner: string;
}

/** A public key as it is written down: 32 raw bytes in base64url. */
export interface WrittenKey {
  readonly keyId: string;
  readonly owner: string;
  readonly publicKey: string;
}

/** A ring of keys that are written down. */
export function keyringOf(keys: readonly WrittenKey[]): Keyring {
  const ring = new Map(
    keys.map(({ keyId, owner, publicKey }) => {
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey };
      return [keyId, { owner, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) }];
    }),
  );
  return { find: (keyId) => ring.get(keyId) };
}

/** A signed text as DSSE 1.0 lays it out; ours has exactly one signature. */
export interface Envelope {
  readonly payloadType: string;
  /** Base64 of the payload's canonical JSON. */
  readonly payload: string;
  readonly signatures: readonly [{ readonly keyid: string; readonly sig: string }];
}

/**
 * The bytes that are signed (DSSE 1.0, pre-authentication encoding): the type is signed with the
 * payload, each with its length before it, so that no two pairs share an encoding.
 *
 * @example
 * String(Buffer.from(preAuthenticationEncoding('a', new Uint8Array([98])))); // 'DSSEv1 1 a 1 b'
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.byteLength} `),
    type,
    Buffer.from(` ${payload.byteLength} `),
    payload,
  ]);
}

/** Signs a value's canonical JSON. */
export async function signEnvelope(
  payloadType: string,
  value: Json,
  signer: Signer,
): Promise<Envelope> {
  const payload = Buffer.from(canonicalJson(value), 'utf8');
  const signature = await signer.sign(preAuthenticationEncoding(payloadType, payload));
  return {
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: signer.keyId, sig: Buffer.from(signature).toString('base64') }],
  };
}

/** The digest of what an envelope says, whoever signed it: its name in the ledger and on pages. */
export function statementDigest({ payload }: Envelope): Digest {
  return digestOfBytes(Buffer.from(payload, 'base64'));
}

/** What opening an envelope came to: the payload, or why it is not to be believed. */
type OpenedEnvelope =
  | { readonly payload: Json; readonly keyId: string; readonly owner: string }
  | { readonly fault: 'malformed' | 'unknown-key' | 'bad-signature'; readonly detail: string };

const maxPayloadBytes = 64 * 1024;
const signatureBytes = 64;

/** Opens an envelope of one type. Nothing of the payload is read before its signature holds. */
export async function openEnvelope(
  envelope: unknown,
  payloadType: string,
  keyring: Keyring,
): Promise<OpenedEnvelope> {
  const parts = envelopeParts(envelope, payloadType);
  if (typeof parts === 'string') return { fault: 'malformed', detail: parts };
  const key = await keyring.find(parts.keyId);
  if (key === undefined || key.publicKey.asymmetricKeyType !== 'ed25519') {
    return { fault: 'unknown-key', detail: 'no Ed25519 key of that id may sign' };
  }
  const signed = preAuthenticationEncoding(payloadType, parts.payload);
  if (!verify(null, signed, key.publicKey, parts.signature)) {
    return { fault: 'bad-signature', detail: 'the signature is not of these bytes' };
  }
  return openPayload(parts.payload, { keyId: parts.keyId, owner: key.owner });
}

function openPayload(
  bytes: Uint8Array,
  signer: { readonly keyId: string; readonly owner: string },
): OpenedEnvelope {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const payload = JSON.parse(text) as Json;
    // Only the canonical text is accepted: it rules out duplicate keys and second readings.
    if (canonicalJson(payload) === text) return { payload, ...signer };
  } catch (error) {
    return { fault: 'malformed', detail: `the payload is not JSON (${(error as Error).name})` };
  }
  return { fault: 'malformed', detail: 'the payload is not in canonical form' };
}

interface EnvelopeParts {
  readonly payload: Uint8Array;
  readonly keyId: string;
  readonly signature: Uint8Array;
}

function envelopeParts(envelope: unknown, payloadType: string): EnvelopeParts | string {
  if (!hasExactly(envelope, ['payload', 'payloadType', 'signatures'])) return 'not an envelope';
  if (envelope.payloadType !== payloadType) return 'the payload type is another';
  const signatures = envelope.signatures;
  if (!Array.isArray(signatures) || signatures.length !== 1) return 'one signature is allowed';
  const [entry] = signatures as readonly unknown[];
  if (!hasExactly(entry, ['keyid', 'sig'])) return 'a signature holds keyid and sig';
  const payload = strictBase64(envelope.payload, maxPayloadBytes);
  const signature = strictBase64(entry.sig, signatureBytes);
  if (!payload || signature?.byteLength !== signatureBytes) return 'not base64 of allowed length';
  if (typeof entry.keyid !== 'string') return 'the key id is not a text';
  return { payload, signature, keyId: entry.keyid };
}

function hasExactly(value: unknown, keys: readonly string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const found = Object.keys(value).sort();
  return found.length === keys.length && found.every((key, index) => key === keys[index]);
}

/** Node's decoder skips what it does not know; only a text that encodes back to itself passes. */
function strictBase64(text: unknown, maxBytes: number): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length > Math.ceil(maxBytes / 3) * 4) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
