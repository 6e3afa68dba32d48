import type { Digest } from '@backlot/core';
import { canonicalJson, isDigest } from '@backlot/core';
import type { Objects } from '@backlot/store';
import { BadDocument } from '../data-error.ts';
import type { QuarantineReason } from './quarantine.ts';

export type DeliveryMode = 'append' | 'replace';
export type DeliveryStatus = 'accepted' | 'refused' | 'unchanged';

/** A column whose values look like what its sensitivity does not say. */
export interface ReceiptWarning {
  readonly column: string;
  readonly looksLike: 'e-mail address' | 'phone number';
  readonly rows: number;
}

/** What came of a delivery. It holds no time, so that the same delivery has the same receipt. */
export interface Receipt {
  readonly kind: 'receipt';
  readonly status: DeliveryStatus;
  readonly delivery: string;
  readonly provider: string;
  readonly table: string;
  readonly contractDigest: Digest;
  readonly source: {
    readonly digest?: Digest;
    readonly bytes: number;
    readonly format: string;
    readonly compression: string;
  };
  readonly mode: DeliveryMode;
  /** Rows read, accepted and put into quarantine. */
  readonly rows: number;
  readonly accepted: number;
  readonly quarantined: number;
  /** Accepted rows that a newer one of the same key, here or in the table, stands for. */
  readonly superseded?: number;
  /** Accepted rows that came late by the contract. */
  readonly late?: number;
  /** The share of bad rows above which a delivery is refused. */
  readonly maxBadShare: number;
  readonly reasons: readonly QuarantineReason[];
  readonly warnings: readonly ReceiptWarning[];
  readonly subjects: number;
  /** The table's snapshot before, and after; the latter absent when refused. */
  readonly previous?: Digest;
  readonly snapshot?: Digest;
  /** JSON Lines of the rows in quarantine, where there are any. */
  readonly quarantine?: Digest;
}

/** Stores a receipt. */
export async function putReceipt(objects: Objects, receipt: Receipt): Promise<Digest> {
  return (await objects.put(Buffer.from(canonicalJson(receipt)))).digest;
}

const maxReceiptBytes = 2 ** 20;

/** Reads a receipt; an object that is none is refused. */
export async function readReceipt(objects: Objects, digest: Digest): Promise<Receipt> {
  const bytes = await objects.get(digest, { limitBytes: maxReceiptBytes });
  const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as Receipt;
  const good =
    value?.kind === 'receipt' &&
    ['accepted', 'refused', 'unchanged'].includes(value.status) &&
    typeof value.table === 'string' &&
    isDigest(value.contractDigest) &&
    [value.rows, value.accepted, value.quarantined].every(Number.isSafeInteger) &&
    Array.isArray(value.reasons) &&
    Array.isArray(value.warnings);
  if (!good) throw new BadDocument('receipt', digest, 'its fields are not those of a receipt');
  return value;
}
