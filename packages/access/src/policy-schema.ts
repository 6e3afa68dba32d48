import {
  type Action,
  actions,
  type ResourceKind,
  resourceKindOf,
  resourceKinds,
} from './actions.ts';

/**
 * The Cedar schema that the policies are checked against: one entity type for each kind of
 * resource, one Cedar action for each action, applied to the type of its noun alone.
 */
export function policySchema(): string {
  const types = resourceKinds().map(
    (kind) => `entity ${cedarType(kind)} = { workspace: String, project?: String${extra(kind)} };`,
  );
  const declared = (Object.keys(actions) as Action[]).map(
    (action) =>
      `action "${action}" appliesTo { principal: [Principal], ` +
      `resource: [${cedarType(resourceKindOf(action))}], ` +
      'context: { action: String, purpose?: String } };',
  );
  return [principalSchema, ...types, ...declared].join('\n');
}

const attempt = '{ run: String, task: String, attempt: String }';

const principalSchema = `entity Role;
entity Principal in [Role] = {
  workspace: String, project: String, kind: String, suspended: Bool, restricted: Bool,
  actions?: Set<String>, attempt?: ${attempt}
};`;

const extras: Partial<Record<ResourceKind, string>> = {
  table: 'purposes?: Set<String>',
  model: 'authors?: Set<Principal>',
  attempt: `attempt?: ${attempt}`,
  token: 'owner?: Principal, ownerKind?: String',
  session: 'owner?: Principal, ownerKind?: String',
};

function extra(kind: ResourceKind): string {
  const fields = extras[kind];
  return fields === undefined ? '' : `, ${fields}`;
}

/** The entity type of a kind of resource: `table` is `TableResource`. */
export function cedarType(kind: ResourceKind): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Resource`;
}
