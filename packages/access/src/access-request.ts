import type * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { Action, ResourceKind } from './actions.ts';
import { cedarType } from './policy-schema.ts';
import type { AttemptScope, Principal, PrincipalKind } from './principal.ts';

/** What is asked: may this principal do this to that? */
export interface AccessRequest {
  readonly principal: Principal;
  readonly action: Action;
  readonly resource: Resource;
  readonly context?: { readonly purpose?: string };
}

/**
 * What is acted on. Its kind is the noun of the action. The fields are facts that the caller read
 * from its own tables, never from a payload.
 */
export interface Resource {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly workspace: string;
  readonly project?: string;
  /** A table: the purposes of its contract. */
  readonly purposes?: readonly string[];
  /** A model: the ids of all principals who had a hand in its lineage. */
  readonly authors?: readonly string[];
  /** An attempt: which one it is. */
  readonly attempt?: AttemptScope;
  /** A token or session: whose it is, or will be. */
  readonly owner?: { readonly id: string; readonly kind: PrincipalKind };
}

/** The request as Cedar takes it. Two entities go along, as each one costs about 20 microseconds. */
export function cedarCall(
  { principal, action, resource, context }: AccessRequest,
  id: string,
): cedar.StatefulAuthorizationCall {
  const principalUid = principalEntity(principal.workspace, principal.id);
  const resourceUid = {
    type: cedarType(resource.kind),
    id: `${resource.workspace}/${resource.id}`,
  };
  return {
    principal: principalUid,
    action: { type: 'Action', id: action },
    resource: resourceUid,
    context: { action, ...(context?.purpose !== undefined && { purpose: context.purpose }) },
    entities: [
      {
        uid: principalUid,
        attrs: principalAttributes(principal),
        parents: principal.roles.map((role) => ({ type: 'Role', id: role })),
      },
      { uid: resourceUid, attrs: resourceAttributes(resource), parents: [] },
    ],
    preparsedSchemaName: id,
    preparsedPolicySetId: id,
    validateRequest: true,
  };
}

/** The workspace is part of the identity, so that namesakes of two workspaces are never one. */
function principalEntity(workspace: string, id: string): cedar.TypeAndId {
  // A text template would turn an absent author into the author "undefined", whom nobody is.
  if (typeof id !== 'string') throw new TypeError('the id of a principal is not a text');
  return { type: 'Principal', id: `${workspace}/${id}` };
}

function principalAttributes(principal: Principal): Record<string, cedar.CedarValueJson> {
  const { workspace, project, kind, suspended, scope } = principal;
  return {
    workspace,
    project,
    kind,
    suspended: suspended === true,
    restricted: scope?.restricted === true,
    ...(scope?.actions && { actions: [...scope.actions] }),
    ...(scope?.attempt && { attempt: attemptValue(scope.attempt) }),
  };
}

function resourceAttributes(resource: Resource): Record<string, cedar.CedarValueJson> {
  const { workspace, project, purposes, authors, attempt, owner } = resource;
  return {
    workspace,
    ...(project !== undefined && { project }),
    ...(purposes && { purposes: [...purposes] }),
    ...(authors && {
      authors: authors.map((author) => ({ __entity: principalEntity(workspace, author) })),
    }),
    ...(attempt && { attempt: attemptValue(attempt) }),
    ...(owner && {
      owner: { __entity: principalEntity(workspace, owner.id) },
      ownerKind: owner.kind,
    }),
  };
}

function attemptValue({ run, task, attempt }: AttemptScope): cedar.CedarValueJson {
  return { run, task, attempt };
}
