import { assert, BacklotError, type Clock, parseName } from '@backlot/core';
import type { Metadata, Reader, Transaction } from '@backlot/store';
import type { Principal, PrincipalKind } from './principal.ts';
import { isRole, type Role, roles } from './role.ts';

/** The names of a tree's first branch, and of its first person. */
export interface Founding {
  readonly organisation: string;
  readonly workspace: string;
  readonly project: string;
  /** The id of the first person, who becomes an admin with the roles given. */
  readonly admin: string;
  readonly roles?: readonly Role[];
}

/** A principal to be made. */
export interface NewPrincipal {
  readonly id: string;
  readonly kind: Exclude<PrincipalKind, 'worker'>;
  readonly roles: readonly Role[];
  /** The project it works in; that of whoever makes it when absent. */
  readonly project?: string;
}

/** A name that is taken. */
export class NameTaken extends BacklotError {
  constructor(what: string, id: string) {
    super({ code: 'E-ACCESS-004', kind: 'conflict', reason: `the ${what} ${id} exists already` });
  }
}

/** A principal or project that is not in the workspace. */
export class NotInWorkspace extends BacklotError {
  constructor(what: string, id: string) {
    super({ code: 'E-ACCESS-005', kind: 'notFound', reason: `there is no ${what} ${id} here` });
  }
}

/** Roles that are unknown, or that the kind of principal cannot hold. */
export class RolesRefused extends BacklotError {
  constructor(reason: string) {
    const known = Object.keys(roles).join(', ');
    super({ code: 'E-ACCESS-006', kind: 'usage', reason: `${reason}; the roles are ${known}` });
  }
}

/** The one worker of each workspace; only its attempt-scoped tokens tell its processes apart. */
export const workerId = 'worker';

/** The tree of organisation, workspace and project, and the principals in it. */
export class Principals {
  readonly #metadata: Metadata;
  readonly #clock: Clock;

  constructor(metadata: Metadata, clock: Clock) {
    this.#metadata = metadata;
    this.#clock = clock;
  }

  /**
   * Makes the organisation, workspace, project, worker and first admin, and answers the admin. What
   * exists already is left as it is, so that each start may call it. No principal is asked for: it
   * is the owner of the state folder who founds, never a route.
   */
  async found(founding: Founding): Promise<Principal> {
    for (const part of ['organisation', 'workspace', 'project', 'admin'] as const) {
      parseName(founding[part], part);
    }
    const known = await findPrincipal(this.#metadata, founding.workspace, founding.admin);
    if (known) {
      if (known.organisation !== founding.organisation) {
        throw new NameTaken('workspace', founding.workspace);
      }
      return known;
    }
    return this.#metadata.write((tx) => this.#found(tx, founding));
  }

  /** Adds a project to the workspace of whoever asks. */
  async createProject(by: Principal, id: string): Promise<void> {
    parseName(id, 'project');
    await this.#metadata.write(async (tx) => {
      if (!(await this.#insertProject(tx, by.workspace, id))) throw new NameTaken('project', id);
      await record(tx, by, 'project.create', `project/${id}`);
    });
  }

  /** Adds a person or a service to the workspace of whoever asks. */
  async create(by: Principal, principal: NewPrincipal): Promise<Principal> {
    parseName(principal.id, 'principal');
    checkRoles(principal.roles);
    const project = principal.project ?? by.project;
    return this.#metadata.write(async (tx) => {
      const found = await tx.get(
        'SELECT id FROM access_projects WHERE workspace = ? AND id = ?',
        by.workspace,
        project,
      );
      if (!found) throw new NotInWorkspace('project', project);
      if (!(await this.#insert(tx, by.workspace, { ...principal, project }))) {
        throw new NameTaken('principal', principal.id);
      }
      await record(tx, by, 'principal.create', `principal/${principal.id}`, {
        kind: principal.kind,
        roles: [...principal.roles],
      });
      return (await findPrincipal(tx, by.workspace, principal.id))!;
    });
  }

  /** The principal of that id in the workspace, suspended or not. */
  find(workspace: string, id: string): Promise<Principal | undefined> {
    return findPrincipal(this.#metadata, workspace, id);
  }

  /** All principals in the workspace of whoever asks, by id. */
  async list(by: Principal): Promise<readonly Principal[]> {
    const rows = await this.#metadata.all<PrincipalRow>(
      `${selectPrincipals} WHERE p.workspace = ? ORDER BY p.id`,
      by.workspace,
    );
    return rows.map(principalOf);
  }

