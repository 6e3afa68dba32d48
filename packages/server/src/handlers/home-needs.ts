import type { Principal } from '@backlot/access';
import { type DeliverySummary, listDeliveries } from '@backlot/data';
import { listRuns, type RunSummary, runDetail } from '@backlot/pipelines';
import { getVersion, listProposals, type Proposal } from '@backlot/registry';
import type * as z from 'zod';
import type { readHome } from '../api/home.ts';
import { metricRows } from './evaluation-rows.ts';
import { resumeCommand } from './run-view.ts';
import type { Services } from './services.ts';

/** Something that waits for a person, with the one act that answers it. */
export type Need = z.input<typeof readHome.result>['needs'][number];

const weekMs = 7 * 86_400_000;
/** More is not read for the home page. */
const deliveryLimit = 200;

/** What needs a person: failed runs first, then what waits for approval, then bad deliveries. */
export async function homeNeeds(
  services: Services,
  principal: Principal,
  waiting: readonly Proposal[],
): Promise<Need[]> {
  const [failed, reviews, deliveries] = await Promise.all([
    failedRuns(services, principal),
    Promise.all(waiting.map((proposal) => reviewNeed(services, principal, proposal))),
    badDeliveries(services, principal),
  ]);
  return [...failed, ...reviews, ...deliveries];
}

/** The proposals that nobody has decided yet. */
export async function waitingProposals(
  { metadata }: Services,
  workspace: string,
): Promise<readonly Proposal[]> {
  return (await listProposals(metadata, workspace, { status: 'waiting', limit: 200 })).items;
}

/** A failure counts until a later run of the same pipeline begins. */
async function failedRuns(services: Services, principal: Principal): Promise<Need[]> {
  const { metadata, definitions, io } = services;
  const since = io.clock.now() - weekMs;
  const newest = await Promise.all(
    definitions.pipelines.map(({ name }) =>
      listRuns(metadata, principal, { pipeline: name, limit: 1 }),
    ),
  );
  const failed = newest
    .flatMap(({ runs }) => runs)
    .filter((run) => run.state === 'failed' && endOf(run) >= since)
    .sort((a, b) => endOf(b) - endOf(a));
  return Promise.all(failed.map((run) => failedNeed(services, principal, run)));
}

async function failedNeed(
  { metadata }: Services,
  principal: Principal,
  run: RunSummary,
): Promise<Need> {
  const { taskViews } = await runDetail(metadata, principal, run.id);
  const task = taskViews.find(({ state }) => state === 'failed');
  return {
    ...{ kind: 'failed', subject: run.pipeline, at: endOf(run) },
    facts: {
      ...(task && { task: task.id }),
      ...(run.error && { reason: run.error.reason }),
      ...{ done: run.done, tasks: run.tasks },
    },
    ...{ link: `/runs/${run.id}`, command: resumeCommand(run.id) },
  };
}

async function reviewNeed(
  { metadata, objects, registry }: Services,
  { workspace }: Principal,
  proposal: Proposal,
): Promise<Need> {
  const { model, version, endpoint, author, proposedAt } = proposal;
  const { evaluation, card } = await getVersion(metadata, workspace, model, version);
  const rows = await metricRows(objects, evaluation, await registry.readCard(card));
  const row = rows.find(({ slice, difference }) => slice === 'all' && difference);
  return {
    ...{ kind: 'review', subject: model, at: proposedAt },
    facts: {
      ...{ version, endpoint, by: author },
      ...(row?.difference && {
        ...{ metric: row.metric, change: row.difference.value },
        ...{ low: row.difference.low, high: row.difference.high },
      }),
    },
    link: `/models/${model}/${version}`,
    command: `backlot approve ${model} ${version}`,
  };
}

/** Of each table and provider, the newest delivery counts: a mended one answers for those before. */
async function badDeliveries(
  { metadata, io }: Services,
  { workspace }: Principal,
): Promise<Need[]> {
  const since = io.clock.now() - weekMs;
  const { deliveries } = await listDeliveries(metadata, workspace, { limit: deliveryLimit });
  const newest = new Map<string, DeliverySummary>();
  for (const delivery of deliveries) {
    const { table, provider, status } = delivery.receipt;
    const key = `${table}\n${provider}`;
    if (status !== 'unchanged' && !newest.has(key)) newest.set(key, delivery);
  }
  return [...newest.values()].filter(({ at }) => at >= since).flatMap(deliveryNeed);
}

function deliveryNeed({ receipt, at }: DeliverySummary): Need[] {
  const { table, provider, status, quarantined, rows, reasons } = receipt;
  const shared = {
    ...{ subject: table, at, link: `/tables/${table}` },
    command: `backlot deliver ${table} MENDED-FILE --provider ${provider}`,
  };
  const [first] = reasons;
  if (status === 'refused') {
    const reason = first ? `${first.rule} ${first.column}`.trim() : 'too many rows are bad';
    return [{ ...shared, kind: 'refused', facts: { provider, reason } }];
  }
  if (quarantined === 0) return [];
  const { rule = '', column = '', mend = '' } = first ?? {};
  const facts = { rows: quarantined, of: rows, provider, rule: `${rule} ${column}`.trim(), mend };
  return [{ ...shared, kind: 'quarantine', facts }];
}

function endOf({ endedAt, createdAt }: RunSummary): number {
  return endedAt ?? createdAt;
}
