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

function attemptContract<B extends z.ZodType, R extends z.ZodType>(
  verb: ControlVerb,
  { request, response }: { readonly request: B; readonly response: R },
) {
  return contract({
    id: `attempts.${verb}`,
    method: 'POST',
    path: `/api/v1/attempts/:attempt/${verb}`,
    summary: summaries[verb],
    permission: ofParam(`attempt.${verb}`, 'attempt'),
    params,
    body: request,
    result: response,
    limits,
  });
}

/** The control port of worker processes; it is not part of what the console and the commands call. */
export const attemptContracts = {
  claim: attemptContract('claim', controlMessages.claim),
  heartbeat: attemptContract('heartbeat', controlMessages.heartbeat),
  progress: attemptContract('progress', controlMessages.progress),
  log: attemptContract('log', controlMessages.log),
  commit: attemptContract('commit', controlMessages.commit),
  fail: attemptContract('fail', controlMessages.fail),
} as const;
