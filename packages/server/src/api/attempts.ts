import { type ControlVerb, controlMessages } from '@backlot/pipelines';
import * as z from 'zod';
import { contract } from '../contract.ts';
import { ofParam } from './permission.ts';

const params = z.strictObject({ attempt: z.string().min(1).max(60) });
const limits = { bodyBytes: 4 * 1024 * 1024, timeoutMs: 60_000 } as const;

const summaries: Readonly<Record<ControlVerb, string>> = {
  claim: 'Take an attempt up',
  heartbeat: 'Keep the lease of an attempt',
  progress: 'Tell how far an attempt is',
  log: 'Write to the log of an attempt',
  commit: 'Commit the outputs and effects of an attempt',
  fail: 'Give an attempt up',
};

function attemptContract<V extends ControlVerb>(verb: V) {
  return contract({
    id: `attempts.${verb}`,
    method: 'POST',
    path: `/api/v1/attempts/:attempt/${verb}`,
    summary: summaries[verb],
    permission: ofParam(`attempt.${verb}`, 'attempt'),
    params,
    body: controlMessages[verb].request,
    result: controlMessages[verb].response,
    limits,
  });
}

/** The control port of worker processes; it is not part of what the console and the commands call. */
export const attemptContracts = {
  claim: attemptContract('claim'),
  heartbeat: attemptContract('heartbeat'),
  progress: attemptContract('progress'),
  log: attemptContract('log'),
  commit: attemptContract('commit'),
  fail: attemptContract('fail'),
} as const;
