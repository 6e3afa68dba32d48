import type { DuckDbEngine, Pseudonyms, SealSubjects, Table } from '@backlot/data';

/** What the built-in tasks need of the worker's composition. */
export interface TaskServices {
  /** The tables of the project. */
  readonly tables: readonly Table[];
  /** The workspace's pseudonyms, and the seal under which new subjects travel to the owner. */
  subjects(workspace: string): Promise<{
    readonly pseudonyms: Pseudonyms;
    readonly sealSubjects: SealSubjects;
  }>;
  /** An engine with a folder of its own. */
  engine(scratch: string): DuckDbEngine;
  /** How many threads a task may use. */
  readonly threads: number;
}
