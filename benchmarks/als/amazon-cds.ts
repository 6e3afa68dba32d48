import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Interactions, interactionsFromPairs } from '@backlot/learn';

/** Purchases of music with a fixed split; outside the repository, paths from its root. */
export const amazonCds = {
  train: '../shared/data/amazon-cds/train.txt.gz',
  test: '../shared/data/amazon-cds/test.txt.gz',
  users: 43_169,
  items: 35_648,
} as const;

const root = join(import.meta.dirname, '../..');

/** Reads `user item item ...` lines. */
export async function readSplit(part: 'train' | 'test'): Promise<Interactions> {
  const text = gunzipSync(await readFile(join(root, amazonCds[part]))).toString();
  const userIndices: number[] = [];
  const itemIndices: number[] = [];
  for (const line of text.trim().split('\n')) {
    const [user, ...items] = line.trim().split(' ').map(Number);
    for (const item of items) {
      userIndices.push(user!);
      itemIndices.push(item);
    }
  }
  const { users, items } = amazonCds;
  return interactionsFromPairs({ users, items, userIndices, itemIndices });
}
