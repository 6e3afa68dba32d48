import type { Principal } from '@backlot/access';
import { parseDigest } from '@backlot/core';
import {
  aliasVersion,
  getVersion,
  latestProposal,
  listModels,
  listVersions,
  type ModelVersion,
  NotRegistered,
  type Proposal,
  statementDigest,
} from '@backlot/registry';
import type * as z from 'zod';
import * as models from '../api/models.ts';
import { type Route, route } from '../route.ts';
import type { Services } from './services.ts';
import {
  approvalOf,
  approvalValidityMs,
  productionAlias,
  versionSummaries,
  versionView,
} from './version-view.ts';

/** More than these are not listed at once. */
const limit = 200;

/** Models, their versions, and the decision about one. */
export function modelRoutes(services: Services): readonly Route[] {
  const { metadata } = services;
  return [
    route(models.listModels, async ({ principal: { workspace } }) => {
      const { items } = await listModels(metadata, workspace, { limit });
      const shown = items.map(({ name, versions }) =>
        modelView(services, workspace, name, versions),
      );
      return { models: (await Promise.all(shown)).flat() };
    }),
    route(models.listVersions, async ({ principal: { workspace }, params: { model } }) => {
      const { items } = await listVersions(metadata, workspace, model, { limit });
      if (items.length === 0) throw new NotRegistered('model of that name');
      return { model, versions: await versionSummaries(services, workspace, model, items) };
    }),
    route(models.readVersion, async ({ principal, params: { model, version } }) =>
      versionView(
        services,
        principal,
        await getVersion(metadata, principal.workspace, model, version),
      ),
    ),
    route(models.decideVersion, async ({ principal, params: { model, version }, body }) => {
      const { workspace } = principal;
      const found = await getVersion(metadata, workspace, model, version);
      const proposal = await latestProposal(metadata, workspace, model, version);
      if (!proposal) throw new NotRegistered('proposal of that version');
      return decide(services, principal, found, proposal, body);
    }),
  ];
}

type ModelShown = z.input<typeof models.listModels.result>['models'][number];

async function modelView(
  services: Services,
  workspace: string,
  name: string,
  versions: number,
): Promise<ModelShown[]> {
  const { metadata } = services;
  const newest = (await listVersions(metadata, workspace, name, { limit: 1 })).items;
  const number = await aliasVersion(metadata, workspace, name, productionAlias);
  const serving = number === null ? [] : [await getVersion(metadata, workspace, name, number)];
  const [latest, production] = await versionSummaries(services, workspace, name, [
    ...newest,
    ...serving,
  ]);
  // A model comes with its first version, so there is none without.
  return newest.length === 0 || !latest
    ? []
    : [{ name, versions, latest, ...(production && { production }) }];
}

type Decided = z.input<typeof models.decideVersion.result>;

/** Signs and approves, or refuses. The registry holds to who may and to what still stands. */
async function decide(
  services: Services,
  principal: Principal,
  version: ModelVersion,
  proposal: Proposal,
  { decision, reason, seen }: z.output<NonNullable<typeof models.decideVersion.body>>,
): Promise<Decided> {
  const { registry, io } = services;
  const { digest, evaluation, card } = version;
  if (decision === 'refuse') {
    await registry.reject(principal, { proposal: proposal.id, reason });
  } else {
    await registry.approve(principal, {
      ...{ proposal: proposal.id, reason },
      seen: seen
        ? {
            digest: parseDigest(seen.digest),
            ...{ evaluation: parseDigest(seen.evaluation), card: parseDigest(seen.card) },
          }
        : { digest, evaluation, card },
      expiresAt: io.clock.now() + approvalValidityMs,
    });
  }
  const { state, approval } = await approvalOf(services, principal.workspace, version);
  return {
    approval: state,
    ...(approval && {
      statement: statementDigest(approval.envelope),
      expiresAt: approval.expiresAt,
    }),
  };
}
