import type { Principal } from '@backlot/access';
import { BacklotError, createId, type ErrorKind, type Io } from '@backlot/core';
import type { Reader, Transaction } from '@backlot/store';
import type { Pipeline } from '../authoring/pipeline.ts';
import type { Cron } from '../schedule/cron.ts';
import { type DueTimes, dueTimes } from '../schedule/due-times.ts';
import { nextTime } from '../schedule/next-time.ts';
import { createRun, type NewRun } from '../state/create-run.ts';
import type { Occasion } from '../state/move.ts';
import {
  beginSchedule,
  type DecidedTime,
  decideTimes,
  readSchedules,
  type ScheduleRow,
} from '../state/schedule-rows.ts';
import type { Definitions } from './definitions.ts';
import { problemOf } from './problem-of.ts';

interface ClockParts {
  readonly io: Pick<Io, 'clock' | 'random'>;
  readonly metadata: Reader;
  readonly definitions: Definitions;
  /** Whose runs they are. */
  readonly principal: Principal;
  readonly write: <T>(work: (tx: Transaction, occasion: Occasion) => Promise<T>) => Promise<T>;
  /** The plan with its sources found, for parameters. */
  readonly prepare: (
    pipeline: Pipeline,
    parameters: Readonly<Record<string, string>>,
  ) => Promise<Omit<NewRun, 'id'>>;
}

/** A pipeline that runs by the clock. */
type Scheduled = Pipeline & { readonly schedule: Cron };

/**
 * Starts what the clock asks for. A time is decided in the transaction that creates its run, guarded
 * by what was decided before, so that it runs once however many schedulers look at it.
 */
export class ClockRuns {
  readonly #parts: ClockParts;

  constructor(parts: ClockParts) {
    this.#parts = parts;
  }

  /** Starts the runs that are due. */
  async start(): Promise<void> {
    const known = await this.#known();
    for (const pipeline of this.#scheduled()) {
      let row = known.get(pipeline.name);
      if (!row || !isOf(row, pipeline)) {
        row = await this.#begin(pipeline);
      }
      for (let more = true; more; ) {
        const due = dueTimes(
          pipeline.schedule,
          pipeline.catchUp,
          row.reached_at,
          this.#parts.io.clock.now(),
        );
        if (due.reached === row.reached_at || !(await this.#decide(pipeline, row, due))) break;
        row = { ...row, reached_at: due.reached };
        more = due.more;
      }
    }
  }

  /** When the clock asks for something next. */
  async nextAt(): Promise<number | undefined> {
    const known = await this.#known();
    const times = this.#scheduled().flatMap(({ name, schedule }) => {
      const row = known.get(name);
      return row ? [nextTime(schedule, row.reached_at)] : [];
    });
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  #scheduled(): readonly Scheduled[] {
    return this.#parts.definitions.pipelines.filter(
      (pipeline): pipeline is Scheduled => pipeline.schedule !== undefined,
    );
  }

  async #known(): Promise<ReadonlyMap<string, ScheduleRow>> {
    if (this.#scheduled().length === 0) return new Map();
    const { metadata, principal } = this.#parts;
    const rows = await readSchedules(metadata, principal.workspace);
    return new Map(rows.map((row) => [row.pipeline, row]));
  }

  /** A schedule that is new, or another than before, counts from now on. */
  #begin({ name, schedule }: Scheduled): Promise<ScheduleRow> {
    const { write, principal } = this.#parts;
    return write((tx, occasion) =>
      beginSchedule(tx, principal.workspace, name, schedule, occasion),
    );
  }

  async #decide(pipeline: Scheduled, row: ScheduleRow, due: DueTimes): Promise<boolean> {
    const { principal, write } = this.#parts;
    const runs: { readonly time: number; readonly run: NewRun | undefined }[] = [];
    const decided: DecidedTime[] = due.missed.map((time) => ({ time, outcome: 'missed' }));
    for (const time of due.run) {
      const made = await this.#prepared(pipeline, time);
      if ('reason' in made) decided.push({ time, outcome: 'refused', reason: made.reason });
      else decided.push({ time, outcome: 'run', run: made.id });
      runs.push({ time, run: 'reason' in made ? undefined : made });
    }
    return write(async (tx, { actor, at }) => {
      if (!(await decideTimes(tx, row, due.reached, decided, { actor, at }))) return false;
      for (const { time, run } of runs) {
        const reason = `scheduled for ${new Date(time).toISOString()}`;
        if (run) await createRun(tx, principal, run, { actor, at, reason });
      }
      return true;
    });
  }

  /** A time whose run cannot be made is refused with its reason; the next may do better. */
  async #prepared(
    pipeline: Scheduled,
    time: number,
  ): Promise<NewRun | { readonly reason: string }> {
    const { timeParameter } = pipeline;
    const at = new Date(time).toISOString();
    const parameters = timeParameter === undefined ? {} : { [timeParameter]: at };
    const id = createId(this.#parts.io.random);
    try {
      return { id, ...(await this.#parts.prepare(pipeline, parameters)) };
    } catch (error) {
      const refused = error instanceof BacklotError && refusals.includes(error.kind);
      if (!refused) throw error;
      return { reason: problemOf(error, pipeline.name).reason };
    }
  }
}

/** Kinds of errors that say something of the run, not of the store or the machine. */
const refusals: readonly ErrorKind[] = [
  'usage',
  'config',
  'notFound',
  'auth',
  'refused',
  'conflict',
];

function isOf(row: ScheduleRow, { schedule }: Scheduled): boolean {
  return row.expression === schedule.expression && row.zone === schedule.zone;
}
