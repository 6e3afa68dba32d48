import { BacklotError, digestOf } from '@backlot/core';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { type AccessRequest, cedarCall } from './access-request.ts';
import type { Action } from './actions.ts';
import type { Policy } from './policies.ts';
import { policies as ownPolicies } from './policies.ts';
import { policySchema } from './policy-schema.ts';

/** The answer, with the policy that decided. */
export interface AccessDecision {
  readonly allowed: boolean;
  /** A policy's id; `no-permit` when none speaks for it, `undecided` when the evaluation failed. */
  readonly rule: string;
  readonly reason: string;
  /** What Cedar said of a failed evaluation: for the log, not for the caller. */
  readonly errors: readonly string[];
}

export type Authorize = (request: AccessRequest) => AccessDecision;

/** The policies do not fit the schema, so nothing can be decided. */
export class PoliciesInvalid extends BacklotError {
  constructor(errors: readonly string[]) {
    super({
      code: 'E-ACCESS-001',
      kind: 'config',
      reason: `the policies are not valid: ${errors.join('; ')}`,
      mend: 'edit policies.ts so that each policy fits the schema',
    });
  }
}

/** The principal may not do what it asked for. */
export class AccessDenied extends BacklotError {
  readonly rule: string;

  constructor(action: Action, { rule, reason }: AccessDecision) {
    super({ code: 'E-ACCESS-002', kind: 'auth', reason: `${action} is refused: ${reason}` });
    this.rule = rule;
  }
}

/**
 * Validates and prepares the policies, and answers the function that decides. A forbid whose
 * evaluation errors is skipped by Cedar, which would then allow; here any error is a denial. A decision
 * is remembered by the whole call: Cedar takes a tenth of a millisecond for each.
 *
 * @example
 * const authorize = createAuthorize();
 * authorize({ principal, action: 'table.read', resource, context: { purpose: 'train' } }).allowed;
 */
export function createAuthorize(
  policies: Readonly<Record<string, Policy>> = ownPolicies,
): Authorize {
  const id = preparePolicies(policies);
  const known = new Map<string, AccessDecision>();
  return (request) => {
    let call: cedar.StatefulAuthorizationCall;
    try {
      call = cedarCall(request, id);
    } catch (error) {
      return undecided([String(error)]);
    }
    // The call holds all that the policies can see, so equal calls have one answer for good.
    const text = JSON.stringify(call);
    const before = known.get(text);
    if (before) return before;
    const decision = decide(call, policies);
    if (decision.rule === 'undecided' || text.length > longestKept) return decision;
    if (known.size >= mostKept) known.clear();
    known.set(text, decision);
    return decision;
  };
}

/** Some thousand people, each with what they do in a minute; a call is less than a kilobyte. */
const mostKept = 10_000;
const longestKept = 4096;

/** Throws `AccessDenied` unless the request is allowed. */
export function assertAllowed(authorize: Authorize, request: AccessRequest): void {
  const decision = authorize(request);
  if (!decision.allowed) throw new AccessDenied(request.action, decision);
}

/** Prepared sets are global to the thread by their id, so the id is the digest of what they hold. */
function preparePolicies(policies: Readonly<Record<string, Policy>>): string {
  const schema = policySchema();
  const staticPolicies = Object.fromEntries(
    Object.entries(policies).map(([id, policy]) => [id, policy.text]),
  );
  const errors = validationErrors(schema, staticPolicies);
  if (errors.length > 0) throw new PoliciesInvalid(errors);
  const id = digestOf({ schema, staticPolicies });
  for (const answer of [
    cedar.preparseSchema(id, schema),
    cedar.preparsePolicySet(id, { staticPolicies }),
  ]) {
    if (answer.type === 'failure') throw new PoliciesInvalid(answer.errors.map(messageOf));
  }
  return id;
}

/** Cedar calls a validation a success even when it found errors, so they are read one by one. */
function validationErrors(schema: string, staticPolicies: Record<string, string>): string[] {
  const answer = cedar.validate({
    schema,
    policies: { staticPolicies },
    validationSettings: { mode: 'strict' },
  });
  if (answer.type === 'failure') return answer.errors.map(messageOf);
  return [...answer.validationErrors, ...answer.validationWarnings].map(
    ({ policyId, error }) => `${policyId}: ${error.message}`,
  );
}

function messageOf(error: cedar.DetailedError): string {
  return error.message;
}

function decide(
  call: cedar.StatefulAuthorizationCall,
  policies: Readonly<Record<string, Policy>>,
): AccessDecision {
  let answer: cedar.AuthorizationAnswer;
  try {
    answer = cedar.statefulIsAuthorized(call);
  } catch (error) {
    return undecided([String(error)]);
  }
  if (answer.type === 'failure') return undecided(answer.errors.map(messageOf));
  const { decision, diagnostics } = answer.response;
  if (diagnostics.errors.length > 0) {
    return undecided(
      diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`),
    );
  }
  const rule = Object.keys(policies).find((policy) => diagnostics.reason.includes(policy));
  if (rule === undefined) return noPermit;
  const { reason } = policies[rule]!;
  return Object.freeze({ allowed: decision === 'allow', rule, reason, errors: [] });
}

const noPermit: AccessDecision = {
  allowed: false,
  rule: 'no-permit',
  reason: 'no role of the principal permits it',
  errors: [],
};

function undecided(errors: readonly string[]): AccessDecision {
  return {
    allowed: false,
    rule: 'undecided',
    reason: 'the policies could not be evaluated for this request',
    errors,
  };
}
