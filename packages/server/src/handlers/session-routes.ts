import type { Principal } from '@backlot/access';
import type * as z from 'zod';
import * as session from '../api/session.ts';
import { ServerError } from '../error.ts';
import { type Route, route } from '../route.ts';
import type { Services } from './services.ts';

/** Opens and closes console sessions, and tells who asks. */
export function sessionRoutes({ access, io, version }: Services): readonly Route[] {
  return [
    route(session.openSession, async ({ body, request }) => {
      const opened = await access.sessions.open(body.code);
      if (!opened)
        throw new ServerError('unauthenticated', 'the code is not good, or not any more');
      const { text, expiresAt, principal } = opened;
      request.session.set(text, Math.floor((expiresAt - io.clock.now()) / 1000));
      return { principal: principalView(principal), expiresAt };
    }),
    route(session.closeSession, async ({ principal, request }) => {
      const credential = principal.scope?.credential;
      if (credential !== undefined) await access.sessions.close(principal, credential);
      request.session.clear();
      return { closed: true };
    }),
    route(session.whoAmI, ({ principal }) => ({ principal: principalView(principal), version })),
  ];
}

function principalView(principal: Principal): z.input<typeof session.principalView> {
  const { id, kind, roles, organisation, workspace, project } = principal;
  const title = `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`;
  return { id, title, kind, roles: [...roles], organisation, workspace, project };
}
