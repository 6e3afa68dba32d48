import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace } from './permission.ts';
import { instant, name, readLimits, smallLimits } from './shapes.ts';

export const principalView = z.strictObject({
  id: name,
  title: z.string(),
  kind: z.enum(['person', 'service', 'worker']),
  roles: z.array(z.string()),
  organisation: name,
  workspace: name,
  project: name,
});

/** Swaps the one-time code of the printed address for a session cookie. */
export const openSession = contract({
  id: 'session.open',
  method: 'POST',
  path: '/api/v1/session',
  summary: 'Swap a one-time code for a session',
  permission: 'open',
  body: z.strictObject({ code: z.string().min(1).max(200) }),
  result: z.strictObject({ principal: principalView, expiresAt: instant }),
  limits: { ...smallLimits, bodyBytes: 1024, ratePerMinute: 30 },
});

export const closeSession = contract({
  id: 'session.close',
  method: 'DELETE',
  path: '/api/v1/session',
  summary: 'End this session',
  permission: inWorkspace('session.close'),
  result: z.strictObject({ closed: z.boolean() }),
  limits: readLimits,
});

export const whoAmI = contract({
  id: 'session.read',
  method: 'GET',
  path: '/api/v1/me',
  summary: 'The principal of this request',
  permission: inWorkspace('session.read'),
  result: z.strictObject({ principal: principalView, version: z.string() }),
  limits: readLimits,
});
