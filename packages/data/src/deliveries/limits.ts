import { BadContract } from '../data-error.ts';

/** The bounds a source is read within. */
export interface DeliveryLimits {
  /** Bytes of the source as delivered. */
  readonly maxSourceBytes: number;
  /** Bytes after decompression. */
  readonly maxBytes: number;
  /** Decompressed bytes for each compressed one, counted from the first mebibyte on. */
  readonly maxRatio: number;
  readonly maxRows: number;
  readonly maxRowBytes: number;
  /** Fields of a CSV row, members of a JSON row, columns of a Parquet file. */
  readonly maxFields: number;
  /** Different subjects in one delivery: they are held in memory. */
  readonly maxSubjects: number;
  /** Lines of quarantine that are written; all are counted. */
  readonly maxQuarantineLines: number;
  /** Memory of the engine that stages rows, in mebibytes; beyond it, it spills to the scratch folder. */
  readonly engineMemoryMiB: number;
}

/** What is allowed when nothing else is said. */
export const defaultDeliveryLimits: DeliveryLimits = {
  maxSourceBytes: 16 * 2 ** 30,
  maxBytes: 64 * 2 ** 30,
  maxRatio: 250,
  maxRows: 1_000_000_000,
  maxRowBytes: 2 ** 20,
  maxFields: 2_048,
  maxSubjects: 5_000_000,
  maxQuarantineLines: 100_000,
  engineMemoryMiB: 1_024,
};

/** The limits asked for on top of the usual ones; each a whole number from 1. */
export function deliveryLimits(asked: Partial<DeliveryLimits> = {}): DeliveryLimits {
  const limits = { ...defaultDeliveryLimits, ...asked };
  for (const [name, limit] of Object.entries(limits)) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new BadContract(
        name,
        `the limit ${name} is ${limit}; a whole number from 1 is allowed`,
      );
    }
  }
  return limits;
}
