import { crc32 } from 'node:zlib';
import { canonicalJson, type Digest, isDigest } from '@backlot/core';

/** What was asked, as it is kept: pseudonyms and item keys, never a raw account. */
export interface PredictionRequest {
  readonly account?: string;
  readonly history?: readonly string[];
  readonly k: number;
  readonly excludeSeen: boolean;
  readonly storefront?: string;
  readonly locale?: string;
}

/** What an answer rests on. */
export type AnswerBasis = 'account' | 'history' | 'popularity' | 'storefront-popularity';

/** A logged prediction: enough to compute it again and to compare each bit. */
export interface PredictionRecord {
  readonly workspace: string;
  readonly endpoint: string;
  readonly deployment: string;
  readonly model: string;
  readonly version: number;
  readonly digest: Digest;
  /** Milliseconds UTC. */
  readonly at: number;
  readonly request: PredictionRequest;
  readonly basis: AnswerBasis;
  readonly items: readonly string[];
  /** The bytes of the scores, 32-bit floats, little-endian, in base64. */
  readonly scores: string;
  /** Unpredictable; part of the id, so that ids cannot be counted through. */
  readonly token: string;
}

/** Each record: these four bytes, its length and its checksum (CRC-32, both little-endian), its JSON. */
const marker = Buffer.from('BPR1', 'latin1');
const headBytes = 12;
/** A record holds at most 1,000 history keys and 200 items of 4 KiB each at the very most. */
const maxRecordBytes = 8 * 2 ** 20;

/** The bytes of a record, as they are appended. */
export function encodeRecord(record: PredictionRecord): Uint8Array {
  const body = Buffer.from(canonicalJson(record), 'utf8');
  const head = Buffer.alloc(headBytes);
  marker.copy(head);
  head.writeUInt32LE(body.length, 4);
  head.writeUInt32LE(crc32(body), 8);
  return Buffer.concat([head, body]);
}

/** The record at an offset and where it ends, `undefined` when none stands there whole. */
export function decodeRecord(
  bytes: Uint8Array,
  offset: number,
): { readonly record: PredictionRecord; readonly end: number } | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset < 0 || offset + headBytes > buffer.length) return undefined;
  if (!buffer.subarray(offset, offset + marker.length).equals(marker)) return undefined;
  const length = buffer.readUInt32LE(offset + 4);
  const end = offset + headBytes + length;
  if (length > maxRecordBytes || end > buffer.length) return undefined;
  const body = buffer.subarray(offset + headBytes, end);
  if (crc32(body) !== buffer.readUInt32LE(offset + 8)) return undefined;
  const record = JSON.parse(body.toString('utf8')) as PredictionRecord;
  return isDigest(record.digest) ? { record, end } : undefined;
}

/** Where the valid records at the beginning end, and whether another one follows what is broken. */
export function scanRecords(bytes: Uint8Array): {
  readonly records: number;
  readonly end: number;
  readonly more: boolean;
} {
  let [records, end] = [0, 0];
  for (let next = decodeRecord(bytes, 0); next; next = decodeRecord(bytes, end)) {
    end = next.end;
    records++;
  }
  return { records, end, more: recordAfter(bytes, end) };
}

function recordAfter(bytes: Uint8Array, from: number): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = buffer.indexOf(marker, from); at >= 0; at = buffer.indexOf(marker, at + 1)) {
    if (decodeRecord(bytes, at)) return true;
  }
  return false;
}
