import type { Purpose } from '@backlot/access';
import type { Digest } from '@backlot/core';
import type { Reader } from '@backlot/store';
import { type ContractData, parseContract } from '../contract.ts';
import { TableMissing } from '../data-error.ts';

/** A table in a list. */
export interface TableSummary {
  readonly name: string;
  readonly columns: number;
  readonly rows: number;
  readonly bytes: number;
  readonly snapshot?: Digest;
  /** When the pointer moved; milliseconds since 1970, UTC. */
  readonly at?: number;
  readonly purposes: readonly Purpose[];
  /** Rows in quarantine from the newest delivery. */
  readonly quarantined: number;
  readonly retentionDays?: number;
}

/** A published version of a table. */
export interface SnapshotSummary {
  readonly digest: Digest;
  readonly rows: number;
  readonly bytes: number;
  readonly buckets: number;
  readonly at: number;
  readonly delivery: string;
  /** The version before, while it is listed too. */
  readonly previous?: Digest;
  /** Against the version before; absent for the first. */
  readonly rowDelta?: number;
}

/** A rule that rows of a delivery broke. */
export interface QuarantineGroup {
  readonly delivery: string;
  readonly rule: string;
  readonly column: string;
  readonly mend: string;
  readonly firstRow: number;
  readonly rows: number;
  readonly at: number;
}

export interface TableDetail {
  readonly name: string;
  readonly contract: ContractData;
  readonly contractDigest: Digest;
  readonly contractVersion: number;
  readonly snapshot?: Digest;
  /** Newest first, at most fifty. */
  readonly snapshots: readonly SnapshotSummary[];
  readonly quarantine: readonly QuarantineGroup[];
}

interface TableRow {
  readonly id: string;
  readonly contract: string;
  readonly contract_digest: Digest;
  readonly version: number;
  readonly snapshot: Digest | null;
  readonly moved_at: number | null;
  readonly row_count: number | null;
  readonly byte_count: number | null;
  readonly [column: string]: string | number | null;
}

const tableColumns = `SELECT t.id, t.contract, t.contract_digest, t.version, p.snapshot, p.moved_at,
    s.row_count, s.byte_count
  FROM data_tables t
  LEFT JOIN data_pointers p ON p.workspace = t.workspace AND p.id = t.id
  LEFT JOIN data_snapshots s ON s.workspace = p.workspace AND s.id = p.snapshot`;

/** The tables of a workspace by name. */
export async function listTables(
  reader: Reader,
  workspace: string,
): Promise<readonly TableSummary[]> {
  const rows = await reader.all<TableRow>(
    `${tableColumns} WHERE t.workspace = ? ORDER BY t.id`,
    workspace,
  );
  return Promise.all(rows.map((row) => summary(reader, workspace, row)));
}

async function summary(reader: Reader, workspace: string, row: TableRow): Promise<TableSummary> {
  const contract = parseContract(JSON.parse(row.contract));
  return {
    name: row.id,
    columns: contract.columns.length,
    rows: row.row_count ?? 0,
    bytes: row.byte_count ?? 0,
    ...(row.snapshot && { snapshot: row.snapshot }),
    ...(row.moved_at !== null && { at: row.moved_at }),
    purposes: contract.purposes,
    quarantined: await quarantinedRows(reader, workspace, row.id),
    ...(contract.retentionDays !== undefined && { retentionDays: contract.retentionDays }),
  };
}

async function quarantinedRows(reader: Reader, workspace: string, table: string): Promise<number> {
  const newest = await reader.get<{ body: string }>(
    `SELECT body FROM data_deliveries WHERE workspace = ? AND table_id = ? AND status <> 'unchanged'
     ORDER BY sequence DESC LIMIT 1`,
    workspace,
    table,
  );
  return newest ? Number(JSON.parse(newest.body).quarantined) : 0;
}

/** A table with its contract, versions and quarantine; an error when there is none. */
export async function tableDetail(
  reader: Reader,
  workspace: string,
  table: string,
): Promise<TableDetail> {
  const row = await reader.get<TableRow>(
    `${tableColumns} WHERE t.workspace = ? AND t.id = ?`,
    workspace,
    table,
  );
  if (!row) throw new TableMissing(table);
  return {
    name: row.id,
    contract: parseContract(JSON.parse(row.contract)),
    contractDigest: row.contract_digest,
    contractVersion: row.version,
    ...(row.snapshot && { snapshot: row.snapshot }),
    snapshots: await snapshotHistory(reader, workspace, table),
    quarantine: await quarantineGroups(reader, workspace, table),
  };
}

/** The snapshot that a table's pointer names. */
export async function currentSnapshot(
  reader: Reader,
  workspace: string,
  table: string,
): Promise<Digest | undefined> {
  const row = await reader.get<{ snapshot: Digest }>(
    'SELECT snapshot FROM data_pointers WHERE workspace = ? AND id = ?',
    workspace,
    table,
  );
  return row?.snapshot;
}

interface SnapshotRow {
  readonly id: Digest;
  readonly previous: Digest | null;
  readonly delivery: string;
  readonly row_count: number;
  readonly byte_count: number;
  readonly buckets: number;
  readonly published_at: number;
  readonly before: number | null;
}

/** The versions of a table, newest first. */
export async function snapshotHistory(
  reader: Reader,
  workspace: string,
  table: string,
  limit = 50,
): Promise<readonly SnapshotSummary[]> {
  const rows = await reader.all<SnapshotRow>(
    `SELECT s.id, s.previous, s.delivery, s.row_count, s.byte_count, s.buckets, s.published_at,
       b.row_count AS before
     FROM data_snapshots s
     LEFT JOIN data_snapshots b ON b.workspace = s.workspace AND b.id = s.previous
     WHERE s.workspace = ? AND s.table_id = ? ORDER BY s.sequence DESC LIMIT ?`,
    workspace,
    table,
    limit,
  );
  return rows.map((row) => ({
    digest: row.id,
    rows: row.row_count,
    bytes: row.byte_count,
    buckets: row.buckets,
    at: row.published_at,
    delivery: row.delivery,
    ...(row.previous && row.before !== null && { previous: row.previous }),
    ...(row.before !== null && { rowDelta: row.row_count - row.before }),
  }));
}

async function quarantineGroups(
  reader: Reader,
  workspace: string,
  table: string,
): Promise<readonly QuarantineGroup[]> {
  const rows = await reader.all<{
    id: string;
    rule: string;
    column_name: string;
    mend: string;
    first_row: number;
    row_count: number;
    recorded_at: number;
  }>(
    `SELECT id, rule, column_name, mend, first_row, row_count, recorded_at FROM data_quarantine
     WHERE workspace = ? AND table_id = ? ORDER BY recorded_at DESC, id, ordinal LIMIT 200`,
    workspace,
    table,
  );
  return rows.map((row) => ({
    delivery: row.id,
    rule: row.rule,
    column: row.column_name,
    mend: row.mend,
    firstRow: row.first_row,
    rows: row.row_count,
    at: row.recorded_at,
  }));
}
