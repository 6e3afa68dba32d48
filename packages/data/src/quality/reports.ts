import { canonicalJson, type Digest } from '@backlot/core';
import type { Reader, Transaction } from '@backlot/store';
import type { Actor } from '../catalogue/publish-snapshot.ts';
import { BadContract } from '../data-error.ts';
import type { QualityReport } from './check-snapshot.ts';
import { QualityRefused } from './quality-error.ts';

/** That a broken rule shall not block, said by a person with a reason. */
export interface QualityOverride {
  readonly actor: string;
  readonly reason: string;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
}

/** Keeps what checking a snapshot found in place of what an earlier check did. */
export async function keepReport(
  tx: Transaction,
  actor: Actor,
  report: QualityReport,
): Promise<void> {
  const body = canonicalJson(report);
  await tx.run(
    `INSERT INTO data_quality (workspace, id, table_id, passed, body, checked_at)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (workspace, id) DO UPDATE SET passed = excluded.passed, body = excluded.body,
       checked_at = excluded.checked_at`,
    ...[actor.workspace, report.snapshot, report.table, report.passed ? 1 : 0, body, report.at],
  );
  const broken = brokenRules(report);
  await tx.record({
    ...{ workspace: actor.workspace, actor: actor.id, action: 'snapshot.check' },
    resource: `table/${report.table}`,
    facts: { snapshot: report.snapshot, passed: report.passed, broken: [...broken] },
  });
}

/** What was last found of a snapshot; absent: it was not checked. */
export async function readReport(
  reader: Reader,
  workspace: string,
  snapshot: Digest,
): Promise<QualityReport | undefined> {
  const row = await reader.get<{ body: string }>(
    'SELECT body FROM data_quality WHERE workspace = ? AND id = ?',
    ...[workspace, snapshot],
  );
  return row && (JSON.parse(row.body) as QualityReport);
}

/**
 * Lets a snapshot be read although it breaks the rules that its newest report names; who and why are
 * kept, also in the ledger. Rules that are broken later are not part of it.
 *
 * @throws BadContract where no reason is given, or no rule that blocks was found broken
 */
export async function overrideQuality(
  tx: Transaction,
  actor: Actor,
  wish: {
    readonly table: string;
    readonly snapshot: Digest;
    readonly reason: string;
    readonly at: number;
  },
): Promise<void> {
  const { table, snapshot, at } = wish;
  const reason = wish.reason.trim();
  if (reason === '' || reason.length > 1_000) {
    throw new BadContract('override', 'an override has a reason of 1 to 1000 characters');
  }
  const report = await readReport(tx, actor.workspace, snapshot);
  if (!report || report.passed) {
    throw new BadContract('override', 'no rule that blocks was found broken, so there is none');
  }
  const broken = brokenRules(report);
  await tx.run(
    `INSERT INTO data_quality_overrides (workspace, id, actor, reason, overridden_at, broken)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (workspace, id) DO UPDATE SET actor = excluded.actor, reason = excluded.reason,
       overridden_at = excluded.overridden_at, broken = excluded.broken`,
    ...[actor.workspace, snapshot, actor.id, reason, at, canonicalJson(broken)],
  );
  await tx.record({
    ...{ workspace: actor.workspace, actor: actor.id, action: 'snapshot.override' },
    resource: `table/${table}`,
    facts: { snapshot, reason, rules: report.rules, broken: [...broken] },
  });
}

/** The override of a snapshot, where there is one. */
export async function readOverride(
  reader: Reader,
  workspace: string,
  snapshot: Digest,
): Promise<QualityOverride | undefined> {
  const row = await reader.get<{ actor: string; reason: string; overridden_at: number }>(
    'SELECT actor, reason, overridden_at FROM data_quality_overrides WHERE workspace = ? AND id = ?',
    ...[workspace, snapshot],
  );
  return row && { actor: row.actor, reason: row.reason, at: row.overridden_at };
}

/**
 * Asked before something downstream reads a snapshot.
 *
 * @throws QualityRefused where a rule that blocks is broken and nobody has overridden that one
 */
export async function assertQuality(
  reader: Reader,
  workspace: string,
  report: QualityReport,
): Promise<void> {
  if (report.passed) return;
  const row = await reader.get<{ broken: string }>(
    'SELECT broken FROM data_quality_overrides WHERE workspace = ? AND id = ?',
    ...[workspace, report.snapshot],
  );
  const overridden = new Set(row && (JSON.parse(row.broken) as string[]));
  const broken = brokenRules(report).filter((rule) => !overridden.has(rule));
  if (broken.length > 0) throw new QualityRefused(report.table, broken);
}

function brokenRules({ results }: QualityReport): readonly string[] {
  return results
    .filter(({ passed, severity }) => !passed && severity === 'block')
    .map(({ rule }) => rule);
}
