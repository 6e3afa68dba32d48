import { join } from 'node:path';
import type { Io } from '@backlot/core';
import { openDuckDb, type Table } from '@backlot/data';
import { type Keys, sealSubject } from '@backlot/store';
import type { TaskServices } from '@backlot/tasks';

const engineMemoryMiB = 1024;

/** What the built-in tasks find in a worker process. */
export function taskServices(
  io: Io,
  keys: Keys,
  tables: readonly Table[],
  threads: number,
): TaskServices {
  return {
    tables,
    threads,
    subjects: async (workspace) => {
      const pseudonym = await keys.pseudonymiser(workspace);
      const subjectKeys = await keys.subjectKeys(workspace);
      return {
        pseudonyms: { pseudonym },
        sealSubjects: async (identities) =>
          identities.map((identity) => {
            const subject = pseudonym(identity);
            return { pseudonym: subject, sealed: sealSubject(subjectKeys, { subject, identity }) };
          }),
      };
    },
    engine: (scratch) =>
      openDuckDb({ io, memoryMiB: engineMemoryMiB, threads, scratch: join(scratch, 'engine') }),
  };
}
