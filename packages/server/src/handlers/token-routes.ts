import { type Action, isAction, type TokenSummary } from '@backlot/access';
import type * as z from 'zod';
import * as tokens from '../api/tokens.ts';
import { ServerError } from '../error.ts';
import { type Route, route } from '../route.ts';
import type { Services } from './services.ts';

const dayMs = 86_400_000;

/** Tokens: listed without their texts, issued for the asker alone, revoked at once. */
export function tokenRoutes({ access }: Services): readonly Route[] {
  return [
    route(tokens.listTokens, async ({ principal }) => ({
      tokens: (await access.tokens.list(principal, principal.id)).map(tokenView),
    })),
    route(tokens.issueToken, async ({ principal, body }) => {
      const { id, text, expiresAt } = await access.tokens.issue(principal, {
        ...{ principal: principal.id, title: body.title, lifetimeMs: body.days * dayMs },
        // Roles too, so that one that is granted later does not widen what was issued now.
        ...{ actions: body.actions.map(actionOf), roles: principal.roles },
      });
      const found = await access.tokens.find(principal, id);
      if (!found) throw new ServerError('internal', 'the token was issued and is not there');
      return { token: text, view: { ...tokenView(found), expiresAt } };
    }),
    route(tokens.revokeToken, async ({ principal, params }) => {
      await access.tokens.revoke(principal, params.token);
      return { revoked: true };
    }),
  ];
}

function actionOf(text: string): Action {
  if (isAction(text)) return text;
  throw new ServerError('invalidInput', 'an action is noun.verb, such as run.read', {
    place: 'body.actions',
  });
}

function tokenView(token: TokenSummary): z.input<typeof tokens.tokenView> {
  const { id, principal, title = id, actions = [], createdAt, expiresAt, revokedAt } = token;
  return {
    ...{ id, title, principal, actions: [...actions], createdAt, expiresAt },
    ...(revokedAt !== undefined && { revokedAt }),
  };
}
