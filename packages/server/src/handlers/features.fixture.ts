import type { Clock } from '@backlot/core';
import { int, key, relation, table, timestamp } from '@backlot/data';
import {
  entity,
  featureView,
  MemoryStore,
  type OfflineEngine,
  OnlineFeatures,
} from '@backlot/features';
import type { Services } from './services.ts';

/** A view of its own for each workspace, over a table without rows. */
export function fixtureFeatures(clock: Clock): Pick<Services, 'features' | 'buildFeatures'> {
  const known = new Map<string, OnlineFeatures>();
  const features = (workspace: string): OnlineFeatures => {
    const held = known.get(workspace) ?? onlineOf(workspace, clock);
    known.set(workspace, held);
    return held;
  };
  const nothing = { kind: 'list', data: [] } as const;
  const columns = { play: nothing, account: nothing, playedAt: nothing, ms: nothing };
  const engine = { columns: async () => ({ rows: 0, columns }) } as unknown as OfflineEngine;
  return {
    features,
    buildFeatures: ({ workspace }, { view }) =>
      features(workspace).build(view, { engine, run: { snapshots: [], purpose: 'serve' } }),
  };
}

function onlineOf(workspace: string, clock: Clock): OnlineFeatures {
  const plays = table(
    'plays-for-features',
    { play: key('play'), account: key('account'), playedAt: timestamp(), ms: int() },
    { purposes: ['serve'] },
  );
  const listening = featureView(`${workspace}-listening`, {
    entity: entity('account', { key: 'account' }),
    ...({ from: relation(plays), at: 'playedAt', event: 'play' } as const),
    features: (of) => ({ lastMs: of.latest('ms'), plays7d: of.count({ window: { days: 7 } }) }),
  });
  return new OnlineFeatures({ store: new MemoryStore(), clock, workspace, views: [listening] });
}
