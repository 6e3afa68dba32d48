import type { Principal } from '@backlot/access';
import {
  aliasVersion,
  approvalObstacle,
  type Change,
  cardMarkdown,
  lineageAuthors,
  listAliases,
  type ModelCard,
  type ModelVersion,
  type Proposal,
  statementDigest,
  type VersionApproval,
  type VersionDiff,
  versionApproval,
} from '@backlot/registry';
import type * as z from 'zod';
import type * as models from '../api/models.ts';
import { baselineName, metricRows } from './evaluation-rows.ts';
import type { Services } from './services.ts';
import { shownJson } from './shown-json.ts';

type SummaryShown = z.input<typeof models.versionSummary>;
type VersionShown = z.input<typeof models.versionView>;

/** The alias that a deployment moves. */
export const productionAlias = 'production';
/** How long an approval that is signed now holds. */
export const approvalValidityMs = 90 * 86_400_000;

/** Where versions of one model stand: their aliases and approvals. */
export async function versionSummaries(
  services: Services,
  workspace: string,
  model: string,
  versions: readonly ModelVersion[],
): Promise<SummaryShown[]> {
  const aliases = await listAliases(services.metadata, workspace, model);
  return Promise.all(
    versions.map(async (version) => {
      const { state } = await approvalOf(services, workspace, version);
      return versionSummary(version, aliases, state);
    }),
  );
}

/** Everything that an approver reads before signing. */
export async function versionView(
  services: Services,
  principal: Principal,
  version: ModelVersion,
): Promise<VersionShown> {
  const { metadata, objects, registry, authority, io } = services;
  const { workspace } = principal;
  const [aliases, card, approval] = await Promise.all([
    listAliases(metadata, workspace, version.model),
    registry.readCard(version.card),
    approvalOf(services, workspace, version),
  ]);
  const rows = await metricRows(objects, version.evaluation, card);
  const diff = await productionDiff(services, workspace, version);
  return {
    ...versionSummary(version, aliases, approval.state),
    ...describedParts(version, card),
    ...(rows.some(({ baseline }) => baseline) && {
      baseline: card.baseline?.name ?? baselineName,
    }),
    rows,
    ...(approval.proposal && {
      proposal: proposalView(version, approval, authority.policy, io.clock.now()),
    }),
    decisions: decisionsOf(approval),
    mayApprove: await mayApprove(services, principal, version, approval.proposal),
    ...(diff && { diff }),
  };
}

/** Where a version stands now. */
export function approvalOf(
  { metadata, authority, io }: Services,
  workspace: string,
  version: ModelVersion,
): Promise<VersionApproval> {
  return versionApproval(metadata, workspace, version, authority, io.clock.now());
}

function versionSummary(
  version: ModelVersion,
  aliases: Awaited<ReturnType<typeof listAliases>>,
  approval: VersionApproval['state'],
): SummaryShown {
  const { model, digest, bytes, createdAt, run, authors, metrics } = version;
  return {
    ...{ model, version: version.version, digest, bytes, at: createdAt, run, approval },
    authors: [...authors],
    aliases: aliases.filter((one) => one.version === version.version).map(({ alias }) => alias),
    metrics: { ...metrics },
  };
}

function describedParts(version: ModelVersion, card: ModelCard) {
  const rows = new Map(card.data.map((data) => [data.snapshot, data.rows]));
  return {
    estimator: card.estimator,
    parameters: shownJson(version.parameters),
    inputs: Object.entries(version.inputs).map(([name, digest]) => ({
      ...{ name, digest },
      ...(rows.has(digest) && { rows: rows.get(digest)! }),
    })),
    ...{ evaluation: version.evaluation, card: version.card, code: version.code },
    ...{ cardData: shownJson(card), cardMarkdown: cardMarkdown(card) },
    absentSlices: card.evaluation.absentSlices.map(({ dimension }) => dimension),
    privacy: privacyOf(card),
  };
}

function privacyOf({ privacyStatement, privacy, data }: ModelCard): VersionShown['privacy'] {
  const purposes = [...new Set(data.flatMap((one) => one.purposes))].sort();
  return [
    ...privacyStatement.map((text) => ({ label: '', text })),
    { label: 'unit', text: privacy.unit },
    { label: 'purposes', text: purposes.join(', ') || 'none' },
    ...data.flatMap(({ table, personal }) =>
      personal.map(({ column, treatment }) => ({ label: `${table}.${column}`, text: treatment })),
    ),
  ];
}

