import { join } from 'node:path';
import { BacklotError, type Io } from '@backlot/core';
import { type OnlineStore, openRedisStore, SqliteStore } from '@backlot/features';
import {
  type CollectableObjects,
  describePostgres,
  type Metadata,
  openFileObjects,
  openPostgresMetadata,
  openS3Objects,
  openSqliteMetadata,
  type S3Bucket,
  type S3Credentials,
  type Schema,
  type StatePaths,
} from '@backlot/store';

/** Where a project keeps what has to last, when that is not its state folder alone. */
export interface StorageConfig {
  /** The variable that holds `postgres://USER:PASSWORD@HOST/DATABASE`, such as `BACKLOT_METADATA`. */
  readonly metadata?: { readonly postgres: string };
  /** A bucket; its credentials come from `AWS_ACCESS_KEY_ID` and the like, or the variables named. */
  readonly objects?: { readonly s3: S3Bucket & { readonly credentials?: CredentialVariables } };
  /** The variable that holds the address of a server that speaks the Redis protocol. */
  readonly online?: { readonly redis: string; readonly prefix?: string };
}

/** The variables that hold an object store's credentials. */
export interface CredentialVariables {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The stores of one process. */
export interface Storage {
  /** Where they are, for people; `undefined` for the state folder. */
  readonly places: { readonly metadata?: string; readonly objects?: string };
  openMetadata(io: Io, paths: StatePaths, schemas: readonly Schema[]): Promise<Metadata>;
  /** @param owner whether this process owns the state, and so clears what crashes left */
  openObjects(io: Io, paths: StatePaths, owner: boolean): Promise<CollectableObjects>;
  /** Served features; all of it can be built again from the tables. */
  openOnline(paths: StatePaths): Promise<OnlineStore>;
  /** What the server of the metadata says of itself; `undefined` for the state folder. */
  describeMetadata(): Promise<{ readonly version: string; readonly syncs: boolean } | undefined>;
  /** What workers need to open the same objects. They open no metadata. */
  readonly workerEnvironment: Readonly<Record<string, string>>;
}

/** A variable that the configuration names is not set. */
class VariableMissing extends BacklotError {
  constructor(name: string, what: string) {
    super({
      code: 'E-BACKLOT-027',
      kind: 'config',
      reason: `the variable ${name} is not set; it holds ${what}`,
      place: 'backlot.config.ts',
      mend: `set ${name} in the environment, not in a file of the project`,
    });
  }
}

/** What a backup would have to hold is not in the state folder. */
export class BackupElsewhere extends BacklotError {
  constructor(places: Storage['places']) {
    const named = [
      places.metadata && 'the metadata in PostgreSQL',
      places.objects && 'the objects in S3',
    ].filter(Boolean);
    super({
      code: 'E-BACKLOT-028',
      kind: 'refused',
      reason: `a backup holds the state folder alone, and it lacks ${named.join(' and ')}`,
      mend: 'pg_dump for PostgreSQL, versioning or replication for the bucket; keep the keys/ folder too',
    });
  }
}

/** The stores that a project's configuration asks for; secrets come from the environment alone. */
export function storageOf(
  { metadata, objects, online }: StorageConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Storage {
  const s3 = objects?.s3;
  // All or none: a token of the machine's own role must not go out with a project's keys.
  const names = s3 && (s3.credentials ?? usualVariables);
  return {
    places: {
      ...(metadata && { metadata: `PostgreSQL, ${metadata.postgres}` }),
      ...(s3 && { objects: `s3://${s3.bucket}/${s3.prefix ?? ''}` }),
    },
    openMetadata: (io, paths, schemas) => {
      const { clock } = io;
      if (!metadata) return openSqliteMetadata({ path: paths.metadata, clock, schemas });
      const url = required(environment, metadata.postgres, 'the address of PostgreSQL');
      return openPostgresMetadata({ url, clock, schemas, owner: true });
    },
    openOnline: async (paths) => {
      if (!online) return new SqliteStore(join(paths.home, 'features.sqlite'));
      const url = required(environment, online.redis, 'the address of the Redis server');
      return openRedisStore({ url, prefix: online.prefix ?? 'backlot:' });
    },
    describeMetadata: async () =>
      metadata &&
      describePostgres({
        url: required(environment, metadata.postgres, 'the address of PostgreSQL'),
      }),
    openObjects: async (io, paths, owner) => {
      if (!s3 || !names) return openFileObjects(io, paths.objects, { owner });
      const { credentials: _, ...bucket } = s3;
      const found = credentialsOf(names, environment);
      return openS3Objects({
        ...{ ...bucket, io, fetch: globalThis.fetch, owner },
        credentials: async () => found,
        cache: join(paths.home, 'objects-cache'),
      });
    },
    workerEnvironment: names ? pick(environment, Object.values(names)) : {},
  };
}

const usualVariables: CredentialVariables = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
};

type Environment = Readonly<Record<string, string | undefined>>;

function credentialsOf(names: CredentialVariables, environment: Environment): S3Credentials {
  const sessionToken = names.sessionToken && environment[names.sessionToken];
  return {
    accessKeyId: required(environment, names.accessKeyId, 'the id of an access key'),
    secretAccessKey: required(environment, names.secretAccessKey, 'a secret access key'),
    ...(sessionToken && { sessionToken }),
  };
}

function required(environment: Environment, name: string, what: string): string {
  const value = environment[name];
  if (!value) throw new VariableMissing(name, what);
  return value;
}

function pick(environment: Environment, names: readonly string[]): Record<string, string> {
  const found = names.map((name) => [name, environment[name]] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => Boolean(pair[1])));
}
