import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace, ofParam } from './permission.ts';
import { count, digest, instant, name, readLimits, smallLimits } from './shapes.ts';

const latency = z.strictObject({
  requests: count,
  errors: count,
  p50Ms: z.number().optional(),
  p99Ms: z.number().optional(),
  limitMs: z.number(),
});

export const deploymentView = z.strictObject({
  id: z.string(),
  endpoint: name,
  model: name,
  version: count,
  digest,
  approval: digest,
  by: z.string(),
  at: instant,
  state: z.enum(['serving', 'replaced', 'refused']),
});

export const endpointSummary = z.strictObject({
  name,
  state: z.enum(['serving', 'degraded', 'stopped']),
  deployment: deploymentView.optional(),
  latency,
});

export const listEndpoints = contract({
  id: 'endpoints.list',
  method: 'GET',
  path: '/api/v1/endpoints',
  summary: 'Endpoints and how they do',
  permission: inWorkspace('endpoint.read'),
  result: z.strictObject({ endpoints: z.array(endpointSummary) }),
  limits: readLimits,
});

const endpointParams = z.strictObject({ endpoint: name });

export const readEndpoint = contract({
  id: 'endpoints.read',
  method: 'GET',
  path: '/api/v1/endpoints/:endpoint',
  summary: 'An endpoint: what it serves, its latency, its changes',
  permission: ofParam('endpoint.read', 'endpoint'),
  params: endpointParams,
  result: endpointSummary.extend({
    storefronts: z.array(z.string()),
    users: count,
    items: count,
    /** One point a minute of the last hour that had requests. */
    minutes: z.array(
      z.strictObject({
        at: instant,
        requests: count,
        errors: count,
        p50Ms: z.number(),
        p99Ms: z.number(),
      }),
    ),
    changes: z.array(deploymentView),
    /** Accounts that may be tried in the console: pseudonyms, at most 20. */
    examples: z.array(z.string()),
  }),
  limits: readLimits,
});

export const deployVersion = contract({
  id: 'endpoints.deploy',
  method: 'POST',
  path: '/api/v1/endpoints/:endpoint/deployments',
  summary: 'Serve an approved version',
  permission: ofParam('endpoint.deploy', 'endpoint'),
  params: endpointParams,
  body: z.strictObject({ model: name, version: z.int().min(1) }),
  result: deploymentView,
  limits: { ...smallLimits, timeoutMs: 120_000 },
});

export const itemView = z.strictObject({
  rank: count,
  item: z.string(),
  score: z.number(),
  title: z.string().optional(),
  mediaKind: z.string().optional(),
  genres: z.array(z.string()),
});

export const answerView = z.strictObject({
  prediction: z.string(),
  model: name,
  version: count,
  digest,
  items: z.array(itemView),
  /** Why the personal answer was not used, when it was not. */
  fallback: z.string().optional(),
  ms: z.number().optional(),
});

export const recommend = contract({
  id: 'endpoints.recommend',
  method: 'POST',
  path: '/api/v1/endpoints/:endpoint/recommend',
  summary: 'Items for an account',
  permission: ofParam('endpoint.predict', 'endpoint'),
  params: endpointParams,
  body: z.strictObject({
    /** The account as the provider names it; it is pseudonymised before anything else. */
    account: z.string().min(1).max(200).optional(),
    /** The account's pseudonym, for those who hold only that. */
    pseudonym: z
      .string()
      .regex(/^[0-9a-f]{32,64}$/)
      .optional(),
    /** Items the person is known to like, for an account that is not in the model. */
    history: z.array(z.string().max(200)).max(1000).optional(),
    k: z.int().min(1).max(200).default(10),
    excludeSeen: z.boolean().default(true),
    storefront: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional(),
  }),
  result: answerView,
  limits: { bodyBytes: 256 * 1024, timeoutMs: 5_000 },
});

export const replayPrediction = contract({
  id: 'predictions.replay',
  method: 'POST',
  path: '/api/v1/predictions/:prediction/replay',
  summary: 'Compute a logged prediction again and compare it bit for bit',
  permission: inWorkspace('endpoint.replay'),
  params: z.strictObject({ prediction: z.string().max(100) }),
  body: z.strictObject({}),
  result: z.strictObject({
    prediction: z.string(),
    at: instant,
    digest,
    same: z.boolean(),
    items: z.array(itemView),
  }),
  limits: { ...smallLimits, timeoutMs: 120_000 },
});
