import {
  currentDeployment,
  type Deployment,
  getApproval,
  listDeployments,
  statementDigest,
} from '@backlot/registry';
import type { Endpoint, RecommendedItem } from '@backlot/serving';
import type * as z from 'zod';
import type * as endpoints from '../api/endpoints.ts';
import type { Services } from './services.ts';

type DeploymentShown = z.input<typeof endpoints.deploymentView>;
type SummaryShown = z.input<typeof endpoints.endpointSummary>;
type EndpointShown = z.input<typeof endpoints.readEndpoint.result>;

/** Within how many milliseconds 99 of 100 answers should come. */
const answerLimitMs = 40;

/** An endpoint as a list shows it. */
export async function endpointSummary(
  services: Services,
  workspace: string,
  endpoint: Endpoint,
): Promise<SummaryShown> {
  const deployment = await servedDeployment(services, workspace, endpoint);
  return {
    ...{ name: endpoint.name, state: endpoint.state, latency: latencyOf(endpoint) },
    ...(deployment && { deployment }),
  };
}

/** An endpoint with its last hour, its changes and accounts to try. */
export async function endpointView(
  services: Services,
  workspace: string,
  endpoint: Endpoint,
): Promise<EndpointShown> {
  const { loaded } = endpoint;
  const current = await currentDeployment(services.metadata, workspace, endpoint.name);
  const changes = await listDeployments(services.metadata, workspace, endpoint.name);
  return {
    ...(await endpointSummary(services, workspace, endpoint)),
    storefronts: [...(loaded?.storefronts ?? [])],
    ...{ users: loaded?.users ?? 0, items: loaded?.items ?? 0 },
    minutes: endpoint.figures().minutes.map((minute) => ({ ...minute })),
    changes: await Promise.all(
      changes.map((one) => deploymentView(services, workspace, endpoint, one, current)),
    ),
    examples: [...endpoint.examples],
  };
}

/** What stands behind an endpoint now; absent before the first deployment. */
export async function servedDeployment(
  services: Services,
  workspace: string,
  endpoint: Endpoint,
): Promise<DeploymentShown | undefined> {
  const current = await currentDeployment(services.metadata, workspace, endpoint.name);
  return current && deploymentView(services, workspace, endpoint, current, current);
}

/** Whether 99 of 100 answers come in time; an endpoint that nobody asked yet is not late. */
export function isWithinTarget(endpoint: Endpoint): boolean {
  return endpoint.state !== 'stopped' && (endpoint.figures().p99Ms ?? 0) <= answerLimitMs;
}

/** Items as an answer shows them. */
export function itemViews(items: readonly RecommendedItem[]): z.input<typeof endpoints.itemView>[] {
  return items.map(({ rank, item, score, title, mediaKind, genres }) => ({
    ...{ rank, item, score, title },
    ...(mediaKind !== undefined && { mediaKind }),
    genres: [...genres],
  }));
}

async function deploymentView(
  { metadata }: Services,
  workspace: string,
  { loaded }: Endpoint,
  deployment: Deployment,
  current: Deployment | undefined,
): Promise<DeploymentShown> {
  const { id, endpoint, model, version, digest, deployedBy, deployedAt } = deployment;
  const { envelope } = await getApproval(metadata, workspace, deployment.approval);
  return {
    ...{ id, endpoint, model, version, digest, by: deployedBy, at: deployedAt },
    approval: statementDigest(envelope),
    // The current one is not served when its approval was refused at the last load.
    state: id !== current?.id ? 'replaced' : loaded?.deployment === id ? 'serving' : 'refused',
  };
}

function latencyOf(endpoint: Endpoint): SummaryShown['latency'] {
  const { requests, errors, p50Ms, p99Ms } = endpoint.figures();
  return {
    ...{ requests, errors, limitMs: answerLimitMs },
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p99Ms !== undefined && { p99Ms }),
  };
}
