import { BacklotError } from '@backlot/core';
import { type ApiFailure, type Client, client, contracts } from '@backlot/server/client';
import { readStateOwner, type StateOwner, statePaths } from '@backlot/store';
import type { CommandCall } from './cli/command.ts';
import { type LocalPerson, readCredentials } from './owner/people.ts';
import { findProject } from './project.ts';

/** The API, whoever answers: the running owner of the state folder, or this process. */
export interface Connection {
  readonly api: Client<typeof contracts>;
  /** Where a running owner answers; absent when this process opened the state itself. */
  readonly address?: string;
  /** The state folder. */
  readonly home: string;
  close(): Promise<void>;
}

/** The owner is there and its tokens are not, or the other way round. */
class NoCredentials extends BacklotError {
  constructor(place: string) {
    super({
      code: 'E-BACKLOT-007',
      kind: 'auth',
      reason: 'the state folder has an owner and holds no credentials for it',
      place,
      mend: 'start the owner again: backlot serve',
    });
  }
}

/**
 * Connects a command to the state folder of its project, as one of the local people. The running
 * owner is called over loopback; without one the state is opened here and the same handlers answer.
 */
export async function connect(call: CommandCall, as: LocalPerson = 'owner'): Promise<Connection> {
  const { io, cwd, options } = call;
  const { homeOf } = await import('./owner/home.ts');
  const project = await findProject(io, cwd);
  const home = homeOf(project, options.home as string | undefined, cwd);
  const owner = await readStateOwner(io, home);
  if (owner?.address !== undefined)
    return connectTo(call, { ...owner, address: owner.address }, home, as);
  const { openOwner } = await import('./owner/owner.ts');
  const { storageOf } = await import('./owner/storage.ts');
  const opened = await openOwner({
    ...{ io, home, project, port: 0, console: false },
    path: call.environment.PATH ?? '',
    storage: storageOf(project, call.environment),
    log: () => undefined,
    onFault: (error) => {
      throw error;
    },
  });
  const { address, credentials, listener } = opened;
  return {
    api: apiOf(address, credentials[as], listener.fetch),
    home,
    close: () => opened.close(),
  };
}

async function connectTo(
  { io }: CommandCall,
  { address }: StateOwner & { readonly address: string },
  home: string,
  as: LocalPerson,
): Promise<Connection> {
  const credentials = await readCredentials(io, statePaths(home).credentials);
  if (!credentials) throw new NoCredentials(home);
  const api = apiOf(address, credentials[as], globalThis.fetch);
  return { api, address, home, close: async () => undefined };
}

/** The typed client; its failures are the errors that the server named. */
export function apiOf(
  baseUrl: string,
  token: string,
  fetch: typeof globalThis.fetch,
): Client<typeof contracts> {
  const failure = (
    { code, kind, reason, place, mend }: ApiFailure,
    cause?: unknown,
  ): BacklotError =>
    new BacklotError({
      ...{ code, kind, reason, cause },
      ...(place !== undefined && { place }),
      ...(mend !== undefined && { mend }),
    });
  return client(contracts, { baseUrl, token, fetch, failure });
}
