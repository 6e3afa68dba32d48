import { readFileSync, statSync } from 'node:fs';
import { seededRandom } from '@backlot/core';
import { type DiskNode, type FileNode, type FolderNode, isDirty, reachable } from './disk-tree.ts';

/**
 * What a crash does to what was not synced. For each folder: which of its states since the last
 * sync survives. For bytes: all kept, all lost, torn at a block size, or each file by a seeded coin.
 */
export interface Loss {
  readonly label: string;
  readonly data: DataLoss;
  /** By folder id, the index into its history; the newest state when absent. */
  readonly names: ReadonlyMap<number, number>;
}

export type DataLoss = 'kept' | 'lost' | 'torn-512' | 'torn-4096' | 'mixed';

/** A file or folder that stands after the crash. */
export interface Survivor {
  readonly path: string;
  readonly node: DiskNode;
  readonly data: DataLoss;
}

/** The losses that lead to different disks, from a tree's top. */
export function allowedLosses(top: FolderNode, seed: number): readonly Loss[] {
  const losses: Loss[] = [];
  const known = new Set<string>();
  for (const names of nameChoices(top)) {
    for (const data of ['kept', 'lost', 'torn-512', 'torn-4096', 'mixed'] as const) {
      const label = `names ${names.label}, data ${data}`;
      const loss: Loss = { label, data, names: names.choice };
      const state = fingerprint(top, loss, seed);
      if (known.has(state)) continue;
      known.add(state);
      losses.push(loss);
    }
  }
  return losses;
}

function nameChoices(
  top: FolderNode,
): readonly { label: string; choice: ReadonlyMap<number, number> }[] {
  const dirty = [...reachable(top)].filter(
    (node) => node.kind === 'folder' && node.history.length > 1,
  ) as FolderNode[];
  const forgotten = new Map(dirty.map((folder) => [folder.id, 0]));
  const choices = [
    { label: 'kept', choice: new Map<number, number>() },
    { label: 'forgotten', choice: forgotten },
  ];
  for (const [place, folder] of dirty.entries()) {
    for (let index = 0; index < folder.history.length; index++) {
      const label = `folder ${place} at ${index}`;
      choices.push({ label: `${label}, others kept`, choice: new Map([[folder.id, index]]) });
      choices.push({
        label: `${label}, others forgotten`,
        choice: new Map([...forgotten, [folder.id, index]]),
      });
    }
  }
  return choices;
}

/** What stands after a crash with that loss, folders before what they hold. */
export function survivors(top: FolderNode, loss: Loss, seed: number): readonly Survivor[] {
  const found: Survivor[] = [];
  const walk = (folder: FolderNode, path: string): void => {
    const index = loss.names.get(folder.id) ?? folder.history.length - 1;
    for (const [name, node] of folder.history[index]!) {
      const place = path === '' ? name : `${path}/${name}`;
      found.push({ path: place, node, data: effectiveLoss(node, loss.data, seed) });
      if (node.kind === 'folder') walk(node, place);
    }
  };
  walk(top, '');
  return found;
}

function effectiveLoss(node: DiskNode, data: DataLoss, seed: number): DataLoss {
  if (node.kind === 'folder' || !isDirty(node)) return 'kept';
  if (data === 'mixed') return seededRandom(seed, node.id).below(2) === 0 ? 'kept' : 'lost';
  if (data === 'torn-512') return crossesBlock(node, 512) ? data : 'kept';
  if (data === 'torn-4096') return crossesBlock(node, 4096) ? data : 'kept';
  return data;
}

function crossesBlock(file: FileNode, block: number): boolean {
  if (file.durableCopy) return false;
  const size = statSync(file.real).size;
  return Math.floor(file.durableBytes / block) < Math.floor((size - 1) / block);
}

function fingerprint(top: FolderNode, loss: Loss, seed: number): string {
  return survivors(top, loss, seed)
    .map(({ path, node, data }) => `${path} ${node.id} ${data}`)
    .sort()
    .join('\n');
}

/** A file's bytes after the crash. */
export function survivingBytes(file: FileNode, data: DataLoss, seed: number): Uint8Array {
  const now = readFileSync(file.real);
  if (data === 'kept') return now;
  const durable = file.durableCopy ?? now.subarray(0, file.durableBytes);
  if (data === 'lost' || data === 'mixed') return durable;
  return torn(now, file.durableBytes, data === 'torn-512' ? 512 : 4096, seed);
}

/** Cuts at a block's edge past the durable bytes; of the blocks before it, a coin zeroes some. */
function torn(now: Uint8Array, durableBytes: number, block: number, seed: number): Uint8Array {
  const random = seededRandom(seed, durableBytes + block);
  const first = Math.floor(durableBytes / block) + 1;
  const last = Math.floor((now.byteLength - 1) / block);
  const cut = (first + random.below(last - first + 1)) * block;
  const bytes = now.slice(0, cut);
  for (let start = durableBytes; start < cut; ) {
    const end = Math.min((Math.floor(start / block) + 1) * block, cut);
    if (random.below(4) === 0) bytes.fill(0, start, end);
    start = end;
  }
  return bytes;
}
