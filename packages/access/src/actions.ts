/**
 * Every action that a route may ask for, and what it does. The noun before the dot is the kind of
 * resource it acts on. A new action needs a policy that permits it, else nobody may do it.
 */
export const actions = {
  'workspace.read': 'sees the workspace and its projects',
  'project.create': 'adds a project to the workspace',
  'principal.read': 'lists principals and their roles',
  'principal.create': 'adds a principal',
  'principal.suspend': 'suspends a principal, or ends its suspension',
  'token.read': 'lists tokens, never their text',
  'token.issue': 'issues a token',
  'token.revoke': 'revokes a token',
  'session.open': 'asks for a one-time secret that opens a console session',
  'session.read': 'learns who is signed in',
  'session.close': 'ends a console session',
  'table.describe': 'sees a contract, snapshots and counts, no rows',
  'table.define': 'sets the contract of a table',
  'table.deliver': 'delivers rows to a table',
  'table.read': 'reads rows, for a purpose that the contract allows',
  'delivery.read': 'sees receipts and why rows were refused, not the rows',
  'lineage.read': 'sees what tables and columns are made from and by which jobs, no rows',
  'lineage.send': 'sends events of lineage',
  'pipeline.read': 'sees pipelines and their plans',
  'run.start': 'starts a run',
  'run.read': 'sees a run, its tasks, metrics and events',
  'run.cancel': 'cancels a run',
  'run.resume': 'resumes a run from where it failed',
  'attempt.read': "sees an attempt's log",
  'attempt.claim': 'takes an attempt up',
  'attempt.heartbeat': 'keeps the lease of an attempt',
  'attempt.progress': 'tells how far an attempt is',
  'attempt.log': 'writes to the log of an attempt',
  'attempt.commit': 'commits the outputs of an attempt',
  'attempt.fail': 'gives an attempt up',
  'artifact.read': 'reads the bytes of an artifact',
  'model.read': 'sees model versions, cards and approvals',
  'model.register': 'registers a model version',
  'model.propose': 'proposes a model version for approval',
  'model.approve': 'approves a model version, or refuses it',
  'model.retire': 'retires a model version',
  'endpoint.read': 'sees endpoints and their figures',
  'endpoint.deploy': 'points an endpoint at an approved model',
  'endpoint.predict': 'asks an endpoint',
  'endpoint.replay': 'replays an answer from its prediction id',
  'feature.read': 'sees feature views, their freshness and what they are made of, no values',
  'feature.serve': 'reads the values of features by key',
  'feature.push': 'adds events to what is served',
  'feature.build': 'brings what is served up to the tables',
  'metrics.read': 'reads counters and latencies',
  'audit.read': 'reads the ledger',
  'audit.verify': 'recomputes the ledger against its checkpoints',
  'state.read': 'sees the size, version and health of the state folder',
  'state.backup': 'writes a backup of the state',
  'state.collect': 'removes objects that nothing refers to',
  'state.stop': 'stops the server',
} as const;

/** An action, `noun.verb`. */
export type Action = keyof typeof actions;

type NounOf<Text> = Text extends `${infer Noun}.${string}` ? Noun : never;

/** The kind of a resource: the noun of an action. */
export type ResourceKind = NounOf<Action>;

/** Whether a text names an action. */
export function isAction(text: unknown): text is Action {
  return typeof text === 'string' && Object.hasOwn(actions, text);
}

/** The kind of resource that an action acts on. */
export function resourceKindOf(action: Action): ResourceKind {
  return action.slice(0, action.indexOf('.')) as ResourceKind;
}

/** All kinds of resource, in the order of the actions. */
export function resourceKinds(): readonly ResourceKind[] {
  return [...new Set((Object.keys(actions) as Action[]).map(resourceKindOf))];
}
