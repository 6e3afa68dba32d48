import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { AccessRequest, Resource } from './access-request.ts';
import { type Action, actions, resourceKindOf } from './actions.ts';
import { AccessDenied, assertAllowed, createAuthorize, PoliciesInvalid } from './authorize.ts';
import { policies } from './policies.ts';
import type { Principal } from './principal.ts';
import { isRole, type Role, roles } from './role.ts';

const ann: Principal = {
  organisation: 'acme',
  workspace: 'store',
  project: 'main',
  id: 'ann',
  kind: 'person',
  roles: ['author', 'approver'],
};
const plays: Resource = { kind: 'table', id: 'plays', workspace: 'store', purposes: ['train'] };
const readPlays: AccessRequest = {
  principal: ann,
  action: 'table.read',
  resource: plays,
  context: { purpose: 'train' },
};

test('a decision that was made before is not taken for another request', () => {
  const authorize = createAuthorize();
  const first = authorize(readPlays);
  assert.equal(authorize({ ...readPlays }), first, 'the same request is decided once');
  const others: readonly AccessRequest[] = [
    { ...readPlays, context: { purpose: 'measure' } },
    { ...readPlays, resource: { ...plays, workspace: 'other' } },
    { ...readPlays, resource: { ...plays, purposes: [] } },
    { ...readPlays, principal: { ...ann, suspended: true } },
    { ...readPlays, principal: { ...ann, roles: ['viewer'] } },
    { ...readPlays, action: 'table.deliver' },
  ];
  for (const other of others) {
    assert.notEqual(authorize(other), first);
    assert.deepEqual(authorize(other), createAuthorize()(other), JSON.stringify(other));
  }
});

test('a permit names the policy that spoke, and a refusal the one that forbade', () => {
  const authorize = createAuthorize();
  assert.deepEqual(authorize(readPlays), {
    allowed: true,
    rule: 'author',
    reason: policies.author!.reason,
    errors: [],
  });
  const refused = authorize({ ...readPlays, context: { purpose: 'measure' } });
  assert.equal(refused.allowed, false);
  assert.equal(refused.rule, 'read-needs-a-purpose');
  assert.throws(
    () => assertAllowed(authorize, { ...readPlays, context: {} }),
    (error) => error instanceof AccessDenied && error.rule === 'read-needs-a-purpose',
  );
  assertAllowed(authorize, readPlays);
});

test('a forbid that errors is a denial, although Cedar itself would allow', () => {
  const overflowing = 'forbid (principal, action, resource) when { 9223372036854775807 + 1 > 0 };';
  const staticPolicies = { all: 'permit (principal, action, resource);', broken: overflowing };
  const raw = cedar.isAuthorized({
    principal: { type: 'P', id: 'a' },
    action: { type: 'Action', id: 'b' },
    resource: { type: 'R', id: 'c' },
    context: {},
    entities: [],
    policies: { staticPolicies },
  });
  assert.ok(raw.type === 'success' && raw.response.decision === 'allow', 'the trap is still there');

  const authorize = createAuthorize({
    all: { text: staticPolicies.all, reason: 'everyone may' },
    broken: { text: overflowing, reason: 'never decided' },
  });
  const decision = authorize(readPlays);
  assert.equal(decision.allowed, false);
  assert.equal(decision.rule, 'undecided');
  assert.match(decision.errors.join(), /broken.*overflow/);
});

test('policies that do not parse, do not fit the schema or can never apply are refused at load', () => {
  const wrong = [
    'permit (principal, action, resource) when {',
    'permit (principal, action, resource) when { principal.shoeSize > 3 };',
    'permit (principal, action == Action::"table.burn", resource);',
    'permit (principal, action, resource) when { resource.purposes.contains("train") };',
    'permit (principal, action, resource) when { principal.kind == 3 };',
    'permit (principal, action == Action::"table.read", resource is ModelResource);',
  ];
  for (const text of wrong) {
    assert.throws(() => createAuthorize({ wrong: { text, reason: '' } }), PoliciesInvalid, text);
  }
});

test('facts that are missing, misplaced or of a wrong type are a denial, never a pass', () => {
  const authorize = createAuthorize();
  const model: Resource = { kind: 'model', id: 'als', workspace: 'store', authors: ['bob'] };
  const approve: AccessRequest = { principal: ann, action: 'model.approve', resource: model };
  assert.equal(authorize(approve).allowed, true);
  const { authors: _, ...withoutAuthors } = model;
  const { purposes: __, ...withoutPurposes } = plays;
  const wrong: readonly AccessRequest[] = [
    { ...approve, resource: withoutAuthors },
    { ...approve, resource: { ...model, authors: [] } },
    { ...approve, resource: { ...model, authors: [undefined as unknown as string] } },
    { ...approve, resource: { ...model, kind: 'table' } },
    { ...approve, resource: { ...model, authors: [3 as unknown as string] } },
    { ...approve, resource: { ...model, workspace: null as unknown as string } },
    { ...approve, action: 'model.burn' as Action },
    { ...approve, principal: { ...ann, roles: undefined as unknown as Role[] } },
    { ...approve, principal: undefined as unknown as Principal },
    { ...readPlays, resource: withoutPurposes },
    { ...readPlays, resource: { ...plays, purposes: [] } },
  ];
  for (const request of wrong) assert.equal(authorize(request).allowed, false);
});

test('a namesake in another workspace is somebody else', () => {
  const authorize = createAuthorize();
  const resource: Resource = { kind: 'model', id: 'als', workspace: 'other', authors: ['bob'] };
  const decision = authorize({ principal: ann, action: 'model.approve', resource });
  assert.equal(decision.rule, 'other-workspace-is-unreachable');
});

test('each action is permitted to some role, and each role may do something', () => {
  const authorize = createAuthorize();
  const useful = new Set<string>();
  for (const action of Object.keys(actions) as Action[]) {
    const able = Object.keys(roles)
      .filter(isRole)
      .filter((role) => authorize(requestBy(role, action)).allowed);
    assert.notEqual(able.length, 0, `nobody may ${action}`);
    for (const role of able) useful.add(role);
  }
  assert.deepEqual([...useful].sort(), Object.keys(roles).sort());
});

function requestBy(role: Role, action: Action): AccessRequest {
  const attempt = { run: 'r', task: 't', attempt: '1' };
  const kind = resourceKindOf(action);
  const scope = { credential: 'x', expiresAt: 1, restricted: true, attempt };
  const principal: Principal =
    role === 'worker'
      ? { ...ann, kind: 'worker', roles: [role], scope }
      : { ...ann, roles: [role] };
  return {
    principal,
    action,
    context: { purpose: 'train' },
    resource: {
      kind,
      id: 'x',
      workspace: 'store',
      ...(kind === 'table' && { purposes: ['train'] }),
      ...(kind === 'model' && { authors: ['bob'] }),
      ...(kind === 'attempt' && { attempt }),
      ...((kind === 'token' || kind === 'session') && { owner: { id: 'ann', kind: 'person' } }),
    },
  };
}
