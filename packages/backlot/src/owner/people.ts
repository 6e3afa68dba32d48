import { type Access, type Principal, type Role, writeCredentialFile } from '@backlot/access';
import { type Io, present } from '@backlot/core';

/**
 * The people of a local installation. Whoever runs it plays all three, openly: an author makes
 * models, an approver signs what the author made, the owner looks after the rest.
 */
export const localPeople = {
  owner: ['admin', 'approver', 'operator', 'auditor', 'steward', 'viewer'],
  author: ['author', 'steward', 'operator'],
  approver: ['approver', 'operator', 'auditor'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

/** One of them. */
export type LocalPerson = keyof typeof localPeople;

const names = Object.keys(localPeople) as LocalPerson[];

/** The principals behind the local people. */
export type People = Readonly<Record<LocalPerson, Principal>>;

export const localWorkspace = 'main';

/** Makes the organisation, workspace, project and people that are not there yet. */
export async function foundPeople(access: Access, project: string): Promise<People> {
  const owner = await access.principals.found({
    ...{ organisation: 'local', workspace: localWorkspace, project },
    ...{ admin: 'owner', roles: localPeople.owner },
  });
  const people: Partial<Record<LocalPerson, Principal>> = { owner };
  for (const id of names.filter((name) => name !== 'owner')) {
    people[id] =
      (await access.principals.find(localWorkspace, id)) ??
      (await access.principals.create(owner, { id, kind: 'person', roles: localPeople[id] }));
  }
  return people as People;
}

/** The tokens of the local people, as the credentials file holds them. */
export type Credentials = Readonly<Record<LocalPerson, string>>;

const tokenLifetimeMs = 90 * 86_400_000;

/** The tokens in the credentials file; new ones are written when they are no longer good. */
export async function ensureCredentials(
  io: Io,
  path: string,
  access: Access,
  people: People,
): Promise<Credentials> {
  const known = await readCredentials(io, path);
  const good = known && (await Promise.all(names.map((name) => access.authenticate(known[name]))));
  if (known && good?.every((found) => found !== undefined)) return known;
  const tokens: Partial<Record<LocalPerson, string>> = {};
  for (const name of names) {
    const person = people[name];
    const title = `command line, as ${name}`;
    const wish = { principal: person.id, title, lifetimeMs: tokenLifetimeMs };
    tokens[name] = (await access.tokens.issue(person, wish)).text;
  }
  await writeCredentialFile(io, path, JSON.stringify(tokens));
  return tokens as Credentials;
}

/** What stands in the credentials file, or `undefined` when there is none that is whole. */
export async function readCredentials(io: Io, path: string): Promise<Credentials | undefined> {
  if (!(await io.files.stat(path))) return undefined;
  const text = Buffer.from(await io.files.read(path, { limitBytes: 65_536 })).toString();
  try {
    const found = JSON.parse(text) as Partial<Credentials>;
    return Object.fromEntries(
      names.map((name) => [name, present(found[name], 'a token')]),
    ) as Credentials;
  } catch {
    // The file is of an older form or was edited: new tokens are written in its place.
    return undefined;
  }
}
