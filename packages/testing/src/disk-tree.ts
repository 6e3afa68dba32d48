import { statSync } from 'node:fs';

/** A file as the simulated disk knows it: where its bytes are, and which of them are durable. */
export interface FileNode {
  readonly kind: 'file';
  readonly id: number;
  /** The real file that holds the bytes now; a removed file's bytes are kept aside. */
  real: string;
  /** How many bytes from the start have been synced. */
  durableBytes: number;
  /** The synced bytes, kept when the file was cut shorter than them since. */
  durableCopy: Uint8Array | undefined;
  /** A sync failed: the kernel dropped the dirty pages, and a later sync cannot bring them back. */
  dropped: boolean;
  /** Another engine writes and recovers it by itself: all its bytes count as durable. */
  native: boolean;
}

/** A folder: its names at each moment since it was last synced, the durable ones first. */
export interface FolderNode {
  readonly kind: 'folder';
  readonly id: number;
  history: ReadonlyMap<string, DiskNode>[];
}

export type DiskNode = FileNode | FolderNode;

/** A file of which nothing is durable. */
export function fileNode(id: number, real: string): FileNode {
  return {
    kind: 'file',
    id,
    real,
    durableBytes: 0,
    durableCopy: undefined,
    dropped: false,
    native: false,
  };
}

/** An empty folder. */
export function folderNode(id: number): FolderNode {
  return { kind: 'folder', id, history: [new Map()] };
}

/** The names in a folder as programs see them now. */
export function currentNames(folder: FolderNode): ReadonlyMap<string, DiskNode> {
  return folder.history.at(-1)!;
}

/** Changes names of a folder in one step that a crash keeps or forgets as a whole. */
export function changeNames(
  folder: FolderNode,
  changes: readonly (readonly [string, DiskNode | undefined])[],
): void {
  const next = new Map(currentNames(folder));
  for (const [name, node] of changes) {
    if (node) next.set(name, node);
    else next.delete(name);
  }
  folder.history.push(next);
}

/** Changes a name in every state of a folder, since another engine answers for it. */
export function changeNative(folder: FolderNode, name: string, node: FileNode | undefined): void {
  folder.history = folder.history.map((names) => {
    const next = new Map(names);
    if (node) next.set(name, node);
    else next.delete(name);
    return next;
  });
}

/** Whether a crash could lose bytes of the file. */
export function isDirty(file: FileNode): boolean {
  if (file.native) return false;
  return file.durableCopy !== undefined || statSync(file.real).size !== file.durableBytes;
}

/** Every node that some crash could bring back, from a folder down. */
export function* reachable(folder: FolderNode, seen = new Set<number>()): Iterable<DiskNode> {
  if (seen.has(folder.id)) return;
  seen.add(folder.id);
  yield folder;
  for (const names of folder.history) {
    for (const node of names.values()) {
      if (node.kind === 'folder') yield* reachable(node, seen);
      else if (!seen.has(node.id)) {
        seen.add(node.id);
        yield node;
      }
    }
  }
}
