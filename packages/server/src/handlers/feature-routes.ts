import {
  type FeatureView,
  featureDescriptions,
  type OnlineFeatures,
  tablesOf,
  type ViewFacts,
} from '@backlot/features';
import * as features from '../api/features.ts';
import { type Route, route } from '../route.ts';
import type { Services } from './services.ts';

/** Feature views: what they are, how fresh they are, their values by key, pushes and builds. */
export function featureRoutes(services: Services): readonly Route[] {
  return [...viewRoutes(services), ...valueRoutes(services)];
}

function viewRoutes(services: Services): readonly Route[] {
  const { clock } = services.io;
  const freshness = async (online: OnlineFeatures, view: string) =>
    freshnessOf(await online.facts(view), clock.now());
  return [
    route(features.listFeatures, async ({ principal: { workspace } }) => {
      const online = services.features(workspace);
      const views = online.views.map(async (view) => ({
        ...{ name: view.name, digest: view.digest, entity: view.entity.name },
        features: Object.keys(view.features).length,
        ...{ tables: [...tablesOf(view.from)], purposes: [...view.purposes] },
        freshness: await freshness(online, view.name),
      }));
      return { views: await Promise.all(views) };
    }),
    route(features.readFeatures, async ({ principal: { workspace }, params }) => {
      const online = services.features(workspace);
      const { view, ttlMicros } = online.served(params.view);
      return {
        ...description(view),
        ...(ttlMicros !== undefined && { ttlMs: Math.floor(ttlMicros / 1_000) }),
        freshness: await freshness(online, view.name),
        command: `backlot features build ${view.name}`,
      };
    }),
    route(features.readFeatureFreshness, ({ principal: { workspace }, params }) =>
      freshness(services.features(workspace), params.view),
    ),
  ];
}

function valueRoutes(services: Services): readonly Route[] {
  const { clock } = services.io;
  const named = async (workspace: string, names: readonly (string | number)[], as: string) => {
    if (as === 'keys') return names.map(String);
    const pseudonym = await services.pseudonymiser(workspace);
    return names.map((name) => pseudonym(String(name)));
  };
  return [
    route(features.readFeatureVectors, async ({ principal: { workspace }, body }) => {
      const online = services.features(workspace);
      const keys = await named(workspace, body.keys, body.named);
      const rows = await online.readJson(body.views, keys);
      const names = body.views.flatMap(({ name }) =>
        Object.keys(online.served(name).view.features),
      );
      const written = rows.map(
        (values, at) => `{"key":${JSON.stringify(body.keys[at])},"values":${values}}`,
      );
      return `{"features":${JSON.stringify(names)},"at":${clock.now()},"rows":[${written.join(',')}]}`;
    }),
    route(features.pushFeatures, async ({ principal: { workspace }, params, body }) => {
      const online = services.features(workspace);
      const { key } = online.served(params.view).view.entity;
      if (body.named === 'keys') return online.push(params.view, body.rows);
      const keys = await named(
        workspace,
        body.rows.map((row) => String(row[key] ?? '')),
        'accounts',
      );
      return online.push(
        params.view,
        // A row without its key is refused where all rows are read, not given a made-up person.
        body.rows.map((row, at) =>
          (row[key] ?? null) === null ? row : { ...row, [key]: keys[at] },
        ),
      );
    }),
    route(features.buildFeatures, async ({ principal, params, body, request }) => {
      const wish = { view: params.view, whole: body.whole, signal: request.signal };
      const { from, to, keys, events, resumed } = await services.buildFeatures(principal, wish);
      return {
        ...(from !== undefined && { from: instantOf(from) }),
        ...{ to: instantOf(to), keys, events, resumed },
      };
    }),
  ];
}

function description(view: FeatureView) {
  const { name, digest, entity, at, event } = view;
  return {
    ...{ name, digest, entity: { name: entity.name, key: entity.key }, at, event },
    ...{ tables: [...tablesOf(view.from)], purposes: [...view.purposes] },
    features: featureDescriptions(view).map((one) => ({
      ...{ name: one.name, type: one.type, aggregate: one.aggregate },
      ...(one.column !== undefined && { column: one.column }),
      ...(one.window !== undefined && { windowMs: Math.floor(one.window / 1_000) }),
      ...(one.tile !== undefined && { tileMs: Math.floor(one.tile / 1_000) }),
      ...(one.error !== undefined && { error: one.error }),
    })),
  };
}

/** Without an event for this long a view is told to be stale. */
const staleMs = 25 * 3_600_000;

function freshnessOf(facts: ViewFacts, now: number) {
  const { through, builtAt, newestEvent, building, keys, pushed } = facts;
  const lagMs = newestEvent === undefined ? undefined : Math.max(0, now - instantOf(newestEvent));
  const known = lagMs === undefined ? 'empty' : lagMs > staleMs ? 'stale' : 'fresh';
  return {
    state: building ? ('building' as const) : (known as 'empty' | 'stale' | 'fresh'),
    ...(through !== undefined && { through: instantOf(through) }),
    ...(builtAt !== undefined && { builtAt: instantOf(builtAt) }),
    ...(newestEvent !== undefined && { newestEvent: instantOf(newestEvent) }),
    ...(lagMs !== undefined && { lagMs: Math.floor(lagMs) }),
    ...{ keys, pushed },
  };
}

/** Microseconds as milliseconds that the API shows; before 1970 there is nothing to show. */
function instantOf(micros: number): number {
  return Math.max(0, Math.floor(micros / 1_000));
}
