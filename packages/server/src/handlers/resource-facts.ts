import {
  type Access,
  type AccessRequest,
  isAction,
  type Principal,
  resourceKindOf,
} from '@backlot/access';
import { tableDetail } from '@backlot/data';
import { getVersion, latestProposal, lineageAuthors, NotRegistered } from '@backlot/registry';
import { ServerError } from '../error.ts';
import type { Authenticate, Authorize } from '../ports.ts';
import type { Resource } from '../principal.ts';
import type { Services } from './services.ts';

type Facts = Omit<AccessRequest['resource'], 'kind' | 'id' | 'workspace'>;
type Known = Pick<Services, 'access' | 'metadata'>;

/** Who a bearer token or a session cookie speaks for. */
export function authenticateWith(access: Access): Authenticate {
  return async ({ kind, secret }) => {
    const found =
      kind === 'bearer'
        ? await access.authenticate(secret)
        : await access.sessions.authenticate(secret);
    return found?.principal;
  };
}

/**
 * Asks Cedar, with the facts of the resource as our own tables know them. What does not exist, or
 * exists elsewhere, is answered as absent.
 */
export function authorizeWith(services: Known): Authorize {
  return async (principal, action, resource, { purpose }) => {
    if (!isAction(action)) return { allowed: false, reason: 'no such action' };
    const decision = services.access.authorize({
      principal,
      action,
      resource: {
        kind: resourceKindOf(action),
        id: resource.id,
        workspace: principal.workspace,
        ...(await factsOf(services, principal, action, resource)),
      },
      ...(purpose !== undefined && { context: { purpose } }),
    });
    const { allowed, rule, reason } = decision;
    return { allowed, rule, reason };
  };
}

async function factsOf(
  services: Known,
  principal: Principal,
  action: string,
  resource: Resource,
): Promise<Facts> {
  const kind = action.slice(0, action.indexOf('.'));
  if (kind === 'model' && action === 'model.approve')
    return modelFacts(services, principal, resource.id);
  if (kind === 'attempt') return attemptFacts(services, principal, resource.id);
  if (kind === 'token' || kind === 'session') return ownerFacts(services, principal, resource.id);
  if (action === 'table.read') return tableFacts(services, principal, resource.id);
  return {};
}

/** The authors of a version, named as `model/version`. */
async function modelFacts({ metadata }: Known, principal: Principal, id: string): Promise<Facts> {
  const [model = '', number] = id.split('/');
  const version = await getVersion(metadata, principal.workspace, model, Number(number));
  const proposal = await latestProposal(metadata, principal.workspace, model, version.version);
  if (!proposal) throw new NotRegistered('proposal of that version');
  return { authors: [...lineageAuthors(version, proposal)] };
}

async function attemptFacts({ metadata }: Known, principal: Principal, id: string): Promise<Facts> {
  const row = await metadata.get<{ run: string; node: string }>(
    'SELECT run, node FROM pipeline_attempts WHERE workspace = ? AND id = ?',
    principal.workspace,
    id,
  );
  if (!row) throw absent();
  return { attempt: { run: row.run, task: row.node, attempt: id } };
}

/** Credentials as a whole belong to whoever asks; a single one to the principal it was issued for. */
async function ownerFacts({ access }: Known, principal: Principal, id: string): Promise<Facts> {
  const self = { id: principal.id, kind: principal.kind };
  if (id === principal.workspace || id === '') return { owner: self };
  const token = await access.tokens.find(principal, id);
  const owner = token && (await access.principals.find(principal.workspace, token.principal));
  if (!owner) throw absent();
  return { owner: { id: owner.id, kind: owner.kind } };
}

async function tableFacts({ metadata }: Known, principal: Principal, id: string): Promise<Facts> {
  const table = await tableDetail(metadata, principal.workspace, id);
  if (!table) throw absent();
  return { purposes: table.contract.purposes };
}

function absent(): ServerError {
  return new ServerError('unknownRoute', 'there is nothing of that id here');
}
