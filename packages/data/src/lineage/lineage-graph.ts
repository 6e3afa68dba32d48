import type { Reader } from '@backlot/store';
import type { LineageKind, LineageName } from './lineage-node.ts';
import type { ColumnSources } from './put-lineage.ts';

export interface LineageGraphNode extends LineageName {
  readonly id: string;
  readonly kind: LineageKind;
  /** Whether others told of it, and nothing here makes it. */
  readonly external: boolean;
  readonly fields: readonly { readonly name: string; readonly type?: string }[];
  /** How the newest run of a job stands, in the words of OpenLineage. */
  readonly state?: string;
  readonly at: number;
}

export interface LineageGraphEdge {
  readonly source: string;
  readonly target: string;
  /** What the columns of the target are made from; absent where nothing was told. */
  readonly columns?: ColumnSources;
}

export interface LineageGraph {
  readonly nodes: readonly LineageGraphNode[];
  readonly edges: readonly LineageGraphEdge[];
  /** Whether the limit cut something off. */
  readonly truncated: boolean;
}

export interface LineageQuestion {
  /** Where to begin; without it all nodes are answered, newest first. */
  readonly node?: string;
  /** How many steps to go towards what it is made from; jobs count as a step. */
  readonly up: number;
  /** How many steps to go towards what is made from it. */
  readonly down: number;
  /** Most nodes of an answer. */
  readonly limit: number;
  /** Whether columns are read too, which are most of a graph's bytes. Default true. */
  readonly columns?: boolean;
}

/** So many ids are asked for at a time: engines bound how many values a statement may bind. */
const batch = 400;

/** A part of the graph of lineage. */
export async function readLineage(
  reader: Reader,
  workspace: string,
  { node, up, down, limit, columns = true }: LineageQuestion,
): Promise<LineageGraph> {
  if (node === undefined) return wholeGraph(reader, workspace, limit, columns);
  const found = new Set([node]);
  const cut = await walk(reader, workspace, { found, from: node, steps: up, limit, to: 'source' });
  const cutDown = await walk(reader, workspace, {
    ...{ found, from: node, steps: down, limit, to: 'target' },
  });
  return graphOf(reader, workspace, { ids: [...found], columns, truncated: cut || cutDown });
}

interface Walk {
  readonly found: Set<string>;
  readonly from: string;
  readonly steps: number;
  readonly limit: number;
  readonly to: 'source' | 'target';
}

/** Breadth first, so that a limit leaves out what is farthest; answers whether it did. */
async function walk(reader: Reader, workspace: string, walked: Walk): Promise<boolean> {
  const { found, from, steps, limit, to } = walked;
  const seen = new Set([from]);
  let frontier = [from];
  for (let step = 0; step < steps && frontier.length > 0; step++) {
    const next: string[] = [];
    for (const ids of batches(frontier)) {
      for (const { id } of await neighbours(reader, workspace, ids, to)) {
        if (seen.has(id)) continue;
        if (!found.has(id) && found.size >= limit) return true;
        seen.add(id);
        found.add(id);
        next.push(id);
      }
    }
    frontier = next;
  }
  return false;
}

function neighbours(
  reader: Reader,
  workspace: string,
  ids: readonly string[],
  to: Walk['to'],
): Promise<readonly { readonly id: string }[]> {
  const here = to === 'source' ? 'target' : 'source';
  return reader.all<{ readonly id: string }>(
    `SELECT DISTINCT ${to} AS id FROM lineage_edges
     WHERE workspace = ? AND ${here} IN (${places(ids)}) ORDER BY ${to}`,
    ...[workspace, ...ids],
  );
}

async function wholeGraph(
  reader: Reader,
  workspace: string,
  limit: number,
  columns: boolean,
): Promise<LineageGraph> {
  const rows = await reader.all<{ readonly id: string }>(
    'SELECT id FROM lineage_nodes WHERE workspace = ? ORDER BY updated_at DESC, id LIMIT ?',
    ...[workspace, limit + 1],
  );
  const ids = rows.slice(0, limit).map(({ id }) => id);
  return graphOf(reader, workspace, { ids, columns, truncated: rows.length > limit });
}

interface NodeRow {
  readonly id: string;
  readonly kind: LineageKind;
  readonly namespace: string;
  readonly name: string;
  readonly external: number;
  readonly fields: string;
  readonly state: string | null;
  readonly updated_at: number;
}

interface EdgeRow {
  readonly source: string;
  readonly target: string;
  readonly columns: string;
}

async function graphOf(
  reader: Reader,
  workspace: string,
  asked: {
    readonly ids: readonly string[];
    readonly columns: boolean;
    readonly truncated: boolean;
  },
): Promise<LineageGraph> {
  const { ids, columns, truncated } = asked;
  const kept = new Set(ids);
  const nodes: LineageGraphNode[] = [];
  const edges: LineageGraphEdge[] = [];
  for (const some of batches(ids)) {
    const rows = await reader.all<NodeRow>(
      `SELECT id, kind, namespace, name, external, state, updated_at,
         ${columns ? 'fields' : "'[]' AS fields"}
       FROM lineage_nodes WHERE workspace = ? AND id IN (${places(some)}) ORDER BY id`,
      ...[workspace, ...some],
    );
    nodes.push(...rows.map(nodeOf));
    const found = await reader.all<EdgeRow>(
      `SELECT source, target, ${columns ? 'columns' : "'{}' AS columns"} FROM lineage_edges
       WHERE workspace = ? AND source IN (${places(some)}) ORDER BY source, target`,
      ...[workspace, ...some],
    );
    edges.push(...found.filter(({ target }) => kept.has(target)).map(edgeOf));
  }
  return { nodes, edges, truncated };
}

function nodeOf(row: NodeRow): LineageGraphNode {
  return {
    ...{ id: row.id, kind: row.kind, namespace: row.namespace, name: row.name },
    ...{ external: row.external === 1, at: row.updated_at },
    fields: JSON.parse(row.fields) as LineageGraphNode['fields'],
    ...(row.state !== null && { state: row.state }),
  };
}

function edgeOf({ source, target, columns }: EdgeRow): LineageGraphEdge {
  return {
    ...{ source, target },
    ...(columns !== '{}' && { columns: JSON.parse(columns) as ColumnSources }),
  };
}

function places(ids: readonly string[]): string {
  return ids.map(() => '?').join(', ');
}

function batches(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / batch) }, (_, at) =>
    ids.slice(at * batch, (at + 1) * batch),
  );
}
