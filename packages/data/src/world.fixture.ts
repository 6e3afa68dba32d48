import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Io, realIo } from '@backlot/core';
import { type Objects, openFileObjects } from '@backlot/store';
import { float, int, key, oneOf, subject, text, timestamp } from './column.ts';
import { table } from './contract.ts';
import { type DeliverOptions, type DeliveryOutcome, deliver } from './deliveries/deliver.ts';
import type { Pseudonyms, SealSubjects } from './deliveries/subjects.ts';

/** A table that has most kinds of columns. */
export const plays = table(
  'plays',
  {
    account: subject(),
    item: key('item'),
    playedAt: timestamp(),
    msPlayed: int().min(0).max(86_400_000),
    storefront: oneOf(['us', 'fr', 'jp']),
    rating: float().optional(),
    note: text().maxLength(20).optional(),
  },
  { purposes: ['recommend', 'measure'], maxBadShare: 0.5 },
);

export const pseudonyms: Pseudonyms = {
  pseudonym: (raw) => createHmac('sha256', 'test').update(raw).digest('hex'),
};

/** Stands for sealing: what it answers does not show the account. */
export const sealSubjects: SealSubjects = async (raws) =>
  raws.map((raw) => ({
    pseudonym: pseudonyms.pseudonym(raw),
    sealed: Buffer.from(`sealed ${raw.length}`),
  }));

export interface TestWorld {
  readonly io: Io;
  readonly folder: string;
  readonly objects: Objects;
  /** Delivers bytes; everything that is not given is usual. */
  give(
    content: string | Uint8Array,
    options?: Partial<DeliverOptions> & { readonly format?: 'csv' | 'jsonl' | 'parquet' },
  ): Promise<DeliveryOutcome>;
  /** An object as text. */
  text(digest: `sha256:${string}` | undefined): Promise<string>;
}

/** A temporary folder with an object store, removed after the test. */
export async function testWorld(t: TestContext): Promise<TestWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-data-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const io = realIo();
  const objects = await openFileObjects(io, join(folder, 'objects'));
  let sources = 0;
  return {
    io,
    folder,
    objects,
    give: async (content, { format = 'csv', ...options } = {}) => {
      const path = join(folder, `source-${sources++}`);
      await writeFile(path, content);
      return deliver({
        io,
        objects,
        contract: plays,
        source: { path, format },
        pseudonyms,
        sealSubjects,
        scratch: join(folder, 'scratch'),
        ...options,
      });
    },
    text: async (digest) => (digest ? Buffer.from(await objects.get(digest)).toString('utf8') : ''),
  };
}

export const header = 'account,item,playedAt,msPlayed,storefront,rating,note';
