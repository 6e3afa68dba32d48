import { type Access, accessSchema, openAccess } from '@backlot/access';
import type { Io } from '@backlot/core';
import { dataSchema, lineageSchema } from '@backlot/data';
import type { OnlineStore } from '@backlot/features';
import { pipelinesSchema } from '@backlot/pipelines';
import { registrySchema } from '@backlot/registry';
import {
  type CollectableObjects,
  type Keys,
  type Metadata,
  openKeys,
  openStateFolder,
  type Schema,
  type StateFolder,
  subjectSchema,
} from '@backlot/store';
import type { Storage } from './storage.ts';

/** The open parts of a state folder that this process owns. */
export interface State {
  readonly io: Io;
  readonly folder: StateFolder;
  readonly metadata: Metadata;
  readonly objects: CollectableObjects;
  readonly keys: Keys;
  readonly access: Access;
  /** Where metadata and objects are, when not in the folder. */
  readonly places: Storage['places'];
  /** Served features; all of it can be built again from the tables. */
  readonly online: OnlineStore;
  close(): Promise<void>;
}

/** Every table of the product. */
export const schemas: readonly Schema[] = [
  accessSchema,
  subjectSchema,
  dataSchema,
  lineageSchema,
  pipelinesSchema,
  registrySchema,
];

/**
 * Takes ownership of a state folder, makes it when there is none, migrates it forward.
 *
 * @throws StateFolderOwned when another process owns it
 */
export async function openState(io: Io, home: string, storage: Storage): Promise<State> {
  const folder = await openStateFolder(io, home);
  try {
    const { paths } = folder;
    // What has to be closed is opened last.
    const objects = await storage.openObjects(io, paths, true);
    const metadata = await storage.openMetadata(io, paths, schemas);
    const online = await storage.openOnline(paths).catch(async (error: unknown) => {
      await metadata.close();
      throw error;
    });
    return {
      ...{ io, folder, metadata, online, places: storage.places },
      objects,
      keys: openKeys(io, paths.keys),
      access: openAccess(metadata, io),
      close: async () => {
        await online.close();
        await metadata.close();
        await folder.release();
      },
    };
  } catch (error) {
    await folder.release();
    throw error;
  }
}
