import type { Principal } from '@backlot/access';
import { BacklotError, createId, DurabilityLost, type Io } from '@backlot/core';
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

  /** Starts the runs that are due. A pipeline that fails here keeps no other from its time. */
  async start(): Promise<void> {
    const known = await this.#known();
    for (const pipeline of this.#scheduled()) {
      await this.#startOne(pipeline, known.get(pipeline.name));
    }
  }

  async #startOne(pipeline: Scheduled, known: ScheduleRow | undefined): Promise<void> {
    let row = known && isOf(known, pipeline) ? known : await this.#begin(pipeline);
    for (let more = true; more; ) {
      const now = this.#parts.io.clock.now();
      const due = dueTimes(pipeline.schedule, pipeline.catchUp, row.reached_at, now);
      if (due.reached === row.reached_at || !(await this.#decide(pipeline, row, due))) return;
      row = { ...row, reached_at: due.reached };
      more = due.more;
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
    const runs = new Map<number, NewRun>();
    const decided: DecidedTime[] = due.missed.map((time) => ({ time, outcome: 'missed' }));
    for (const time of due.run) {
      const made = await this.#prepared(pipeline, time);
      if (made === 'later') return false;
      if ('reason' in made) decided.push({ time, outcome: 'refused', reason: made.reason });
      else {
        decided.push({ time, outcome: 'run', run: made.id });
        runs.set(time, made);
      }
    }
    return write(async (tx, { actor, at }) => {
      const mine = await decideTimes(tx, row, due.reached, decided, { actor, at });
      for (const time of mine ?? []) {
        const run = runs.get(time);
        const reason = `scheduled for ${new Date(time).toISOString()}`;
        if (run) await createRun(tx, principal, run, { actor, at, reason });
      }
      return mine !== undefined;
    });
  }

  /**
   * A time whose run cannot be made is refused with its reason, whatever the pipeline's own code
   * threw; the next time may do better. While a store is out of reach nothing is decided.
   */
  async #prepared(
    pipeline: Scheduled,
    time: number,
  ): Promise<NewRun | { readonly reason: string } | 'later'> {
    const { timeParameter } = pipeline;
    const at = new Date(time).toISOString();
    const parameters = timeParameter === undefined ? {} : { [timeParameter]: at };
    const id = createId(this.#parts.io.random);
    try {
      return { id, ...(await this.#parts.prepare(pipeline, parameters)) };
    } catch (error) {
      if (error instanceof DurabilityLost) throw error;
      if (!(error instanceof BacklotError)) return { reason: 'its definition threw an error' };
      return error.kind === 'unreachable' ? 'later' : { reason: problemOf(error, '').reason };
    }
  }
}

function isOf(row: ScheduleRow, { schedule }: Scheduled): boolean {
  return row.expression === schedule.expression && row.zone === schedule.zone;
}
