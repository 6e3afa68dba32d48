import { join } from 'node:path';
import type { Principal } from '@backlot/access';
import { createId } from '@backlot/core';
import {
  currentSnapshot,
  openDuckDb,
  openSnapshot,
  type QualityParts,
  requireQuality,
  TableMissing,
} from '@backlot/data';
import { type Build, type FeatureView, OnlineFeatures, tablesOf } from '@backlot/features';
import type { FeatureBuildWish, Services } from '@backlot/server';
import type { State } from './state.ts';

/** The served features of each workspace, and how they are built from its tables. */
export function ownerFeatures(
  state: State,
  views: readonly FeatureView[],
  quality: QualityParts,
): Pick<Services, 'features' | 'buildFeatures'> {
  const known = new Map<string, OnlineFeatures>();
  const features = (workspace: string): OnlineFeatures => {
    const { online: store, io } = state;
    const held =
      known.get(workspace) ?? new OnlineFeatures({ store, clock: io.clock, workspace, views });
    known.set(workspace, held);
    return held;
  };
  return {
    features,
    buildFeatures: (principal, wish) =>
      build(state, quality, features(principal.workspace), principal, wish),
  };
}

async function build(
  { io, objects, metadata, folder }: State,
  quality: QualityParts,
  online: OnlineFeatures,
  principal: Principal,
  { view: name, whole, signal }: FeatureBuildWish,
): Promise<Build> {
  const { view } = online.served(name);
  const { workspace } = principal;
  const snapshots = await Promise.all(
    tablesOf(view.from).map(async (table) => {
      const digest = await currentSnapshot(metadata, workspace, table);
      if (digest === undefined) throw new TableMissing(table);
      await requireQuality(quality, principal, digest);
      return openSnapshot(objects, digest, { purpose: 'serve' });
    }),
  );
  const scratch = join(folder.paths.runs, `features-${createId(io.random)}`);
  const engine = openDuckDb({ io, memoryMiB: 1_024, threads: 2, scratch });
  try {
    const run = { snapshots, purpose: 'serve', signal } as const;
    const built = await online.build(view, { engine, run, ...(whole && { whole }) });
    await metadata.write((tx) =>
      tx.record({
        ...{ workspace, actor: principal.id, action: 'feature.build' },
        resource: `features/${view.name}`,
        facts: { view: view.digest, keys: built.keys, events: built.events },
      }),
    );
    return built;
  } finally {
    await io.files.remove(scratch);
  }
}
