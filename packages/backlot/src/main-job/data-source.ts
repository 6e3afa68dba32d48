import { join, resolve } from 'node:path';
import { BacklotError, type Io, type Json } from '@backlot/core';
import type { ArtifactRef } from '@backlot/pipelines';
import type { Objects } from '@backlot/store';
import { deliveredFile } from '@backlot/tasks';

/** What the main job runs on: a pipeline, and the files that it is given. */
export interface JobData {
  readonly pipeline: 'store-recommend' | 'film-recommend';
  readonly model: string;
  readonly endpoint: string;
  readonly title: string;
  readonly parameters: Readonly<Record<string, Json>>;
  /** Paths of files by the name of the source that they become. */
  readonly files: Readonly<Record<string, string>>;
}

/** The folder of `--data` holds nothing that the main job can read. */
class UnknownData extends BacklotError {
  constructor(folder: string) {
    super({
      code: 'E-BACKLOT-008',
      kind: 'usage',
      reason:
        'the folder is not one that the main job reads; it reads MovieTweetings: ' +
        'ratings.dat.gz and movies.dat.gz',
      place: folder,
      mend: 'backlot init FOLDER makes a project for your own tables; backlot deliver TABLE FILE fills them',
    });
  }
}

const store: JobData = {
  ...{ pipeline: 'store-recommend', model: 'als-store', endpoint: 'store-home' },
  ...{ title: 'a simulated store', parameters: {}, files: {} },
};

/** The data that a folder holds, or the simulated store without one. */
export async function jobData(io: Io, cwd: string, folder: string | undefined): Promise<JobData> {
  if (folder === undefined) return store;
  const ratings = join(resolve(cwd, folder), 'ratings.dat.gz');
  const movies = join(resolve(cwd, folder), 'movies.dat.gz');
  const found = await Promise.all([ratings, movies].map((path) => io.files.stat(path)));
  if (!found.every((stat) => stat?.kind === 'file')) throw new UnknownData(folder);
  return {
    ...{ pipeline: 'film-recommend', model: 'als-film', endpoint: 'film-home' },
    ...{ title: 'MovieTweetings', parameters: {} },
    files: { 'file.ratings': ratings, 'file.movies': movies },
  };
}

/** Stores the files, so that a run can be given them. */
export async function storeFiles(
  io: Io,
  objects: Objects,
  files: JobData['files'],
): Promise<Readonly<Record<string, ArtifactRef>>> {
  const stored: Record<string, ArtifactRef> = {};
  for (const [name, path] of Object.entries(files)) {
    stored[name] = { kind: deliveredFile.kind, ...(await objects.put(io.files.stream(path))) };
  }
  return stored;
}
