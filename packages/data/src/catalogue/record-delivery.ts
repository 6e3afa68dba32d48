import { canonicalJson, type Digest } from '@backlot/core';
import type { Transaction } from '@backlot/store';
import type { Receipt } from '../deliveries/receipt.ts';
import { type RowRule, rowRules } from '../deliveries/rules.ts';
import type { Actor } from './publish-snapshot.ts';

export interface DeliveryRecord {
  readonly receipt: Receipt;
  readonly receiptDigest: Digest;
  /** The run that checked it. */
  readonly run?: string;
  readonly at: number;
}

/**
 * Records what came of a delivery, with its reasons; answers its id. A receipt is recorded once:
 * again changes nothing. A delivery that comes again with another outcome gets a suffix.
 */
export async function recordDelivery(
  tx: Transaction,
  actor: Actor,
  record: DeliveryRecord,
): Promise<string> {
  const { receipt, receiptDigest } = record;
  const { workspace } = actor;
  const known = await tx.get<{ id: string }>(
    'SELECT id FROM data_deliveries WHERE workspace = ? AND receipt = ?',
    workspace,
    receiptDigest,
  );
  if (known) return known.id;
  const id = await freeId(tx, workspace, receipt.delivery);
  await insertDelivery(tx, workspace, id, record);
  await insertReasons(tx, workspace, id, record);
  await tx.record({
    workspace,
    actor: actor.id,
    action: `delivery.${receipt.status}`,
    resource: `table/${receipt.table}`,
    facts: {
      delivery: id,
      receipt: receiptDigest,
      rows: receipt.rows,
      accepted: receipt.accepted,
      quarantined: receipt.quarantined,
    },
  });
  return id;
}

async function freeId(tx: Transaction, workspace: string, delivery: string): Promise<string> {
  const row = await tx.get<{ count: number }>(
    'SELECT COUNT(*) AS count FROM data_deliveries WHERE workspace = ? AND delivery = ?',
    workspace,
    delivery,
  );
  const before = row?.count ?? 0;
  return before === 0 ? delivery : `${delivery}-${before + 1}`;
}

async function insertDelivery(
  tx: Transaction,
  workspace: string,
  id: string,
  { receipt, receiptDigest, run, at }: DeliveryRecord,
): Promise<void> {
  const last = await tx.get<{ sequence: number | null }>(
    'SELECT MAX(sequence) AS sequence FROM data_deliveries WHERE workspace = ?',
    workspace,
  );
  await tx.run(
    `INSERT INTO data_deliveries (workspace, id, sequence, delivery, table_id, status, provider,
       receipt, body, run, recorded_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    workspace,
    id,
    (last?.sequence ?? 0) + 1,
    receipt.delivery,
    receipt.table,
    receipt.status,
    receipt.provider,
    receiptDigest,
    canonicalJson(receipt),
    run ?? null,
    at,
  );
}

async function insertReasons(
  tx: Transaction,
  workspace: string,
  id: string,
  { receipt, at }: DeliveryRecord,
): Promise<void> {
  const reasons = receipt.reasons.filter((reason) => isRowRule(reason.rule) && reason.firstRow > 0);
  for (const [ordinal, reason] of reasons.entries()) {
    await tx.run(
      `INSERT INTO data_quarantine (workspace, id, ordinal, table_id, rule, column_name, row_count,
         first_row, mend, recorded_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      workspace,
      id,
      ordinal,
      receipt.table,
      reason.rule,
      reason.column,
      reason.rows,
      reason.firstRow,
      reason.mend,
      at,
    );
  }
}

function isRowRule(rule: string): rule is RowRule {
  return Object.hasOwn(rowRules, rule);
}
