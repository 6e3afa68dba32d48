import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace, ofParam } from './permission.ts';
import { instant, name, readLimits, smallLimits } from './shapes.ts';

export const tokenView = z.strictObject({
  id: z.string(),
  title: z.string(),
  principal: name,
  actions: z.array(z.string()),
  createdAt: instant,
  expiresAt: instant,
  revokedAt: instant.optional(),
});

export const listTokens = contract({
  id: 'tokens.list',
  method: 'GET',
  path: '/api/v1/tokens',
  summary: 'Tokens that were issued; never their texts',
  permission: inWorkspace('token.read'),
  result: z.strictObject({ tokens: z.array(tokenView) }),
  limits: readLimits,
});

export const issueToken = contract({
  id: 'tokens.issue',
  method: 'POST',
  path: '/api/v1/tokens',
  summary: 'Issue a token for the asker, with at most the rights the asker holds',
  permission: inWorkspace('token.issue'),
  body: z.strictObject({
    title: z.string().min(1).max(100),
    actions: z.array(z.string().max(60)).min(1).max(50),
    days: z.int().min(1).max(365).default(30),
  }),
  result: z.strictObject({ token: z.string(), view: tokenView }),
  limits: smallLimits,
});

export const revokeToken = contract({
  id: 'tokens.revoke',
  method: 'DELETE',
  path: '/api/v1/tokens/:token',
  summary: 'Revoke a token at once',
  permission: ofParam('token.revoke', 'token'),
  params: z.strictObject({ token: z.string().max(60) }),
  result: z.strictObject({ revoked: z.boolean() }),
  limits: readLimits,
});
