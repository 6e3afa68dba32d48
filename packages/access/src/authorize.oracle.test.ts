import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessRequest, Resource } from './access-request.ts';
import { type Action, actions } from './actions.ts';
import { createAuthorize } from './authorize.ts';
import type { AttemptScope, Principal, Scope } from './principal.ts';
import type { Role } from './role.ts';

/**
 * The rules once more, from the table of who may do what rather than from the policies: plain
 * loops and conditions, slow and meant to be read. v viewer, a author, s steward, p approver,
 * o operator, u auditor, d admin, w worker; own: whoever the credential belongs to.
 */
const table = `
  workspace.read     vaspoud
  project.create           d
  principal.read          ud
  principal.create         d
  principal.suspend        d
  token.read              ud own
  token.issue              d own
  token.revoke             d own
  session.open               own
  session.read               own
  session.close              own
  table.describe     vaspoud
  table.define         s
  table.deliver        s
  table.read          as
  delivery.read      vaspoud
  lineage.read       vaspoud
  lineage.send         s o
  pipeline.read      vaspoud
  run.start           a  o
  run.read           vaspoud
  run.cancel          a  o
  run.resume          a  o
  attempt.read       vaspoud
  attempt.claim             w
  attempt.heartbeat         w
  attempt.progress          w
  attempt.log               w
  attempt.commit            w
  attempt.fail              w
  artifact.read       asp
  model.read         vaspoud
  model.register      a
  model.propose       a
  model.approve         p
  model.retire          po
  endpoint.read      vaspoud
  endpoint.deploy        o
  endpoint.predict    a  o
  endpoint.replay        o
  feature.read       vaspoud
  feature.serve       a  o
  feature.push         s o
  feature.build       as o
  metrics.read       vaspoud
  audit.read              u
  audit.verify           oud
  state.read         vaspoud
  state.backup           o d
  state.collect          o
  state.stop             o d
`;

const letters: Record<string, Role> = {
  v: 'viewer',
  a: 'author',
  s: 'steward',
  p: 'approver',
  o: 'operator',
  u: 'auditor',
  d: 'admin',
  w: 'worker',
};

interface Line {
  readonly roles: readonly Role[];
  readonly own: boolean;
}

const lines = new Map<string, Line>();
for (const text of table.trim().split('\n')) {
  const words = text.trim().split(/\s+/);
  const own = words.includes('own');
  const held = words
    .slice(1)
    .filter((word) => word !== 'own')
    .join('');
  lines.set(words[0]!, { own, roles: [...held].map((letter) => letters[letter]!) });
}

function oracle({ principal, action, resource, context }: AccessRequest): boolean {
  const { scope } = principal;
  if (principal.suspended) return false;
  if (resource.workspace !== principal.workspace) return false;
  if (resource.project !== undefined && resource.project !== principal.project) return false;
  if (principal.kind === 'worker' || scope?.attempt) {
    if (!scope?.attempt || !resource.attempt) return false;
    if (scope.attempt.run !== resource.attempt.run) return false;
    if (scope.attempt.task !== resource.attempt.task) return false;
    if (scope.attempt.attempt !== resource.attempt.attempt) return false;
  }
  if (scope?.actions && !scope.actions.includes(action)) return false;
  const own = resource.owner?.id === principal.id;
  if (action === 'token.issue' || action === 'session.open') {
    if (scope?.restricted) return false;
    if (!own && resource.owner?.kind !== 'service') return false;
  }
  if (action === 'table.read') {
    if (context?.purpose === undefined) return false;
    if (!resource.purposes?.includes(context.purpose)) return false;
  }
  if (action === 'model.approve') {
    if (!resource.authors || resource.authors.length === 0) return false;
    if (resource.authors.includes(principal.id)) return false;
  }
  const line = lines.get(action);
  if (!line) return false;
  if (line.own && own) return true;
  for (const role of principal.roles) if (line.roles.includes(role)) return true;
  return false;
}

const mine: AttemptScope = { run: 'r1', task: 'fit', attempt: '1' };
const base: Scope = { credential: 'c', expiresAt: 1, restricted: true };

const roleSets: readonly (readonly Role[])[] = [
  [],
  ...Object.values(letters).map((role) => [role]),
  ['author', 'approver'],
  ['viewer', 'author', 'steward', 'approver', 'operator', 'auditor', 'admin'],
];

function scopesFor(action: Action): readonly (Scope | undefined)[] {
  return [
    undefined,
    { ...base, actions: [action] },
    { ...base, actions: ['workspace.read', 'attempt.log'] },
    { ...base, attempt: mine },
  ];
}

/** The facts of a resource that the rules ask for, each there, there otherwise, and absent. */
function variationsOf(action: Action): readonly Partial<Resource>[] {
  switch (action.split('.')[0]) {
    case 'table':
      return [{}, { purposes: [] }, { purposes: ['train', 'measure'] }];
    case 'model':
      return [{}, { authors: [] }, { authors: ['bob'] }, { authors: ['bob', 'ann'] }];
    case 'attempt':
      return [
        {},
        { attempt: mine },
        { attempt: { ...mine, run: 'r2' } },
        { attempt: { ...mine, task: 'split' } },
        { attempt: { ...mine, attempt: '2' } },
      ];
    case 'token':
    case 'session':
      return [
        {},
        { owner: { id: 'ann', kind: 'person' } },
        { owner: { id: 'bob', kind: 'person' } },
        { owner: { id: 'robot', kind: 'service' } },
      ];
    default:
      return [{}];
  }
}

const places = [
  { workspace: 'store', project: 'main' },
  { workspace: 'store', project: 'side' },
  { workspace: 'other', project: 'main' },
];

function kindsFor(scope: Scope | undefined): readonly ('person' | 'worker')[] {
  return scope?.actions ? ['person'] : ['person', 'worker'];
}

function* requests(): Iterable<AccessRequest> {
  for (const action of Object.keys(actions) as Action[])
    for (const roles of roleSets)
      for (const scope of scopesFor(action))
        for (const kind of kindsFor(scope))
          for (const suspended of scope ? [false] : [false, true])
            for (const place of places)
              for (const facts of variationsOf(action))
                for (const purpose of action === 'table.read'
                  ? [undefined, 'train', 'serve']
                  : ['train']) {
                  const principal: Principal = {
                    organisation: 'acme',
                    workspace: 'store',
                    project: 'main',
                    id: 'ann',
                    kind,
                    roles,
                    suspended,
                    ...(scope && { scope }),
                  };
                  const resourceKind = action.split('.')[0] as Resource['kind'];
                  yield {
                    principal,
                    action,
                    resource: { kind: resourceKind, id: 'x', ...place, ...facts },
                    ...(purpose !== undefined && { context: { purpose } }),
                  };
                }
}

test('the oracle has a line for each action and for nothing else', () => {
  assert.deepEqual([...lines.keys()], Object.keys(actions));
});

test('Cedar and the oracle agree on every enumerated request', (context) => {
  const authorize = createAuthorize();
  let asked = 0;
  let allowed = 0;
  for (const request of requests()) {
    const expected = oracle(request);
    const decision = authorize(request);
    asked++;
    if (expected) allowed++;
    if (decision.allowed !== expected || decision.errors.length > 0) {
      assert.fail(`expected ${expected}: ${JSON.stringify({ decision, request })}`);
    }
  }
  context.diagnostic(`${asked} requests, ${allowed} allowed`);
  assert.ok(asked >= 10_000);
  assert.ok(allowed >= 500);
});
