import { type Digest, isDigest } from '@backlot/core';
import * as z from 'zod';
import { artifactRef } from '../authoring/artifact.ts';

const digest = z.custom<Digest>(isDigest, 'not a digest');
const refs = z.record(z.string().max(63), artifactRef);
const json = z.json();
const empty = z.strictObject({});
const state = z.strictObject({ state: z.string() });

/** An error on the wire; the same object as under `--json`. */
export const problem = z.strictObject({
  code: z.string().max(40),
  kind: z.enum([
    'failed',
    'usage',
    'config',
    'auth',
    'unreachable',
    'notFound',
    'refused',
    'budget',
    'conflict',
  ]),
  reason: z.string().max(4000),
  place: z.string().max(1000).optional(),
  mend: z.string().max(1000).optional(),
});

const principal = z.strictObject({
  organisation: z.string(),
  workspace: z.string(),
  project: z.string(),
  id: z.string(),
  kind: z.enum(['person', 'service', 'worker']),
  roles: z.array(z.string()),
});

const progress = z.strictObject({
  done: z.number().min(0),
  total: z.number().min(0).optional(),
  unit: z.string().max(40),
  loss: z.number().optional(),
});

/** All that a worker needs to know of its attempt. */
const claim = z.strictObject({
  reference: z.string(),
  run: z.string(),
  node: z.string(),
  attempt: z.string(),
  number: z.int().min(1),
  pipeline: z.string(),
  /** The plan that the run began with: the worker checks that its code still makes the same. */
  plan: digest,
  runParameters: z.record(z.string(), json),
  parameters: z.record(z.string(), json),
  inputs: refs,
  seed: z.int().min(0),
  principal,
  leaseMs: z.int().min(1),
  heartbeatMs: z.int().min(1),
});

/**
 * What workers and the owner say to each other: for each verb of
 * `POST /api/v1/attempts/:attempt/<verb>` the request's body and the answer.
 */
export const controlMessages = {
  claim: { request: z.strictObject({ pid: z.int().min(1).optional() }), response: claim },
  heartbeat: { request: empty, response: z.strictObject({ cancel: z.boolean() }) },
  progress: { request: progress, response: empty },
  log: { request: z.strictObject({ text: z.string().max(65_536) }), response: empty },
  commit: {
    request: z.strictObject({
      outputs: refs,
      effects: z.array(z.strictObject({ kind: z.string().max(63), payload: json })).max(1000),
      metrics: z.record(z.string().max(120), z.number()),
      version: digest,
    }),
    response: state,
  },
  fail: {
    request: z.strictObject({
      class: z.enum(['retry', 'final', 'skip', 'cancelled']),
      error: problem,
    }),
    response: state,
  },
} as const;

/** A verb of the control port. */
export type ControlVerb = keyof typeof controlMessages;
/** What a worker says with a verb. */
export type ControlRequest<V extends ControlVerb> = z.output<
  (typeof controlMessages)[V]['request']
>;
/** What the owner answers. */
export type ControlResponse<V extends ControlVerb> = z.output<
  (typeof controlMessages)[V]['response']
>;

/**
 * The control port, as workers use it. Each call names the attempt it speaks for, and is refused
 * with a conflict when that attempt is no longer the newest or has ended.
 */
export type Control = {
  readonly [V in ControlVerb]: (
    attempt: string,
    request: ControlRequest<V>,
  ) => Promise<ControlResponse<V>>;
};