  /** Suspends a principal at once, its credentials included, or ends its suspension. */
  async setSuspended(by: Principal, id: string, suspended: boolean): Promise<void> {
    await this.#metadata.write(async (tx) => {
      const changed = await tx.run(
        'UPDATE access_principals SET suspended = ? WHERE workspace = ? AND id = ?',
        suspended,
        by.workspace,
        id,
      );
      if (changed === 0) throw new NotInWorkspace('principal', id);
      await record(tx, by, 'principal.suspend', `principal/${id}`, { suspended });
    });
  }

  async #found(tx: Transaction, founding: Founding): Promise<Principal> {
    const { organisation, workspace, project, admin } = founding;
    const granted = new Set<Role>(['admin', ...(founding.roles ?? [])]);
    checkRoles([...granted]);
    const now = this.#clock.now();
    await tx.run(
      'INSERT INTO access_organisations (id, created_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING',
      organisation,
      now,
    );
    await tx.run(
      `INSERT INTO access_workspaces (id, organisation, created_at) VALUES (?, ?, ?)
       ON CONFLICT (id) DO NOTHING`,
      workspace,
      organisation,
      now,
    );
    await this.#insertProject(tx, workspace, project);
    await this.#insert(tx, workspace, { id: workerId, kind: 'worker', roles: ['worker'], project });
    await this.#insert(tx, workspace, { id: admin, kind: 'person', roles: [...granted], project });
    const principal = (await findPrincipal(tx, workspace, admin))!;
    if (principal.organisation !== organisation) throw new NameTaken('workspace', workspace);
    await record(tx, principal, 'workspace.found', `workspace/${workspace}`, { organisation });
    return principal;
  }

  async #insertProject(tx: Transaction, workspace: string, id: string): Promise<boolean> {
    const changed = await tx.run(
      `INSERT INTO access_projects (workspace, id, created_at) VALUES (?, ?, ?)
       ON CONFLICT (workspace, id) DO NOTHING`,
      workspace,
      id,
      this.#clock.now(),
    );
    return changed === 1;
  }

  async #insert(
    tx: Transaction,
    workspace: string,
    principal: Omit<NewPrincipal, 'kind'> & { readonly kind: PrincipalKind; project: string },
  ): Promise<boolean> {
    const changed = await tx.run(
      `INSERT INTO access_principals (workspace, id, project, kind, roles, suspended, created_at)
       VALUES (?, ?, ?, ?, ?, 0, ?) ON CONFLICT (workspace, id) DO NOTHING`,
      workspace,
      principal.id,
      principal.project,
      principal.kind,
      JSON.stringify(principal.roles),
      this.#clock.now(),
    );
    return changed === 1;
  }
}

function checkRoles(given: readonly Role[]): void {
  for (const role of given) {
    if (!isRole(role)) throw new RolesRefused('a role is unknown');
    if (role === 'worker') throw new RolesRefused('a person or a service cannot be a worker');
  }
  if (given.length === 0) throw new RolesRefused('a principal needs at least one role');
}

interface PrincipalRow {
  readonly organisation: string;
  readonly workspace: string;
  readonly project: string;
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly roles: string;
  readonly suspended: number;
}

const selectPrincipals = `
  SELECT w.organisation, p.workspace, p.project, p.id, p.kind, p.roles, p.suspended
  FROM access_principals p JOIN access_workspaces w ON w.id = p.workspace`;

/** Reads one principal, from within a transaction or outside. */
export async function findPrincipal(
  reader: Reader,
  workspace: string,
  id: string,
): Promise<Principal | undefined> {
  const row = await reader.get<PrincipalRow>(
    `${selectPrincipals} WHERE p.workspace = ? AND p.id = ?`,
    workspace,
    id,
  );
  return row && principalOf(row);
}

function principalOf({ roles: text, suspended, ...row }: PrincipalRow): Principal {
  const granted: unknown = JSON.parse(text);
  assert(Array.isArray(granted) && granted.every(isRole), 'the roles of a principal are roles');
  return { ...row, roles: granted, ...(suspended === 1 && { suspended: true }) };
}

function record(
  tx: Transaction,
  by: Principal,
  action: string,
  resource: string,
  facts: Record<string, string | boolean | string[]> = {},
): Promise<void> {
  return tx.record({ workspace: by.workspace, actor: by.id, action, resource, facts });
}
