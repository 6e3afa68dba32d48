import * as z from 'zod';
import { inWorkspace } from '../api/permission.ts';
import { contract } from '../contract.ts';

const value = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]);
const cell = z.union([value, z.array(value).max(1_000)]);
/** A frame by columns, as Feast's clients write it. */
const frame = z.record(z.string().max(100), z.array(cell).max(10_000));
const limits = { bodyBytes: 8 * 1024 * 1024, timeoutMs: 30_000 } as const;
const written = z.strictObject({ accepted: z.int(), repeated: z.int(), late: z.int() });

/**
 * What the remote online store of Feast 0.67 asks of a feature server. Its token is a Backlot token,
 * given to Feast as `auth: { type: oidc, token }`.
 */
export const feast = {
  /** Answers Feast's columnar JSON, written by hand. */
  getOnlineFeatures: contract({
    id: 'feast.get',
    method: 'POST',
    path: '/get-online-features',
    summary: 'Feast: the values of features by key',
    permission: inWorkspace('feature.serve'),
    body: z.strictObject({
      entities: z.record(
        z.string().max(63),
        z.array(z.union([z.string().max(256), z.int()])).max(1_000),
      ),
      /** `view:feature`. */
      features: z.array(z.string().max(200)).max(2_000).default([]),
      feature_service: z.string().max(63).nullish(),
      full_feature_names: z.boolean().default(false),
      include_feature_view_version_metadata: z.boolean().default(false),
    }),
    result: z.string(),
    stream: 'text',
    mediaType: 'application/json; charset=utf-8',
    limits,
  }),
  push: contract({
    id: 'feast.push',
    method: 'POST',
    path: '/push',
    summary: 'Feast: add events to what a view serves',
    permission: inWorkspace('feature.push'),
    body: z.strictObject({
      /** The view's name. */
      push_source_name: z.string().max(63),
      df: frame,
      allow_registry_cache: z.boolean().default(true),
      to: z.enum(['online']).default('online'),
      transform_on_write: z.boolean().default(true),
    }),
    result: written,
    limits,
  }),
  write: contract({
    id: 'feast.write',
    method: 'POST',
    path: '/write-to-online-store',
    summary: 'Feast: write rows of a view',
    permission: inWorkspace('feature.push'),
    body: z.strictObject({
      feature_view_name: z.string().max(63),
      df: frame,
      allow_registry_cache: z.boolean().default(true),
      transform_on_write: z.boolean().default(true),
    }),
    result: written,
    limits,
  }),
} as const;
