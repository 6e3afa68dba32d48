import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BacklotError, type Io } from '@backlot/core';
import type { Table } from '@backlot/data';
import type { FeatureView } from '@backlot/features';
import type { MediaKind } from '@backlot/media';
import type { Pipeline } from '@backlot/pipelines';
import type { StorageConfig } from './owner/storage.ts';

/** What a project defines, as `backlot.config.ts` exports it. */
export interface ProjectConfig extends StorageConfig {
  /** A name, used in addresses. */
  readonly name: string;
  readonly title?: string;
  /** What it is mostly about: `app`, `song`, `episode`, `film`, `series` or `book`. */
  readonly mediaKind?: MediaKind;
  readonly tables?: readonly Table[];
  readonly pipelines?: readonly Pipeline[];
  readonly features?: readonly FeatureView[];
  /** Where events of OpenLineage are sent; without it none are. */
  readonly lineage?: LineageTarget;
}

interface LineageTarget {
  /** Such as `https://lineage.example.com/api/v1/lineage`. */
  readonly url: string;
  /** Sent with each request; read a credential from the environment, not from the file. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Project extends ProjectConfig {
  /** The folder that holds the configuration, or the current one when there is none. */
  readonly folder: string;
  readonly configured: boolean;
}

/** A project's definitions, checked by the compiler. */
export function defineConfig(config: ProjectConfig): ProjectConfig {
  return Object.freeze(config);
}

/** The configuration could not be loaded. */
class BadConfig extends BacklotError {
  constructor(place: string, reason: string, cause?: unknown) {
    super({
      code: 'E-BACKLOT-003',
      kind: 'config',
      reason,
      place,
      cause,
      mend: 'backlot init FOLDER shows a whole one',
    });
  }
}

const fileName = 'backlot.config.ts';

/** Looks for `backlot.config.ts` from a folder upward and loads it. */
export async function findProject(io: Io, from: string): Promise<Project> {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, fileName);
    if (await io.files.stat(path)) return loadProject(folder, path);
    if (dirname(folder) === folder) return { name: 'store', folder: from, configured: false };
  }
}

async function loadProject(folder: string, path: string): Promise<Project> {
  let loaded: { default?: ProjectConfig };
  try {
    loaded = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new BadConfig(
      path,
      `the configuration does not load: ${(error as Error).message}`,
      error,
    );
  }
  const config = loaded.default;
  if (!config || typeof config.name !== 'string') {
    throw new BadConfig(path, 'the configuration exports no default value made by defineConfig');
  }
  return { ...config, folder, configured: true };
}
