import type { IncomingMessage } from 'node:http';
import type { Clock, Json } from '@backlot/core';
import type { AnyContract } from './contract.ts';
import { ServerError } from './error.ts';
import { parseStrictJson } from './strict-json.ts';

const jsonTypes = ['application/json', 'application/json; charset=utf-8'];
const byteType = 'application/octet-stream';

/**
 * Refuses a body by its headers alone. A route takes one media type, written exactly: a parser and
 * a check that read a lenient type differently are how validation was bypassed elsewhere.
 */
export function checkBodyHeaders(contract: AnyContract, raw: IncomingMessage): void {
  const { 'content-type': type, 'content-encoding': encoding } = raw.headers;
  const { body } = contract;
  if (body === undefined) {
    if (!hasBody(raw)) return;
    throw new ServerError('badRequest', 'this route takes no body', { place: 'body' });
  }
  const allowed = body === 'bytes' ? [byteType] : jsonTypes;
  if (type === undefined || !allowed.includes(type.toLowerCase())) {
    throw new ServerError('mediaType', `the body is ${allowed[0]}, no other`, {
      place: 'content-type',
    });
  }
  if (encoding !== undefined) {
    throw new ServerError('mediaType', 'a compressed body is not taken', {
      place: 'content-encoding',
    });
  }
  if (Number(raw.headers['content-length'] ?? 0) > contract.limits.bodyBytes) {
    throw tooLarge(contract.limits.bodyBytes);
  }
}

/** Whether a request brings a body, or says that it will. */
export function hasBody(raw: IncomingMessage): boolean {
  return (
    raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0
  );
}

function tooLarge(limit: number): ServerError {
  return new ServerError('tooLarge', `the body is over ${limit} bytes`, { place: 'body' });
}

/** The body as JSON, within its limits of bytes and time. */
export async function readJsonBody(
  raw: IncomingMessage,
  limits: { readonly bodyBytes: number; readonly bodyTimeoutMs: number },
  clock: Clock,
): Promise<Json> {
  const timer = new AbortController();
  const late = clock.sleep(limits.bodyTimeoutMs, timer.signal).then(() => {
    if (!timer.signal.aborted) throw slowBody(limits.bodyTimeoutMs);
    return new Uint8Array();
  });
  try {
    return parseStrictJson(await Promise.race([collect(raw, limits.bodyBytes), late]));
  } finally {
    timer.abort();
  }
}

function slowBody(ms: number): ServerError {
  return new ServerError('slowBody', `the body took over ${ms} ms to arrive`, { place: 'body' });
}

/**
 * Grows one buffer by doubling: a flood of one-byte chunks costs no more than its bytes. It listens
 * rather than iterates, because leaving an iteration destroys the socket before it was answered.
 */
function collect(raw: IncomingMessage, limit: number): Promise<Uint8Array> {
  let held = new Uint8Array(Math.min(limit, 4_096));
  let length = 0;
  return new Promise((resolve, reject) => {
    raw.on('data', (chunk: Uint8Array) => {
      const needed = length + chunk.byteLength;
      if (needed > limit) {
        raw.pause();
        reject(tooLarge(limit));
        return;
      }
      if (needed > held.byteLength) {
        const larger = new Uint8Array(Math.min(limit, Math.max(needed, held.byteLength * 2)));
        larger.set(held.subarray(0, length));
        held = larger;
      }
      held.set(chunk, length);
      length = needed;
    });
    raw.once('end', () => resolve(held.subarray(0, length)));
    raw.once('error', reject);
    raw.once('close', () => reject(new ServerError('badRequest', 'the body was cut short')));
  });
}

/** An upload as it comes, until there is too much of it. */
export async function* readUpload(
  raw: IncomingMessage,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
    total += (chunk as Uint8Array).byteLength;
    if (total > limit) throw tooLarge(limit);
    yield chunk as Uint8Array;
  }
}
