import { BacklotError, type Digest } from '@backlot/core';
import type { Objects, Reader } from '@backlot/store';
import type { QuarantineLine } from '../deliveries/quarantine.ts';
import type { Receipt } from '../deliveries/receipt.ts';

/** A delivery as it was recorded. */
export interface DeliverySummary {
  readonly id: string;
  readonly receipt: Receipt;
  readonly receiptDigest: Digest;
  readonly run?: string;
  readonly at: number;
}

interface DeliveryRow {
  readonly id: string;
  readonly sequence: number;
  readonly receipt: Digest;
  readonly body: string;
  readonly run: string | null;
  readonly recorded_at: number;
}

export interface PageOptions {
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

const columns = 'id, sequence, receipt, body, run, recorded_at';

/** Deliveries, newest first, of one table or of all. */
export async function listDeliveries(
  reader: Reader,
  workspace: string,
  page: PageOptions & { readonly table?: string },
): Promise<{ readonly deliveries: readonly DeliverySummary[]; readonly next?: string }> {
  const before = page.after === undefined ? Number.MAX_SAFE_INTEGER : parseCursor(page.after);
  const ofTable = page.table === undefined ? '' : 'AND table_id = ?';
  const rows = await reader.all<DeliveryRow>(
    `SELECT ${columns} FROM data_deliveries WHERE workspace = ? AND sequence < ? ${ofTable}
     ORDER BY sequence DESC LIMIT ?`,
    workspace,
    before,
    ...(page.table === undefined ? [] : [page.table]),
    page.limit + 1,
  );
  const shown = rows.slice(0, page.limit);
  return {
    deliveries: shown.map(summary),
    ...(rows.length > page.limit && { next: String(shown.at(-1)!.sequence) }),
  };
}

/** One delivery by its id. */
export async function readDelivery(
  reader: Reader,
  workspace: string,
  id: string,
): Promise<DeliverySummary | undefined> {
  const row = await reader.get<DeliveryRow>(
    `SELECT ${columns} FROM data_deliveries WHERE workspace = ? AND id = ?`,
    workspace,
    id,
  );
  return row && summary(row);
}

function summary(row: DeliveryRow): DeliverySummary {
  return {
    id: row.id,
    receipt: JSON.parse(row.body) as Receipt,
    receiptDigest: row.receipt,
    ...(row.run !== null && { run: row.run }),
    at: row.recorded_at,
  };
}

/** A line of quarantine with the delivery it comes from. */
export interface QuarantineEntry extends QuarantineLine {
  readonly delivery: string;
}

/** Lines of a table's quarantine: of the delivery named, else of the newest that has any. */
export async function quarantinePage(
  reader: Reader,
  objects: Objects,
  workspace: string,
  page: PageOptions & { readonly table: string; readonly delivery?: string },
): Promise<{ readonly rows: readonly QuarantineEntry[]; readonly next?: string }> {
  const ofDelivery = page.delivery === undefined ? '' : 'AND id = ?';
  const row = await reader.get<DeliveryRow>(
    `SELECT ${columns} FROM data_deliveries d WHERE workspace = ? AND table_id = ? ${ofDelivery}
       AND EXISTS (SELECT 1 FROM data_quarantine q WHERE q.workspace = d.workspace AND q.id = d.id)
     ORDER BY sequence DESC LIMIT 1`,
    workspace,
    page.table,
    ...(page.delivery === undefined ? [] : [page.delivery]),
  );
  const digest = row && summary(row).receipt.quarantine;
  if (!row || !digest) return { rows: [] };
  const from = page.after === undefined ? 0 : parseCursor(page.after);
  const lines = await readLines(objects, digest, from, page.limit + 1);
  const rows = lines.slice(0, page.limit).map((line) => ({ delivery: row.id, ...line }));
  return { rows, ...(lines.length > page.limit && { next: String(from + page.limit) }) };
}

async function readLines(
  objects: Objects,
  digest: Digest,
  from: number,
  count: number,
): Promise<readonly QuarantineLine[]> {
  const decoder = new TextDecoder();
  const found: QuarantineLine[] = [];
  let rest = '';
  let at = 0;
  for await (const chunk of objects.stream(digest)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (at++ >= from && found.length < count) found.push(JSON.parse(line) as QuarantineLine);
    }
    if (found.length >= count) break;
  }
  return found;
}

function parseCursor(after: string): number {
  if (/^\d{1,15}$/.test(after)) return Number(after);
  throw new BacklotError({
    code: 'E-DATA-012',
    kind: 'usage',
    reason: 'the place to go on from is not one that a page gave',
    place: 'after',
  });
}
