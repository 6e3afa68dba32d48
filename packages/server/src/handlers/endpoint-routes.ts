import { present } from '@backlot/core';
import { type RecommendRequest, UnknownEndpoint } from '@backlot/serving';
import type * as z from 'zod';
import * as endpoints from '../api/endpoints.ts';
import { ServerError } from '../error.ts';
import { type Route, route } from '../route.ts';
import { endpointSummary, endpointView, itemViews, servedDeployment } from './endpoint-view.ts';
import type { Services } from './services.ts';

/** Endpoints: how they do, what they serve, and what they answer. */
export function endpointRoutes(services: Services): readonly Route[] {
  const held = services.endpoints;
  const { clock } = services.io;
  return [
    route(endpoints.listEndpoints, async ({ principal: { workspace } }) => ({
      endpoints: await Promise.all(
        held.list(workspace).map((one) => endpointSummary(services, workspace, one)),
      ),
    })),
    route(endpoints.readEndpoint, ({ principal: { workspace }, params }) =>
      endpointView(services, workspace, held.get(workspace, params.endpoint)),
    ),
    route(endpoints.deployVersion, async ({ principal, params, body }) => {
      const endpoint = await services.deploy(principal, { endpoint: params.endpoint, ...body });
      const deployment = await servedDeployment(services, principal.workspace, endpoint);
      return present(deployment, 'the deployment that was just made');
    }),
    route(endpoints.recommend, async ({ principal: { workspace }, params, body }) => {
      const started = clock.monotonic();
      const wish = await wishOf(services, workspace, body);
      const answer = await held.get(workspace, params.endpoint).recommend(wish);
      const { prediction, model, version, digest, fallback } = answer;
      return {
        ...{ prediction, model, version, digest, items: itemViews(answer.items) },
        ...(fallback !== undefined && { fallback }),
        ms: clock.monotonic() - started,
      };
    }),
    route(endpoints.replayPrediction, async ({ principal: { workspace }, params }) => {
      // A prediction is read from the workspace's log, so any of its endpoints can compute it again.
      const [endpoint] = held.list(workspace);
      if (!endpoint) throw new UnknownEndpoint();
      const { prediction, at, digest, same, items } = await endpoint.replay(params.prediction);
      return { prediction, at, digest, same, items: itemViews(items) };
    }),
  ];
}

type RecommendBody = z.output<NonNullable<typeof endpoints.recommend.body>>;

/** The question as serving takes it. The account becomes its pseudonym before anything else. */
async function wishOf(
  services: Services,
  workspace: string,
  body: RecommendBody,
): Promise<RecommendRequest> {
  const { account, pseudonym, history, k, excludeSeen, storefront } = body;
  const given = [account, pseudonym, history].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new ServerError(
      'invalidInput',
      `${given.length} of account, pseudonym and history are given, exactly one is allowed`,
      { place: 'body' },
    );
  }
  const known =
    account === undefined ? pseudonym : (await services.pseudonymiser(workspace))(account);
  return {
    ...{ k, excludeSeen },
    ...(known !== undefined && { account: known }),
    ...(history !== undefined && { history }),
    ...(storefront !== undefined && { storefront }),
  };
}
