import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Digest, present, realIo, type SeededRandom } from '@backlot/core';
import {
  deliver,
  float,
  int,
  key,
  openDuckDb,
  openSnapshot,
  relation,
  type Snapshot,
  type Table,
  table,
  text,
  timestamp,
} from '@backlot/data';
import { openFileObjects } from '@backlot/store';
import { entity } from './views/entity.ts';
import { featureView } from './views/feature-view.ts';

export const plays = table(
  'plays',
  {
    play: key('play'),
    account: key('account').optional(),
    item: text().optional(),
    playedAt: timestamp().optional(),
    ms: int().optional(),
    rating: float().optional(),
  },
  { purposes: ['serve', 'train'] },
);

export const labels = table(
  'labels',
  { label: int(), account: key('account').optional(), labelAt: timestamp().optional() },
  { purposes: ['serve', 'train'] },
);

export const account = entity('account', { key: 'account' });

/** A view of all that a view can be. */
export const listening = featureView('listening', {
  entity: account,
  from: relation(plays),
  at: 'playedAt',
  event: 'play',
  features: (of) => ({
    lastItem: of.latest('item'),
    lastRating: of.latest('rating'),
    plays: of.count({ window: { hours: 6 }, tile: { hours: 1 } }),
    rated: of.count('rating', { window: { hours: 2 }, tile: { minutes: 30 } }),
    listened: of.sum('rating', { window: { hours: 6 }, tile: { hours: 1 } }),
    meanMs: of.mean('ms', { window: { hours: 3 }, tile: { hours: 1 } }),
    leastMs: of.min('ms', { window: { hours: 4 }, tile: { hours: 2 } }),
    mostRating: of.max('rating', { window: { hours: 4 }, tile: { hours: 2 } }),
    recent: of.last('item', { window: { hours: 6 }, tile: { hours: 1 }, k: 3 }),
    items: of.distinct('item', { window: { hours: 12 }, tile: { hours: 1 } }),
    medianMs: of.quantile('ms', { window: { hours: 6 }, tile: { hours: 1 }, at: 0.5 }),
  }),
  ttl: { hours: 5 },
});

export interface Play {
  readonly play: string;
  readonly account: string | null;
  readonly item: string | null;
  readonly playedAt: number | null;
  readonly ms: number | null;
  readonly rating: number | null;
}

export const hour = 3_600_000_000;
/** The night in which clocks in Paris went forward. */
export const start = Date.UTC(2026, 2, 28, 20) * 1_000;

/** Events chosen to hurt: nulls, ties, moments on the bounds of tiles and windows. */
export function drawPlays(random: SeededRandom, count: number): readonly Play[] {
  const rarely = <T>(value: T): T | null => (random.below(8) === 0 ? null : value);
  return Array.from({ length: count }, (_, index) => ({
    play: `p${index}`,
    account: rarely(`a${random.below(4)}`),
    item: rarely(['x', 'y', 'é', '🎧', ''][random.below(5)]!),
    playedAt: rarely(start + random.below(60) * (hour / 4) + (random.below(3) - 1)),
    ms: rarely(random.below(1000) - 300),
    rating: rarely((random.below(2000) - 1000) / 7),
  }));
}

export interface World {
  readonly folder: string;
  readonly engine: ReturnType<typeof openDuckDb>;
  give(contract: Table, rows: readonly object[]): Promise<Snapshot>;
}

/** A temporary folder with an engine and a way to make snapshots, removed after the test. */
export async function featureWorld(t: TestContext): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-features-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const io = realIo();
  const objects = await openFileObjects(io, join(folder, 'objects'));
  const engine = openDuckDb({ io, memoryMiB: 256, threads: 1, scratch: join(folder, 'engine') });
  let sources = 0;
  return {
    ...{ folder, engine },
    give: async (contract, rows) => {
      const path = join(folder, `rows-${sources++}.jsonl`);
      const lines = rows.map((row) => JSON.stringify(row, (name, value) => asTime(name, value)));
      await writeFile(path, lines.join('\n'));
      const outcome = await deliver({
        ...{ io, objects, contract, source: { path, format: 'jsonl' } },
        pseudonyms: { pseudonym: (raw) => raw },
        sealSubjects: async () => [],
        scratch: join(folder, 'scratch'),
      });
      const manifest: Digest = present(outcome.manifest, `a snapshot: ${outcome.status}`);
      return openSnapshot(objects, manifest, { purpose: 'serve' });
    },
  };
}

function asTime(name: string, value: unknown): unknown {
  if (!name.endsWith('At') || typeof value !== 'number') return value;
  const whole = Math.floor(value / 1_000_000);
  const text = new Date(whole * 1_000).toISOString().slice(0, 19);
  return `${text}.${String(value - whole * 1_000_000).padStart(6, '0')}Z`;
}
