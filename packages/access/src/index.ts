export { type Access, openAccess } from './access.ts';
export type { AccessRequest, Resource } from './access-request.ts';
export { accessSchema } from './access-schema.ts';
export {
  type Action,
  actions,
  isAction,
  type ResourceKind,
  resourceKindOf,
} from './actions.ts';
export {
  type AccessDecision,
  AccessDenied,
  type Authorize,
  assertAllowed,
  createAuthorize,
  PoliciesInvalid,
} from './authorize.ts';
export { writeCredentialFile } from './credential-file.ts';
export { type Policy, policies } from './policies.ts';
export type { AttemptScope, Principal, PrincipalKind, Scope } from './principal.ts';
export {
  type Founding,
  NameTaken,
  type NewPrincipal,
  NotInWorkspace,
  Principals,
  RolesRefused,
  workerId,
} from './principals.ts';
export { assertPurpose, isPurpose, type Purpose, PurposeRefused, purposes } from './purpose.ts';
export { isRole, type Role, roles } from './role.ts';
export { type BootstrapSecret, type OpenedSession, Sessions } from './sessions.ts';
export {
  type Authenticated,
  type IssuedToken,
  type NewToken,
  TokenRefused,
  type TokenSummary,
  Tokens,
} from './tokens.ts';
