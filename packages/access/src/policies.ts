/** A policy's Cedar text, and what to tell whoever it decided for. */
export interface Policy {
  readonly text: string;
  readonly reason: string;
}

/**
 * The policies, by id. A permit speaks for a role; each forbid is a rule that no role can lift.
 * Where a forbid reads an optional attribute it asks `has` first and forbids when it is absent: a
 * caller that leaves out authors, purposes or an attempt is refused, not let through. A model without
 * a single author is one whose lineage was not read, so it is refused as well.
 */
export const policies: Readonly<Record<string, Policy>> = {
  'suspended-does-nothing': {
    reason: 'the principal is suspended',
    text: `forbid (principal, action, resource) when { principal.suspended };`,
  },
  'other-workspace-is-unreachable': {
    reason: 'the resource is not in the workspace of the principal',
    text: `forbid (principal, action, resource) unless { resource.workspace == principal.workspace };`,
  },
  'other-project-is-unreachable': {
    reason: 'the resource belongs to another project',
    text: `
      forbid (principal, action, resource)
      when { resource has project }
      unless { resource.project == principal.project };`,
  },
  'worker-keeps-to-its-attempt': {
    reason: 'a worker acts on its own attempt and on nothing else',
    text: `
      forbid (principal, action, resource)
      when { principal.kind == "worker" || principal has attempt }
      unless {
        resource is AttemptResource && principal has attempt && resource has attempt &&
        principal.attempt == resource.attempt
      };`,
  },
  'token-keeps-to-its-actions': {
    reason: 'the token does not cover this action',
    text: `
      forbid (principal, action, resource)
      when { principal has actions }
      unless { principal.actions.contains(context.action) };`,
  },
  'restricted-token-issues-nothing': {
    reason: 'a restricted token cannot issue tokens or open sessions',
    text: `
      forbid (principal, action in [Action::"token.issue", Action::"session.open"], resource)
      when { principal.restricted };`,
  },
  'read-needs-a-purpose': {
    reason: "the purpose is not among the table's purposes",
    text: `
      forbid (principal, action == Action::"table.read", resource)
      unless {
        context has purpose && resource has purposes && resource.purposes.contains(context.purpose)
      };`,
  },
  'author-never-approves': {
    reason: 'an author of the lineage of a model never approves it',
    text: `
      forbid (principal, action == Action::"model.approve", resource)
      unless {
        resource has authors && !resource.authors.isEmpty() &&
        !resource.authors.contains(principal)
      };`,
  },
  'person-gets-own-credentials': {
    reason: 'a credential of a person is issued at the wish of that person alone',
    text: `
      forbid (principal, action in [Action::"token.issue", Action::"session.open"], resource)
      unless {
        resource has owner && (resource.owner == principal ||
          (resource has ownerKind && resource.ownerKind == "service"))
      };`,
  },
  'own-credentials': {
    reason: 'a principal looks after its own credentials',
    text: `
      permit (
        principal,
        action in [
          Action::"token.read", Action::"token.issue", Action::"token.revoke",
          Action::"session.open", Action::"session.read", Action::"session.close"
        ],
        resource
      ) when { resource has owner && resource.owner == principal };`,
  },
  overview: {
    reason: 'everyone but a worker sees names, states and figures',
    text: `
      permit (
        principal,
        action in [
          Action::"workspace.read", Action::"table.describe", Action::"delivery.read",
          Action::"lineage.read", Action::"pipeline.read", Action::"run.read",
          Action::"attempt.read",
          Action::"model.read", Action::"endpoint.read", Action::"metrics.read",
          Action::"state.read", Action::"feature.read"
        ],
        resource
      ) when {
        principal in [
          Role::"viewer", Role::"author", Role::"steward", Role::"approver", Role::"operator",
          Role::"auditor", Role::"admin"
        ]
      };`,
  },
  author: {
    reason: 'an author makes models',
    text: `
      permit (
        principal in Role::"author",
        action in [
          Action::"table.read", Action::"artifact.read", Action::"run.start",
          Action::"run.cancel", Action::"run.resume", Action::"model.register",
          Action::"model.propose", Action::"endpoint.predict", Action::"feature.serve",
          Action::"feature.build"
        ],
        resource
      );`,
  },
  steward: {
    reason: 'a steward answers for tables',
    text: `
      permit (
        principal in Role::"steward",
        action in [
          Action::"table.define", Action::"table.deliver", Action::"table.read",
          Action::"lineage.send", Action::"artifact.read", Action::"feature.push",
          Action::"feature.build"
        ],
        resource
      );`,
  },
  approver: {
    reason: 'an approver decides on models',
    text: `
      permit (
        principal in Role::"approver",
        action in [Action::"artifact.read", Action::"model.approve", Action::"model.retire"],
        resource
      );`,
  },
  operator: {
    reason: 'an operator keeps things running',
    text: `
      permit (
        principal in Role::"operator",
        action in [
          Action::"run.start", Action::"run.cancel", Action::"run.resume",
          Action::"lineage.send", Action::"endpoint.deploy", Action::"endpoint.predict",
          Action::"endpoint.replay",
          Action::"model.retire", Action::"audit.verify", Action::"state.backup",
          Action::"state.collect", Action::"state.stop", Action::"feature.serve",
          Action::"feature.push", Action::"feature.build"
        ],
        resource
      );`,
  },
  auditor: {
    reason: 'an auditor reads about actions',
    text: `
      permit (
        principal in Role::"auditor",
        action in [
          Action::"principal.read", Action::"token.read", Action::"audit.read",
          Action::"audit.verify"
        ],
        resource
      );`,
  },
  admin: {
    reason: 'an admin looks after principals',
    text: `
      permit (
        principal in Role::"admin",
        action in [
          Action::"project.create", Action::"principal.read", Action::"principal.create",
          Action::"principal.suspend", Action::"token.read", Action::"token.issue",
          Action::"token.revoke", Action::"audit.verify", Action::"state.backup",
          Action::"state.stop"
        ],
        resource
      );`,
  },
  worker: {
    reason: 'a worker carries out its attempt',
    text: `
      permit (
        principal in Role::"worker",
        action in [
          Action::"attempt.claim", Action::"attempt.heartbeat", Action::"attempt.progress",
          Action::"attempt.log", Action::"attempt.commit", Action::"attempt.fail"
        ],
        resource
      );`,
  },
};
