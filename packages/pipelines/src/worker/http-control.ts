import { isId } from '@backlot/core';
import * as z from 'zod';
import { ControlRefused, ControlUnreachable, NotFound } from '../pipelines-error.ts';
import {
  type Control,
  type ControlRequest,
  type ControlResponse,
  type ControlVerb,
  controlMessages,
  problem,
} from './control-messages.ts';

export interface HttpControlOptions {
  /** The owner's address, such as `http://127.0.0.1:4747`. */
  readonly api: string;
  /** The token of the attempt. It goes into a header and nowhere else. */
  readonly token: string;
  readonly fetch: typeof fetch;
  /** How long one call may take; 30 s when absent. */
  readonly timeoutMs?: number;
}

/** The control port over HTTP. A call that got no answer may be made again: all are idempotent. */
export function httpControl(options: HttpControlOptions): Control {
  const call =
    <V extends ControlVerb>(verb: V) =>
    (attempt: string, request: ControlRequest<V>): Promise<ControlResponse<V>> =>
      post(options, verb, attempt, request);
  return {
    claim: call('claim'),
    heartbeat: call('heartbeat'),
    progress: call('progress'),
    log: call('log'),
    commit: call('commit'),
    fail: call('fail'),
  };
}

async function post<V extends ControlVerb>(
  { api, token, fetch: send, timeoutMs = 30_000 }: HttpControlOptions,
  verb: V,
  attempt: string,
  request: ControlRequest<V>,
): Promise<ControlResponse<V>> {
  if (!isId(attempt)) throw new NotFound('such attempt');
  let response: Response;
  let body: unknown;
  try {
    response = await send(new URL(`/api/v1/attempts/${attempt}/${verb}`, api), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(controlMessages[verb].request.parse(request)),
      signal: AbortSignal.timeout(timeoutMs),
    });
    body = await response.json();
  } catch (error) {
    if (error instanceof z.ZodError) throw error;
    throw new ControlUnreachable(`${verb} got no answer`, error);
  }
  if (!response.ok) throw refusal(verb, response.status, body);
  const parsed = controlMessages[verb].response.safeParse(body);
  if (!parsed.success) throw new ControlUnreachable(`the answer to ${verb} is not understood`);
  return parsed.data as ControlResponse<V>;
}

/** The owner's own error, told as it is: bare, or as the member `error` of the answer. */
function refusal(verb: ControlVerb, status: number, body: unknown): Error {
  const said = z
    .union([problem.loose(), z.object({ error: problem.loose() }).transform(({ error }) => error)])
    .safeParse(body);
  if (!said.success) return new ControlUnreachable(`${verb} was answered with status ${status}`);
  const { code, kind, reason, place, mend } = said.data;
  return new ControlRefused({
    code,
    kind,
    reason,
    ...(place !== undefined && { place }),
    ...(mend !== undefined && { mend }),
  });
}
