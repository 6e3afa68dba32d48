import * as state from '../api/state.ts';
import { type Route, route } from '../route.ts';
import type { Services } from './services.ts';

/** Backups and the collection of garbage. */
export function stateRoutes(services: Services): readonly Route[] {
  return [
    route(state.backUp, () => services.backUp()),
    route(state.collectGarbage, ({ body }) => services.collectGarbage(body.dryRun)),
  ];
}
