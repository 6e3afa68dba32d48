import { canonicalJson } from '@backlot/core';
import type { Transaction } from '@backlot/store';
import type { Dependence } from './column-lineage.ts';
import { type LineageKind, type LineageName, nodeId, ownNamespace } from './lineage-node.ts';

/** A column of a data set that something is made from. */
export interface ColumnSource {
  /** The id of the data set's node. */
  readonly dataset: string;
  readonly column: string;
  readonly type: Dependence['type'];
  readonly subtype: string;
  readonly masking: boolean;
}

/** How a data set's columns are made: each from its sources, and all from those of `rows`. */
export interface ColumnSources {
  readonly columns: Readonly<Record<string, readonly ColumnSource[]>>;
  readonly rows: readonly ColumnSource[];
}

export interface LineageDataset extends LineageName {
  /** Its columns with their types; absent where nothing was told of them. */
  readonly fields?: readonly { readonly name: string; readonly type?: string }[];
  /** For an output: what its columns are made from. */
  readonly sources?: ColumnSources;
}

/** What a job reads and writes, as far as one telling goes. */
interface LineageFacts {
  readonly job?: LineageName;
  readonly inputs: readonly LineageDataset[];
  readonly outputs: readonly LineageDataset[];
  /** How the newest run of the job stands. */
  readonly state?: string;
  /** Whether others tell it. */
  readonly external: boolean;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
}

/** How many nodes and edges were not there before. */
interface LineageAdded {
  readonly nodes: number;
  readonly edges: number;
}

/**
 * Adds what was told to the graph. Nothing is ever taken away; the newest telling decides columns and
 * states, whatever order tellings come in. What we tell of our own stands whatever the time of what
 * others told before, and they never change it.
 */
export async function putLineage(
  tx: Transaction,
  workspace: string,
  facts: LineageFacts,
): Promise<LineageAdded> {
  const { job, inputs, outputs, state, external, at } = facts;
  const put = (kind: LineageKind, node: LineageDataset, told?: string): Promise<number> =>
    putNode(tx, workspace, { ...{ kind, node, external, at }, ...(told && { state: told }) });
  let [nodes, edges] = [0, 0];
  for (const dataset of [...inputs, ...outputs]) nodes += await put('dataset', dataset);
  if (!job) return { nodes, edges };
  nodes += await put('job', job, state);
  const id = nodeId('job', job);
  for (const input of inputs) {
    edges += await putEdge(tx, workspace, {
      source: nodeId('dataset', input),
      target: id,
      external,
      at,
    });
  }
  for (const output of outputs) {
    const { sources } = output;
    const target = nodeId('dataset', output);
    edges += await putEdge(tx, workspace, {
      source: id,
      target,
      external,
      at,
      ...(sources && { sources }),
    });
  }
  return { nodes, edges };
}

/** Whether a telling, bound as external, at and external, changes what stands. */
const mayChange = '((external = 1 AND ? = 0) OR (updated_at <= ? AND (external = 1 OR ? = 0)))';

interface NodeTold {
  readonly kind: LineageKind;
  readonly node: LineageDataset;
  readonly external: boolean;
  readonly state?: string;
  readonly at: number;
}

async function putNode(tx: Transaction, workspace: string, told: NodeTold): Promise<number> {
  const { kind, node, external, state, at } = told;
  const fields = node.fields && canonicalJson(node.fields.map((field) => ({ ...field })));
  const changed = await tx.run(
    `INSERT INTO lineage_nodes
       (workspace, id, kind, namespace, name, external, fields, state, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, id) DO NOTHING`,
    ...[workspace, nodeId(kind, node), kind, node.namespace, node.name, external ? 1 : 0],
    ...[fields ?? '[]', state ?? null, at],
  );
  if (changed > 0) return changed;
  await tx.run(
    `UPDATE lineage_nodes SET fields = COALESCE(?, fields), state = COALESCE(?, state),
       external = CASE WHEN ? = 0 THEN 0 ELSE external END, updated_at = ?
     WHERE workspace = ? AND id = ? AND ${mayChange}`,
    ...[fields ?? null, state ?? null, external ? 1 : 0, at],
    ...[workspace, nodeId(kind, node), external ? 1 : 0, at, external ? 1 : 0],
  );
  return 0;
}

interface EdgeTold {
  readonly source: string;
  readonly target: string;
  readonly sources?: ColumnSources;
  readonly external: boolean;
  readonly at: number;
}

async function putEdge(tx: Transaction, workspace: string, told: EdgeTold): Promise<number> {
  const { source, target, sources, at } = told;
  const external = told.external ? 1 : 0;
  const columns = sources === undefined ? null : canonicalJson(plain(sources));
  const added = await tx.run(
    `INSERT INTO lineage_edges (workspace, source, target, columns, external, updated_at)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, source, target) DO NOTHING`,
    ...[workspace, source, target, columns ?? '{}', external, at],
  );
  if (added > 0) return added;
  await tx.run(
    `UPDATE lineage_edges SET columns = COALESCE(?, columns), external = CASE WHEN ? = 0 THEN 0
       ELSE external END, updated_at = ?
     WHERE workspace = ? AND source = ? AND target = ? AND ${mayChange}`,
    ...[columns, external, at, workspace, source, target, external, at, external],
  );
  return 0;
}

function plain({ columns, rows }: ColumnSources) {
  const copy = (sources: readonly ColumnSource[]) => sources.map((source) => ({ ...source }));
  return {
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, sources]) => [name, copy(sources)]),
    ),
    rows: copy(rows),
  };
}

/** One of the workspace's own tables as a data set. */
export function ownDataset(workspace: string, table: string): LineageName {
  return { namespace: ownNamespace(workspace), name: table };
}
