/** What each role is for. What a role may do is said by the policies. */
export const roles = {
  viewer: 'sees names, states and figures; no rows, no artifacts',
  author: 'reads tables for a purpose, starts runs, registers and proposes models',
  steward: 'defines tables, takes deliveries, reads tables for a purpose',
  approver: 'approves or refuses models that others made',
  operator: 'deploys endpoints, runs pipelines, backs the state up',
  auditor: 'reads everything about actions and nothing about subjects',
  admin: 'creates and suspends principals, issues tokens to services',
  worker: 'carries out one attempt of one task',
} as const;

/** The name of a role. */
export type Role = keyof typeof roles;

/** Whether a text names a role. */
export function isRole(text: unknown): text is Role {
  return typeof text === 'string' && Object.hasOwn(roles, text);
}
