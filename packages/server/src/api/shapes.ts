import * as z from 'zod';

/** Shapes that several contracts share. */
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
export const name = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*$/)
  .max(63);
/** Milliseconds since 1970, UTC. */
export const instant = z.int().min(0);
export const count = z.int().min(0);
export const json = z.json();
/** What the command line says for the same act. */
export const command = z.string();

/** An error as it is shown: the same object as under `--json`. */
export const problem = z.strictObject({
  code: z.string(),
  reason: z.string(),
  place: z.string().optional(),
  mend: z.string().optional(),
});

/** An estimate and the interval around it, with the level that the same computation used. */
export const estimate = z.strictObject({
  value: z.number(),
  low: z.number(),
  high: z.number(),
  /** Between 0 and 1. */
  level: z.number(),
});

export const page = {
  /** How many rows to answer. */
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** Where to go on: the `next` of the page before. */
  after: z.string().max(200).optional(),
};
export const next = z.string().optional();

export const smallLimits = { bodyBytes: 64 * 1024, timeoutMs: 30_000 } as const;
export const readLimits = { bodyBytes: 0, timeoutMs: 30_000 } as const;
