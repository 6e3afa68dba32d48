import { type Purpose, PurposeRefused } from '@backlot/access';
import { createId, type Digest } from '@backlot/core';
import type { Actor } from '../catalogue/publish-snapshot.ts';
import { currentSnapshot } from '../catalogue/tables.ts';
import { openDuckDb } from '../duckdb/engine.ts';
import { type ProfilingParts, profileOf } from '../profiles/profile-of.ts';
import { inputsOf } from '../relations/inputs-of.ts';
import type { RelationNode } from '../relations/nodes.ts';
import { type Manifest, readManifest } from '../snapshots/manifest.ts';
import { openSnapshot, type Snapshot } from '../snapshots/snapshot.ts';
import {
  type CheckOptions,
  checkSnapshot,
  type QualityEngine,
  type QualityReport,
  rulesDigest,
} from './check-snapshot.ts';
import { BadQualityCheck } from './quality-error.ts';
import { assertQuality, keepReport, readReport } from './reports.ts';
import type { RuleGiven } from './rule.ts';

export interface QualityParts extends ProfilingParts {
  /** The rules of a table as the project defines them; undefined: those of its snapshot count. */
  rulesOf(table: string): readonly RuleGiven[] | undefined;
  /** Where the rules run; absent: on a DuckDB of this process. */
  readonly engine?: { readonly name: 'duckdb' | 'spark'; readonly runs: QualityEngine };
}

/** An age that a rule of freshness allowed may not be allowed any more after this. */
const freshForMs = 10 * 60_000;

/**
 * The quality of a published snapshot: what was found before, where the rules are the same and
 * read no other table, else it is checked now and kept. `again` checks whatever is known.
 */
export async function qualityOf(
  parts: QualityParts,
  actor: Actor,
  snapshot: Digest,
  again = false,
): Promise<QualityReport> {
  const manifest = await readManifest(parts.objects, snapshot);
  const rules = parts.rulesOf(manifest.table) ?? manifest.contract.rules ?? [];
  // What other tables hold is part of the verdict, and those go on.
  const alone = rules.every(({ kind }) => kind !== 'references' && kind !== 'custom');
  const reuse = alone && !again;
  const known = reuse ? await readReport(parts.metadata, actor.workspace, snapshot) : undefined;
  const now = parts.io.clock.now();
  const aged =
    rules.some(({ kind }) => kind === 'freshness') && now - (known?.at ?? 0) > freshForMs;
  if (known && known.rules === rulesDigest(rules) && !aged) return known;
  const scratch = `${parts.scratch}/quality-${createId(parts.io.random)}`;
  try {
    const options = await checkOptions({ ...parts, scratch }, actor, manifest, snapshot, rules);
    const report = await checkSnapshot({ ...options, at: now });
    if (rules.length > 0) await parts.metadata.write((tx) => keepReport(tx, actor, report));
    return report;
  } finally {
    await parts.io.files.remove(scratch);
  }
}

/**
 * Asked before something downstream reads a snapshot: checks it where that was not done yet.
 *
 * @throws QualityRefused where it breaks a rule that blocks and nobody has overridden that
 */
export async function requireQuality(
  parts: QualityParts,
  actor: Actor,
  snapshot: Digest,
): Promise<void> {
  await assertQuality(parts.metadata, actor.workspace, await qualityOf(parts, actor, snapshot));
}

async function checkOptions(
  parts: QualityParts,
  actor: Actor,
  manifest: Manifest,
  digest: Digest,
  rules: readonly RuleGiven[],
): Promise<Omit<CheckOptions, 'at'>> {
  const current = await othersOf(parts, actor, manifest, rules);
  const manifests = await Promise.all(current.map((one) => readManifest(parts.objects, one)));
  const purpose = sharedPurpose([manifest, ...manifests]);
  const open = (one: Digest): Promise<Snapshot> => openSnapshot(parts.objects, one, { purpose });
  const drifts = rules.some(({ kind }) => kind === 'distribution');
  const previous = drifts ? await listedBefore(parts, actor, manifest) : undefined;
  const { io, memoryMiB, threads, scratch, signal } = parts;
  const duckdb = { name: 'duckdb', runs: openDuckDb({ io, memoryMiB, threads, scratch }) } as const;
  const { name, runs } = parts.engine ?? duckdb;
  return {
    ...{ engine: runs as QualityEngine, engineName: name, rules },
    snapshot: await open(digest),
    others: await Promise.all(current.map(open)),
    ...(previous !== undefined && {
      profiles: await profilesOf(parts, actor, { previous, digest }),
    }),
    ...(signal !== undefined && { signal }),
  };
}

/** The version before, while it is listed: the objects of one that retention removed may be gone. */
async function listedBefore(
  { metadata }: QualityParts,
  { workspace }: Actor,
  { previous }: Manifest,
): Promise<Digest | undefined> {
  if (previous === undefined) return undefined;
  const row = await metadata.get<{ id: Digest }>(
    'SELECT id FROM data_snapshots WHERE workspace = ? AND id = ?',
    ...[workspace, previous],
  );
  return row?.id;
}

/** Profiles to compare, or that the contract lets nobody measure its rows. */
async function profilesOf(
  parts: QualityParts,
  actor: Actor,
  { previous, digest }: { readonly previous: Digest; readonly digest: Digest },
): Promise<NonNullable<CheckOptions['profiles']>> {
  try {
    const before = await profileOf(parts, actor, previous);
    return { before, now: await profileOf(parts, actor, digest) };
  } catch (error) {
    if (error instanceof PurposeRefused) return 'rows may not be measured';
    throw error;
  }
}

/** The current snapshots of the other tables that rules read. */
async function othersOf(
  { metadata }: QualityParts,
  { workspace }: Actor,
  { table }: Manifest,
  rules: readonly RuleGiven[],
): Promise<readonly Digest[]> {
  const names = new Set(
    rules.flatMap((rule) => {
      if (rule.kind === 'references') return [rule.table];
      return rule.failing ? tablesOf(rule.failing.node) : [];
    }),
  );
  names.delete(table);
  return Promise.all(
    [...names].map(async (name) => {
      const found = await currentSnapshot(metadata, workspace, name);
      if (found) return found;
      throw new BadQualityCheck(
        `a rule of ${table} refers to table ${name}, which has no snapshot`,
      );
    }),
  );
}

function tablesOf(node: RelationNode): readonly string[] {
  return node.kind === 'source' ? [node.table] : inputsOf(node).flatMap(tablesOf);
}

/** Checking counts rows: for measuring where that is allowed, else for a purpose that all tables share. */
function sharedPurpose(manifests: readonly Manifest[]): Purpose {
  const [first, ...rest] = manifests.map(({ contract }) => contract.purposes);
  const shared = first!.filter((purpose) => rest.every((each) => each.includes(purpose)));
  const found = shared.includes('measure') ? 'measure' : shared[0];
  if (found) return found;
  throw new BadQualityCheck('the tables that the rules read share no purpose');
}
