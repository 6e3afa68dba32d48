import type { Digest } from '@backlot/core';
import { deliver as deliverRows, readManifest, type Table } from '@backlot/data';
import { fileArtifact, jsonArtifact, tasksWith } from '@backlot/pipelines';
import * as z from 'zod';
import { UnknownTable } from './error.ts';
import type { TaskServices } from './services.ts';
import { snapshotArtifact, snapshotDigest } from './snapshot-artifact.ts';

/** A file as a provider delivered it. */
export const deliveredFile = fileArtifact('delivered-file');

/** What came of a delivery, in numbers. */
const deliverySummary = z.strictObject({
  status: z.enum(['accepted', 'refused', 'unchanged']),
  table: z.string(),
  rows: z.int(),
  accepted: z.int(),
  quarantined: z.int(),
  receipt: z.string(),
});

export const deliverySummaryArtifact = jsonArtifact('delivery-summary', deliverySummary);

/** The effect by which a delivery becomes visible; `deliveryEffect` in the owner applies it. */
export const deliveryEffectKind = 'data.deliver';

export const deliveryPayload = z.strictObject({
  receipt: z.string(),
  /** The snapshot to publish. */
  manifest: z.string().optional(),
  /** The snapshot that must be current until then. */
  previous: z.string().optional(),
  /** The object that holds new subjects, sealed. */
  subjects: z.string().optional(),
});

/**
 * Checks a file against its table's contract. Good rows become a snapshot, bad rows go to
 * quarantine; a refused delivery leaves a receipt and no snapshot.
 */
export const deliver = tasksWith<TaskServices>()({
  name: 'deliver',
  module: import.meta.url,
  inputs: { file: deliveredFile, previous: snapshotArtifact },
  parameters: z.strictObject({
    table: z.string(),
    format: z.enum(['csv', 'jsonl', 'parquet']),
    compression: z.enum(['none', 'gzip']).default('none'),
    mode: z.enum(['append', 'replace']).default('append'),
    provider: z.string().default('local'),
  }),
  outputs: { snapshot: snapshotArtifact, summary: deliverySummaryArtifact },
  run: async ({ inputs, parameters, context }) => {
    const { io, objects, scratch, signal, services } = context;
    const { table, format, compression, mode, provider } = parameters;
    const previous = await snapshotDigest(inputs.previous);
    const outcome = await deliverRows({
      ...{ io, objects, scratch, signal, mode, provider },
      contract: tableNamed(services.tables, table),
      source: { object: inputs.file.ref.digest, format, compression },
      threads: services.threads,
      ...(previous && { previous }),
      ...(await services.subjects(context.principal.workspace)),
      onProgress: ({ phase, done, total, rows }) => {
        if (phase === 'write') context.progress({ done, total, unit: 'files' });
        else context.progress({ done: rows, unit: 'rows', ...rowsInAll(done, total, rows) });
      },
    });
    const { receipt, receiptDigest, manifest, subjects } = outcome;
    context.effect(deliveryEffectKind, {
      receipt: receiptDigest,
      ...(outcome.status === 'accepted' && manifest && { manifest }),
      ...(previous && { previous }),
      ...(subjects && { subjects }),
    });
    for (const { rule, column, rows, mend } of receipt.reasons.slice(0, 10)) {
      context.log(`${rule}${column ? ` in ${column}` : ''}: ${rows} rows; ${mend}`);
    }
    context.metric('rows', receipt.rows);
    context.metric('quarantined', receipt.quarantined);
    return {
      snapshot: manifest ? await readManifest(objects, manifest as Digest) : null,
      summary: {
        status: outcome.status,
        table,
        rows: receipt.rows,
        accepted: receipt.accepted,
        quarantined: receipt.quarantined,
        receipt: receiptDigest,
      },
    };
  },
});

/** How many rows there will be, as the share of bytes that were read tells. */
function rowsInAll(done: number, total: number, rows: number): { readonly total?: number } {
  return done > 0 && total > done ? { total: Math.round((rows * total) / done) } : {};
}

function tableNamed(tables: readonly Table[], name: string): Table {
  const found = tables.find((table) => table.name === name);
  if (found) return found;
  throw new UnknownTable(
    name,
    tables.map((table) => table.name),
  );
}