/** What an approval binds, and what was checked before a person looks. */
function proposalView(
  version: ModelVersion,
  { proposal, approval }: VersionApproval,
  policy: string,
  now: number,
): NonNullable<VersionShown['proposal']> {
  const { id, endpoint, author, proposedAt, checks, storefronts } = proposal!;
  const where = storefronts.length > 0 ? ` (${storefronts.join(', ')})` : '';
  return {
    ...{ id, endpoint, by: author, at: proposedAt },
    // Before anyone signed: until when a signature of now would hold.
    expiresAt: approval?.expiresAt ?? now + approvalValidityMs,
    binds: [
      { name: 'model', value: version.digest },
      ...Object.entries(version.inputs).map(([name, value]) => ({ name: `data ${name}`, value })),
      { name: 'evaluation', value: version.evaluation },
      { name: 'card', value: version.card },
      { name: 'target', value: `${endpoint}${where}` },
      { name: 'policy', value: policy },
    ],
    checks: checks.map(({ name, status, detail }) => ({
      ...{ name, ok: status !== 'failed' },
      measure: status === 'warned' ? `${detail} (warning)` : detail,
    })),
  };
}

function decisionsOf({ proposal, approval }: VersionApproval): VersionShown['decisions'] {
  if (proposal?.decidedBy === undefined) return [];
  return [
    {
      by: proposal.decidedBy,
      decision: proposal.status === 'rejected' ? 'refused' : 'approved',
      reason: proposal.reason ?? '',
      at: proposal.decidedAt ?? proposal.proposedAt,
      ...(approval && {
        key: approval.envelope.signatures[0].keyid,
        statement: statementDigest(approval.envelope),
      }),
    },
  ];
}

/** Whether `approve` would take this principal's signature now: the same rules, asked beforehand. */
async function mayApprove(
  { metadata, authority }: Services,
  principal: Principal,
  version: ModelVersion,
  proposal: Proposal | undefined,
): Promise<VersionShown['mayApprove']> {
  const refuse = (reason: string) => ({ allowed: false, reason });
  if (!proposal) return refuse('nobody proposed it');
  if (proposal.status !== 'waiting') return refuse(`its proposal is ${proposal.status}`);
  const obstacle = approvalObstacle(principal, lineageAuthors(version, proposal));
  if (obstacle !== undefined) return refuse(obstacle);
  const failed = proposal.checks.filter(({ status }) => status === 'failed');
  if (failed.length > 0)
    return refuse(`check failed: ${failed.map(({ name }) => name).join(', ')}`);
  const standing = await authority.standing(metadata, principal.workspace, principal.id);
  return standing === 'allowed' ? { allowed: true } : refuse(`it is ${standing}`);
}

async function productionDiff(
  { metadata, registry }: Services,
  workspace: string,
  { model, version }: ModelVersion,
): Promise<VersionShown['diff']> {
  const against = await aliasVersion(metadata, workspace, model, productionAlias);
  if (against === null || against === version) return undefined;
  const lines = diffLines(await registry.diff(workspace, model, against, version));
  return { against, lines };
}

type DiffLine = NonNullable<VersionShown['diff']>['lines'][number];

/** The diff as lines. Of slices, only those whose interval tells the two apart. */
function diffLines({ parameters, data, code, metrics, card }: VersionDiff): DiffLine[] {
  const told = metrics.filter(({ slice, verdict }) => slice === 'all' || verdict !== 'undecided');
  return [
    ...parameters.flatMap((change) => changeLines('parameters', change)),
    ...data.flatMap((change) => changeLines('data', change)),
    ...(code ? pair('code', code.before, code.after) : []),
    ...told.flatMap(({ slice, name, before, after }) =>
      pair(slice === 'all' ? name : `${name} ${slice}`, before.toFixed(4), after.toFixed(4)),
    ),
    ...card.flatMap((change) => changeLines('card', change)),
  ];
}

function changeLines(part: string, { path, before, after }: Change): DiffLine[] {
  return pair(`${part}.${path}`, diffText(before), diffText(after));
}

function diffText(value: Change['before']): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

function pair(key: string, before: string | undefined, after: string | undefined): DiffLine[] {
  if (before !== undefined && before === after) return [{ mark: ' ', key, value: after! }];
  return [
    ...(before === undefined ? [] : [{ mark: '-' as const, key, value: before }]),
    ...(after === undefined ? [] : [{ mark: '+' as const, key, value: after }]),
  ];
}
