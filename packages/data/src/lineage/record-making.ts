import { canonicalJson, type Digest } from '@backlot/core';
import type { Reader, Transaction } from '@backlot/store';
import type { Actor } from '../catalogue/publish-snapshot.ts';
import { type ContractData, columnType } from '../contract.ts';
import type { ColumnLineage, SourceColumn } from './column-lineage.ts';
import { nodeId, ownNamespace } from './lineage-node.ts';
import { type ColumnSource, type LineageDataset, ownDataset, putLineage } from './put-lineage.ts';

/** What made a snapshot: the answer to "where do these rows come from?". */
export interface Making {
  readonly snapshot: Digest;
  readonly table: string;
  readonly kind: 'delivery' | 'task';
  /** The pipeline and its task, joined by a point. */
  readonly job: string;
  readonly run?: string;
  /** The digest of the code that ran. */
  readonly code?: Digest;
  /** The digest of the relation that the rows are of. */
  readonly relation?: Digest;
  /** The id of the delivery. */
  readonly delivery?: string;
  /** Snapshots that were read, by table. */
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly columns: ColumnLineage;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
}

/** Who hands in the rows of a delivery; it stands in the graph before the delivery. */
export interface MakingDetails {
  readonly contract: ContractData;
  readonly provider?: string;
}

/**
 * Records what made a snapshot, and adds it to the graph; in the transaction that publishes the
 * snapshot. A snapshot is made once: again changes nothing.
 */
export async function recordMaking(
  tx: Transaction,
  actor: Actor,
  making: Making,
  { contract, provider }: MakingDetails,
): Promise<void> {
  const { workspace } = actor;
  const made = await insertMaking(tx, workspace, making);
  if (made === 0) return;
  const handedIn: readonly LineageDataset[] =
    provider === undefined ? [] : [{ namespace: `provider://${provider}`, name: making.table }];
  const source = (column: SourceColumn): ColumnSource => {
    const delivered = making.kind === 'delivery' ? handedIn[0] : undefined;
    const dataset = delivered ?? ownDataset(workspace, column.table);
    const { type, subtype, masking } = column;
    return { dataset: nodeId('dataset', dataset), column: column.column, type, subtype, masking };
  };
  const { columns, rows } = making.columns;
  const sources = {
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, found]) => [name, found.map(source)]),
    ),
    rows: rows.map(source),
  };
  const fields = contract.columns.map((column) => ({
    name: column.name,
    type: columnType(column) as string,
  }));
  await putLineage(tx, workspace, {
    job: { namespace: ownNamespace(workspace), name: making.job },
    inputs: [
      ...handedIn,
      ...Object.keys(making.inputs).map((table) => ownDataset(workspace, table)),
    ],
    outputs: [{ ...ownDataset(workspace, making.table), fields, sources }],
    ...{ state: 'COMPLETE', external: false, at: making.at },
  });
  await tx.record({
    ...{ workspace, actor: actor.id, action: 'lineage.record' },
    resource: `table/${making.table}`,
    facts: { snapshot: making.snapshot, job: making.job, inputs: { ...making.inputs } },
  });
}

function insertMaking(tx: Transaction, workspace: string, making: Making): Promise<number> {
  const columns = canonicalJson({
    columns: Object.fromEntries(
      Object.entries(making.columns.columns).map(([name, found]) => [
        name,
        found.map((each) => ({ ...each })),
      ]),
    ),
    rows: making.columns.rows.map((each) => ({ ...each })),
  });
  return tx.run(
    `INSERT INTO lineage_makings (workspace, id, table_id, kind, job, run, code, relation, delivery,
       inputs, columns, made_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, id) DO NOTHING`,
    ...[workspace, making.snapshot, making.table, making.kind, making.job, making.run ?? null],
    ...[making.code ?? null, making.relation ?? null, making.delivery ?? null],
    ...[canonicalJson({ ...making.inputs }), columns, making.at],
  );
}

/** The columns of a delivery: each is the file's own, a subject's stands behind its pseudonym. */
export function deliveryLineage({ table, columns }: ContractData): ColumnLineage {
  return {
    columns: Object.fromEntries(
      columns.map(({ name, sensitivity }) => {
        const sealed = sensitivity === 'pseudonym';
        const source: SourceColumn = {
          ...{ table, column: name, masking: sealed },
          ...{ type: 'DIRECT', subtype: sealed ? 'TRANSFORMATION' : 'IDENTITY' },
        };
        return [name, [source]];
      }),
    ),
    rows: [],
  };
}

interface MakingRow {
  readonly id: Digest;
  readonly table_id: string;
  readonly kind: Making['kind'];
  readonly job: string;
  readonly run: string | null;
  readonly code: Digest | null;
  readonly relation: Digest | null;
  readonly delivery: string | null;
  readonly inputs: string;
  readonly columns: string;
  readonly made_at: number;
}

/** What made a snapshot, where it was recorded. */
export async function readMaking(
  reader: Reader,
  workspace: string,
  snapshot: Digest,
): Promise<Making | undefined> {
  const row = await reader.get<MakingRow>(
    'SELECT * FROM lineage_makings WHERE workspace = ? AND id = ?',
    ...[workspace, snapshot],
  );
  return row && makingOf(row);
}

/** The snapshots that a run made. */
export async function makingsOfRun(
  reader: Reader,
  workspace: string,
  run: string,
): Promise<readonly Making[]> {
  const rows = await reader.all<MakingRow>(
    'SELECT * FROM lineage_makings WHERE workspace = ? AND run = ? ORDER BY id',
    ...[workspace, run],
  );
  return rows.map(makingOf);
}

function makingOf(row: MakingRow): Making {
  return {
    ...{ snapshot: row.id, table: row.table_id, kind: row.kind, job: row.job, at: row.made_at },
    ...(row.run !== null && { run: row.run }),
    ...(row.code !== null && { code: row.code }),
    ...(row.relation !== null && { relation: row.relation }),
    ...(row.delivery !== null && { delivery: row.delivery }),
    inputs: JSON.parse(row.inputs) as Making['inputs'],
    columns: JSON.parse(row.columns) as ColumnLineage,
  };
}
