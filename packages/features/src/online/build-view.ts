import { throwIfCancelled } from '@backlot/core';
import type { RunOptions } from '@backlot/data';
import { BuildUnderWay } from '../feature-error.ts';
import { type OfflineEngine, readEvents, type ViewEvents } from '../offline/view-events.ts';
import type { ViewEvent, ViewState } from '../views/view-state.ts';
import type { OnlineStore } from './online-store.ts';
import { findSection, stateIn, withSection } from './row.ts';
import { type ServedView, sectionOf } from './served-view.ts';
import { type BuildProgress, changeFacts, readFacts, type ViewFacts } from './view-facts.ts';

export interface BuildOptions {
  readonly engine: OfflineEngine;
  readonly run: RunOptions;
  /** Only events before this moment; absent: up to the newest event that has happened. */
  readonly to?: number;
  /** From the first event on; otherwise from where the last build ended. */
  readonly whole?: boolean;
}

/** What a build did; times in microseconds. */
export interface Build {
  readonly from?: number;
  readonly to: number;
  readonly keys: number;
  readonly events: number;
  /** Whether it went on from where an earlier one broke off. */
  readonly resumed: boolean;
}

interface Building {
  readonly store: OnlineStore;
  readonly part: ServedView;
  readonly now: number;
  /** The views that this process builds. */
  readonly building: Set<string>;
}

const keysAtOnce = 500;

/**
 * Takes the tables' events since the last build into the rows, some keys at a time, and notes how far
 * it is. Each key's state says itself up to when it is summed up, so that nothing is counted twice
 * when a build that broke off is done again. What was pushed and lies before the end of the build is
 * replaced by what the tables say; a key whose pushed events are summed up already is read from its
 * first event on, once the tables have come as far as what is summed up.
 */
export async function buildView(at: Building, options: BuildOptions): Promise<Build> {
  const { store, part, building } = at;
  if (building.has(part.facts)) throw new BuildUnderWay(part.view.name);
  building.add(part.facts);
  try {
    const [facts] = await readFacts(store, [part.facts]);
    return await build(at, facts!, options);
  } finally {
    building.delete(part.facts);
  }
}

async function build(at: Building, facts: ViewFacts, options: BuildOptions): Promise<Build> {
  const { store, part, now } = at;
  const whole = options.whole ?? facts.through === undefined;
  const held = facts.building;
  // A build of another kind that broke off is not gone on with: a whole one begins anew.
  const resumed = held !== undefined && (held.from === undefined) === whole;
  const from = resumed ? held.from : whole ? undefined : facts.through;
  const events = await readEvents(options.engine, part.program, options.run, {
    ...(from !== undefined && { from }),
  });
  const to = resumed ? held.to : endOf(events, { from, now, wanted: options.to });
  const plan: BuildProgress = { ...(from !== undefined && { from }), to };
  const progress = resumed ? held : plan;
  await changeFacts(store, part.facts, (known) => ({ ...known, building: progress }));
  const stale = await keysOf(at, whole ? undefined : { from: from!, to });
  const keys = [...new Set([...events.keys, ...stale])].sort();
  const left = keys.filter((key) => progress.cursor === undefined || key > progress.cursor);
  for (let start = 0; start < left.length; start += keysAtOnce) {
    throwIfCancelled(options.run.signal, 'the build');
    const some = left.slice(start, start + keysAtOnce);
    await buildKeys(at, options, { plan, events, keys: some });
    const cursor = some.at(-1)!;
    await changeFacts(store, part.facts, (known) => ({ ...known, building: { ...plan, cursor } }));
  }
  await changeFacts(store, part.facts, ({ building: _, ...known }) => ({
    ...known,
    ...{ through: to, builtAt: now, keys: whole ? events.keys.length : known.keys },
    ...(events.newest !== undefined && {
      newestEvent: Math.max(known.newestEvent ?? to - 1, Math.min(events.newest, to - 1)),
    }),
  }));
  return {
    ...(from !== undefined && { from }),
    to,
    keys: keys.length,
    events: events.count,
    resumed,
  };
}

