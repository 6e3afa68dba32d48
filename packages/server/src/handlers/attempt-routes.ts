import { attemptContracts } from '../api/attempts.ts';
import { type Route, route } from '../route.ts';
import type { Services } from './services.ts';

/** The control port of workers, each call for the one attempt of its token. */
export function attemptRoutes({ scheduler }: Services): readonly Route[] {
  const { claim, heartbeat, progress, log, commit, fail } = attemptContracts;
  return [
    route(claim, ({ principal, params, body }) =>
      scheduler.control(principal).claim(params.attempt, body),
    ),
    route(heartbeat, ({ principal, params, body }) =>
      scheduler.control(principal).heartbeat(params.attempt, body),
    ),
    route(progress, ({ principal, params, body }) =>
      scheduler.control(principal).progress(params.attempt, body),
    ),
    route(log, ({ principal, params, body }) =>
      scheduler.control(principal).log(params.attempt, body),
    ),
    route(commit, ({ principal, params, body }) =>
      scheduler.control(principal).commit(params.attempt, body),
    ),
    route(fail, ({ principal, params, body }) =>
      scheduler.control(principal).fail(params.attempt, body),
    ),
  ];
}
