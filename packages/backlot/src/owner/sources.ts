import { BacklotError, parseDigest } from '@backlot/core';
import { currentSnapshot, type QualityParts, requireQuality } from '@backlot/data';
import type { ArtifactRef, ResolveSource } from '@backlot/pipelines';
import type { Metadata, Objects } from '@backlot/store';
import { absentSnapshot, snapshotArtifact } from '@backlot/tasks';
import { deliverFile } from '../solutions/recommend-pipelines.ts';

/** A pipeline wants something from outside that cannot be looked up. */
class SourceNotGiven extends BacklotError {
  constructor(name: string) {
    super({
      code: 'E-BACKLOT-005',
      kind: 'usage',
      reason: `the source ${name} has to be given when the run starts; table.NAME is looked up`,
      place: name,
    });
  }
}

const tablePrefix = 'table.';

/**
 * `table.NAME` is the table's current snapshot, or the absence of one; other sources are given. A
 * snapshot that breaks a rule that blocks is refused to all pipelines but deliveries: they bring the
 * rows that mend it.
 */
export function resolveSource(
  metadata: Metadata,
  objects: Objects,
  quality: QualityParts,
): ResolveSource {
  return async (principal, { name }, { pipeline }) => {
    if (!name.startsWith(tablePrefix)) throw new SourceNotGiven(name);
    const table = name.slice(tablePrefix.length);
    const digest = await currentSnapshot(metadata, principal.workspace, table);
    if (digest === undefined) return refOf(await objects.put(absentSnapshot));
    if (pipeline !== deliverFile.name) await requireQuality(quality, principal, digest);
    const bytes = (await objects.get(digest)).byteLength;
    return refOf({ digest: parseDigest(digest), bytes });
  };
}

function refOf({ digest, bytes }: Omit<ArtifactRef, 'kind'>): ArtifactRef {
  return { kind: snapshotArtifact.kind, digest, bytes };
}