/** Just after the newest event that has happened, and never back behind the last build. */
function endOf(
  { newest }: ViewEvents,
  {
    from,
    now,
    wanted,
  }: {
    readonly from: number | undefined;
    readonly now: number;
    readonly wanted: number | undefined;
  },
): number {
  const end = Math.min(wanted ?? (newest ?? now) + 1, now + 1);
  return from === undefined ? end : Math.max(from, newest === undefined ? from : end);
}

async function buildKeys(
  { store, part, now }: Building,
  { engine, run }: BuildOptions,
  {
    plan: { from, to },
    events,
    keys,
  }: {
    readonly plan: BuildProgress;
    readonly events: ViewEvents;
    readonly keys: readonly string[];
  },
): Promise<void> {
  const { program, tag, entity } = part;
  const given = new Map(keys.map((key) => [key, events.of(key).filter(({ at }) => at < to)]));
  const summed = from === undefined ? [] : await summedKeys(store, part, { from, to, keys });
  const all =
    summed.length > 0 ? await readEvents(engine, program, run, { to, keys: summed }) : undefined;
  const anew = (key: string): readonly ViewEvent[] | undefined => {
    if (from === undefined) return given.get(key)!;
    return summed.includes(key) ? all!.of(key) : undefined;
  };
  await store.update(entity, keys, (key, row) => {
    const place = findSection(row, tag);
    const held = place ? stateIn(place) : program.empty();
    let state: ViewState = held;
    const whole = anew(key);
    if (whole) {
      state = program.empty();
      program.absorb(state, whole, to);
      state.built = to;
      for (const event of held.recent) program.push(state, event);
    } else if (from !== undefined && !isSummed(held, from) && held.through < to) {
      const start = Math.max(held.through, from);
      // What was pushed for times that earlier builds had passed is in no table range any more.
      program.absorb(
        state,
        held.recent.filter(({ at }) => at < start),
        start,
      );
      program.absorb(
        state,
        given.get(key)!.filter(({ at }) => at >= start),
        to,
      );
      state.built = to;
    }
    return withSection(row, tag, sectionOf(program, state, now));
  });
}

/** Whether events that were pushed after the last build are in the tiles already. */
function isSummed({ through, built }: ViewState, from: number): boolean {
  return through > (built ?? from);
}

/** Of some keys, those to be read from their first event on: the tables have what is summed up. */
async function summedKeys(
  store: OnlineStore,
  { program, tag, entity }: ServedView,
  {
    from,
    to,
    keys,
  }: { readonly from: number; readonly to: number; readonly keys: readonly string[] },
): Promise<readonly string[]> {
  const rows = await store.get(entity, keys);
  return keys.filter((_, index) => {
    const place = findSection(rows[index], tag);
    const state = place ? stateIn(place) : program.empty();
    return isSummed(state, from) && state.through <= to;
  });
}

/** Every key; with a range, those that hold pushed events which the tables may not have. */
async function keysOf(
  { store, part: { entity, tag } }: Building,
  range?: { readonly from: number; readonly to: number },
): Promise<readonly string[]> {
  const found: string[] = [];
  for (let page = await store.keys(entity, { limit: 10_000 }); page.length > 0; ) {
    const rows = range ? await store.get(entity, page) : [];
    const isPushed = (row: Uint8Array | undefined): boolean => {
      const place = findSection(row, tag);
      if (!range || !place) return !range;
      const state = stateIn(place);
      return isSummed(state, range.from) || state.recent.some(({ at }) => at < range.to);
    };
    found.push(...page.filter((_, index) => isPushed(rows[index])));
    page = await store.keys(entity, { after: page.at(-1)!, limit: 10_000 });
  }
  return found;
}
