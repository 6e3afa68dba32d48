import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace, ofParam } from './permission.ts';
import { count, digest, estimate, instant, json, name, readLimits, smallLimits } from './shapes.ts';

export const approvalState = z.enum([
  'none',
  'proposed',
  'approved',
  'refused',
  'void',
  'expired',
  'consumed',
]);

export const versionSummary = z.strictObject({
  model: name,
  version: count,
  digest,
  bytes: count,
  at: instant,
  run: z.string().optional(),
  authors: z.array(z.string()),
  aliases: z.array(z.string()),
  approval: approvalState,
  metrics: z.record(z.string(), z.number()),
});

export const metricRow = z.strictObject({
  metric: z.string(),
  /** `all` or the attribute that was sliced by. */
  slice: z.string(),
  /** The slice's value, `all` for the whole. */
  value: z.string(),
  accounts: count,
  estimate,
  /** The same metric of what it is compared with, and their paired difference. */
  baseline: estimate.optional(),
  difference: estimate.optional(),
});

export const versionView = versionSummary.extend({
  estimator: z.string(),
  parameters: json,
  inputs: z.array(z.strictObject({ name: z.string(), digest, rows: count.optional() })),
  evaluation: digest,
  card: digest,
  code: digest,
  /** The generated card: data for the page, and its Markdown. */
  cardData: json,
  cardMarkdown: z.string(),
  baseline: z.string().optional(),
  rows: z.array(metricRow),
  /** Slices that were asked for and that the data does not carry. */
  absentSlices: z.array(z.string()),
  privacy: z.array(z.strictObject({ label: z.string(), text: z.string() })),
  proposal: z
    .strictObject({
      id: z.string(),
      endpoint: name,
      by: z.string(),
      at: instant,
      expiresAt: instant,
      binds: z.array(z.strictObject({ name: z.string(), value: z.string() })),
      checks: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), measure: z.string() })),
    })
    .optional(),
  decisions: z.array(
    z.strictObject({
      by: z.string(),
      decision: z.enum(['approved', 'refused']),
      reason: z.string(),
      at: instant,
      key: z.string().optional(),
      statement: digest.optional(),
    }),
  ),
  /** Whether the asker may approve, and if not why. */
  mayApprove: z.strictObject({ allowed: z.boolean(), reason: z.string().optional() }),
  /** What changes against the version in production: removed (`-`), added (`+`), same (` `). */
  diff: z
    .strictObject({
      against: count,
      lines: z.array(
        z.strictObject({ mark: z.enum(['-', '+', ' ']), key: z.string(), value: z.string() }),
      ),
    })
    .optional(),
});

export const listModels = contract({
  id: 'models.list',
  method: 'GET',
  path: '/api/v1/models',
  summary: 'Models with their newest version and the one in production',
  permission: inWorkspace('model.read'),
  result: z.strictObject({
    models: z.array(
      z.strictObject({
        name,
        versions: count,
        latest: versionSummary,
        production: versionSummary.optional(),
      }),
    ),
  }),
  limits: readLimits,
});

export const listVersions = contract({
  id: 'models.versions',
  method: 'GET',
  path: '/api/v1/models/:model',
  summary: 'The versions of a model, newest first',
  permission: ofParam('model.read', 'model'),
  params: z.strictObject({ model: name }),
  result: z.strictObject({ model: name, versions: z.array(versionSummary) }),
  limits: readLimits,
});

const versionParams = z.strictObject({ model: name, version: z.coerce.number().int().min(1) });

export const readVersion = contract({
  id: 'models.read',
  method: 'GET',
  path: '/api/v1/models/:model/versions/:version',
  summary: 'A model version: card, metrics by slice, proposal, decisions, diff',
  permission: ofParam('model.read', 'model'),
  params: versionParams,
  result: versionView,
  limits: readLimits,
});

export const decideVersion = contract({
  id: 'models.decide',
  method: 'POST',
  path: '/api/v1/models/:model/versions/:version/decisions',
  summary: 'Sign and approve, or refuse, what was proposed',
  permission: { action: 'model.approve' },
  params: versionParams,
  body: z.strictObject({
    decision: z.enum(['approve', 'refuse']),
    reason: z.string().min(1).max(2000),
    /**
     * The digests that the person looked at: what is signed is refused when the version has others by
     * now. Without them, what stands when the decision arrives is signed.
     */
    seen: z.strictObject({ digest, evaluation: digest, card: digest }).optional(),
  }),
  result: z.strictObject({
    approval: approvalState,
    statement: digest.optional(),
    expiresAt: instant.optional(),
  }),
  limits: smallLimits,
});
