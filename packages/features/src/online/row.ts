import { deserialize, serialize } from 'node:v8';
import type { Digest } from '@backlot/core';
import { digestHex } from '@backlot/core';
import type { FeatureValue } from '../aggregates/aggregate.ts';
import type { ViewState } from '../views/view-state.ts';
import { appendJson, decodeValues, encodeValues } from './values.ts';

/**
 * The row of a key: a section for each view of its entity, so that a vector of several views is one
 * look-up. A section has the first 8 bytes of the view's digest, its length, from when until when its
 * values hold (float64, microseconds), the values' length, the values, and the state that they are
 * computed from when they hold no longer.
 */
export interface Section {
  readonly validFrom: number;
  readonly validUntil: number;
  readonly values: readonly FeatureValue[];
  readonly state: ViewState;
}

const sectionHead = 12;
const contentHead = 20;

/** The 8 bytes that name a version of a view. */
export function tagOf(digest: Digest): bigint {
  return BigInt(`0x${digestHex(digest).slice(0, 16)}`);
}

/** A row with a view's section in place of the one that stood there; without one it is removed. */
export function withSection(
  row: Uint8Array | undefined,
  tag: bigint,
  section: Section | undefined,
): Uint8Array | undefined {
  const kept = sectionsOf(row).filter((one) => one.tag !== tag);
  const parts = kept.map(({ start, end }) => row!.subarray(start, end));
  if (section) parts.push(encodeSection(tag, section));
  return parts.length > 0 ? Buffer.concat(parts) : undefined;
}

/** Where a view's content lies in a row; absent where the row has none. */
export interface Place {
  readonly row: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Finds a view's section. */
export function findSection(row: Uint8Array | undefined, tag: bigint): Place | undefined {
  if (!row) return undefined;
  const bytes = Buffer.from(row.buffer, row.byteOffset, row.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const end = at + sectionHead + bytes.readUInt32LE(at + 8);
    if (bytes.readBigUInt64BE(at) === tag) return { row: bytes, start: at + sectionHead, end };
    at = end;
  }
  return undefined;
}

/** Whether the values that stand in a section are those of a moment. */
export function holdsAt({ row, start }: Place, now: number): boolean {
  return now >= row.readDoubleLE(start) && now < row.readDoubleLE(start + 8);
}

/** The values that stand in a section. */
export function valuesIn({ row, start }: Place): readonly FeatureValue[] {
  const from = start + contentHead;
  return decodeValues(row.subarray(from, from + row.readUInt32LE(start + 16)));
}

/** The values that stand in a section as JSON, each after a comma where one is before it. */
export function appendValues({ row, start }: Place, text: string): string {
  const from = start + contentHead;
  return appendJson(row, from, from + row.readUInt32LE(start + 16), text);
}

/** The state that a section's values are computed from. */
export function stateIn({ row, start, end }: Place): ViewState {
  return deserialize(row.subarray(start + contentHead + row.readUInt32LE(start + 16), end));
}

function encodeSection(tag: bigint, section: Section): Buffer {
  const [values, state] = [encodeValues(section.values), serialize(section.state)];
  const head = Buffer.alloc(sectionHead + contentHead);
  head.writeBigUInt64BE(tag, 0);
  head.writeUInt32LE(contentHead + values.length + state.length, 8);
  head.writeDoubleLE(section.validFrom, 12);
  head.writeDoubleLE(section.validUntil, 20);
  head.writeUInt32LE(values.length, 28);
  return Buffer.concat([head, values, state]);
}

function sectionsOf(
  row: Uint8Array | undefined,
): { readonly tag: bigint; readonly start: number; readonly end: number }[] {
  const found: { tag: bigint; start: number; end: number }[] = [];
  if (!row) return found;
  const bytes = Buffer.from(row.buffer, row.byteOffset, row.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const end = at + sectionHead + bytes.readUInt32LE(at + 8);
    found.push({ tag: bytes.readBigUInt64BE(at), start: at, end });
    at = end;
  }
  return found;
}
