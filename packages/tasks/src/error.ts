import { BacklotError, type ErrorFields } from '@backlot/core';

/** The base of what the built-in tasks refuse. */
export class TasksError extends BacklotError {}

/** A task needs a table's rows, and there are none: its delivery was refused, or none came. */
export class NoSnapshot extends TasksError {
  constructor(what: string) {
    super({
      code: 'E-TASKS-001',
      kind: 'refused',
      reason: `${what} has no snapshot: its delivery was refused, or nothing was delivered`,
      mend: 'mend the delivered file as its receipt says, then deliver it again',
    });
  }
}

/** The project defines no table of that name. */
export class UnknownTable extends TasksError {
  constructor(name: string, known: readonly string[]) {
    super({
      code: 'E-TASKS-002',
      kind: 'notFound',
      reason: `there is no table ${name}; known are ${known.slice(0, 20).join(', ') || 'none'}`,
      mend: 'add the table to backlot.config.ts',
    });
  }
}

/** Too little data is left to learn from or to test on. */
export class TooLittleData extends TasksError {
  constructor(reason: string, mend: ErrorFields['mend'] = 'deliver more rows, or hold out less') {
    super({ code: 'E-TASKS-003', kind: 'refused', reason, ...(mend && { mend }) });
  }
}
