/** What a graph of lineage joins: jobs read data sets and write data sets. */
export type LineageKind = 'dataset' | 'job';

/** A name as OpenLineage has it: unique within its namespace. */
export interface LineageName {
  readonly namespace: string;
  readonly name: string;
}

/** The namespace of a workspace's own tables and pipelines. */
export function ownNamespace(workspace: string): string {
  return `backlot://${workspace}`;
}

/** The id of a node: its kind, namespace and name, each escaped, joined by `/`. */
export function nodeId(kind: LineageKind, { namespace, name }: LineageName): string {
  return [kind, namespace, name].map(encodeURIComponent).join('/');
}
