import { assertPurpose } from '@backlot/access';
import type { Clock, Digest } from '@backlot/core';
import { present } from '@backlot/core';
import type { FeatureValue } from '../aggregates/aggregate.ts';
import { BadFeatureView, FeatureVersionRefused, UnknownFeatureView } from '../feature-error.ts';
import type { FeaturesOf, FeatureView } from '../views/feature-view.ts';
import { type Build, type BuildOptions, buildView } from './build-view.ts';
import type { OnlineStore } from './online-store.ts';
import { type PushedRow, pushedEvents } from './pushed-rows.ts';
import {
  appendValues,
  findSection,
  holdsAt,
  type Place,
  stateIn,
  valuesIn,
  withSection,
} from './row.ts';
import { jsonOf, type ServedView, sectionOf, servedView } from './served-view.ts';
import { changeFacts, readFacts, type ViewFacts } from './view-facts.ts';

export interface OnlineFeaturesOptions {
  readonly store: OnlineStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Rows of a workspace are out of reach of every other. */
  readonly workspace: string;
  readonly views: readonly FeatureView[];
}

/** What became of pushed events. */
export interface PushOutcome {
  readonly accepted: number;
  /** Known already by their names. */
  readonly repeated: number;
  /** Older than what was built from the tables, which the next whole build brings. */
  readonly late: number;
}

type Merged<V extends readonly FeatureView[]> = V extends readonly [
  infer F,
  ...infer R extends readonly FeatureView[],
]
  ? FeaturesOf<F> & Merged<R>
  : unknown;

/** More events of one key than this are summed up in tiles. */
const mostRecent = 1_000;

/**
 * The values of features by key: built from the tables, kept up by pushes, read in one look-up.
 *
 * @example
 * const online = new OnlineFeatures({ store, clock: io.clock, workspace: 'main', views: [listening] });
 * await online.build(listening, { engine, run: { snapshots, purpose: 'serve' } });
 * await online.push('listening', [{ account, play: 'p9', playedAt: '2026-01-01T10:00:00Z', msPlayed: 9 }]);
 * const { rows } = await online.read([listening], [account]);
 * rows[0]?.plays7d; // number
 */
export class OnlineFeatures {
  readonly store: OnlineStore;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #views: ReadonlyMap<string, ServedView>;
  readonly #building = new Set<string>();

  constructor({ store, clock, workspace, views }: OnlineFeaturesOptions) {
    this.store = store;
    this.#clock = clock;
    this.#views = new Map(views.map((view) => [view.name, servedView(view, workspace)]));
    if (this.#views.size !== views.length) {
      throw new BadFeatureView('features', 'two feature views have one name');
    }
  }

  /** Now, in microseconds. */
  get now(): number {
    return Math.floor(this.#clock.now() * 1_000);
  }

  get views(): readonly FeatureView[] {
    return [...this.#views.values()].map(({ view }) => view);
  }

  /**
   * The served view of a name.
   *
   * @throws UnknownFeatureView where there is none, FeatureVersionRefused where it has another digest
   */
  served(name: string, digest?: string): ServedView {
    const found = this.#views.get(name);
    if (!found) throw new UnknownFeatureView([...this.#views.keys()]);
    if (digest !== undefined && digest !== found.view.digest) {
      throw new FeatureVersionRefused(name, digest, found.view.digest);
    }
    return found;
  }

  /** Refuses a model whose views are not those served, version for version. */
  assertPins(pins: Readonly<Record<string, Digest>>): void {
    for (const [name, digest] of Object.entries(pins)) this.served(name, digest);
  }

  /** The values of views of one entity, for each key in order, as they are at this moment. */
  async read<const V extends readonly FeatureView[]>(
    views: V,
    keys: readonly (string | number)[],
  ): Promise<{ readonly at: number; readonly rows: readonly Merged<V>[] }> {
    const parts = this.#parts(views.map(({ name, digest }) => ({ name, digest })));
    const rows = await this.store.get(parts[0]!.entity, keys.map(String));
    const at = this.now;
    const names = parts.map(({ view }) => Object.keys(view.features));
    return {
      at,
      rows: rows.map((row) => {
        const values = parts.map((part) => valuesAt(part, findSection(row, part.tag), at));
        const entries = values.flatMap((list, part) =>
          list.map((value, index) => [names[part]![index], value] as const),
        );
        return Object.fromEntries(entries);
      }),
    };
  }

  /** The same values as JSON arrays, written from the rows' bytes: one text for each key. */
  async readJson(
    wanted: readonly { readonly name: string; readonly digest?: string | undefined }[],
    keys: readonly string[],
  ): Promise<readonly string[]> {
    const parts = this.#parts(wanted);
    const rows = await this.store.get(parts[0]!.entity, keys);
    const at = this.now;
    return rows.map((row) => {
      let text = '';
      for (const part of parts) {
        const place = findSection(row, part.tag);
        if (place && holdsAt(place, at)) text = appendValues(place, text);
        else {
          const json = place ? jsonOf(valuesAt(part, place, at)) : part.nothingJson;
          text += text === '' ? json : `,${json}`;
        }
      }
      return `[${text}]`;
    });
  }

  /** Adds events at once; one whose name and time are known already changes nothing. */
  async push(name: string, rows: readonly PushedRow[]): Promise<PushOutcome> {
    const { program, tag, entity, facts, view } = this.served(name);
    assertPurpose(view.purposes, 'serve');
    const now = this.now;
    const events = pushedEvents(program, rows, now);
    const outcomes = new Map<string, ('accepted' | 'repeated' | 'late')[]>();
    await this.store.update(entity, [...events.keys()], (key, row) => {
      const place = findSection(row, tag);
      const state = place ? stateIn(place) : program.empty();
      const given = present(events.get(key), 'events of the key');
      outcomes.set(
        key,
        given.map((event) => program.push(state, event)),
      );
      program.fold(state, now, mostRecent);
      return withSection(row, tag, sectionOf(program, state, now));
    });
    const told = [...outcomes.values()].flat();
    const outcome = {
      accepted: told.filter((one) => one === 'accepted').length,
      repeated: told.filter((one) => one === 'repeated').length,
      late: told.filter((one) => one === 'late').length,
    };
    const newest = Math.max(...[...events.values()].flat().map(({ at }) => at));
    await changeFacts(this.store, facts, (known) => ({
      ...known,
      pushed: known.pushed + outcome.accepted,
      ...(outcome.accepted > 0 && { newestEvent: Math.max(known.newestEvent ?? newest, newest) }),
    }));
    return outcome;
  }

  /** Brings a view up to its tables; goes on where an earlier build broke off. */
  async build(view: string | FeatureView, options: BuildOptions): Promise<Build> {
    const part = typeof view === 'string' ? this.served(view) : this.served(view.name, view.digest);
    assertPurpose(part.view.purposes, 'serve');
    return buildView({ store: this.store, part, now: this.now, building: this.#building }, options);
  }

  /** How far a view is; see `ViewFacts`. */
  async facts(name: string): Promise<ViewFacts> {
    const [facts] = await readFacts(this.store, [this.served(name).facts]);
    return present(facts, 'the facts of one view');
  }

  /** Removes all that is served of some keys of an entity; answers how many had anything. */
  async erase(entity: string, keys: readonly (string | number)[]): Promise<number> {
    const part = [...this.#views.values()].find(({ view }) => view.entity.name === entity);
    return part ? this.store.erase(part.entity, keys.map(String)) : 0;
  }

  /** Removes what can no longer matter, and other versions of views; answers how many keys were left. */
  async expire(): Promise<number> {
    let left = 0;
    for (const entity of new Set([...this.#views.values()].map((part) => part.entity))) {
      const parts = [...this.#views.values()].filter((part) => part.entity === entity);
      let page = await this.store.keys(entity, { limit: 500 });
      while (page.length > 0) {
        await this.store.update(entity, page, (_, row) => alive(parts, row, this.now));
        const rows = await this.store.get(entity, page);
        left += rows.filter((row) => row !== undefined).length;
        page = await this.store.keys(entity, { after: page.at(-1)!, limit: 500 });
      }
    }
    return left;
  }

  #parts(
    wanted: readonly { readonly name: string; readonly digest?: string | undefined }[],
  ): readonly ServedView[] {
    const parts = wanted.map(({ name, digest }) => this.served(name, digest));
    for (const { view } of parts) assertPurpose(view.purposes, 'serve');
    const other = parts.find(({ entity }) => entity !== parts[0]?.entity);
    if (parts.length > 0 && !other) return parts;
    throw new BadFeatureView(
      other?.view.name ?? 'features',
      'a vector is of one or more views of one entity',
    );
  }
}

function valuesAt(
  { program, nothing }: ServedView,
  place: Place | undefined,
  now: number,
): readonly FeatureValue[] {
  if (!place) return nothing;
  if (holdsAt(place, now)) return valuesIn(place);
  const state = stateIn(place);
  return program.read(state, Math.max(now, state.through)).values;
}

/** A row with those sections alone that can still matter. */
function alive(
  parts: readonly ServedView[],
  row: Uint8Array | undefined,
  now: number,
): Uint8Array | undefined {
  let kept: Uint8Array | undefined;
  for (const { program, tag } of parts) {
    const place = findSection(row, tag);
    if (!place) continue;
    const state = stateIn(place);
    if (program.isAlive(state, now)) kept = withSection(kept, tag, sectionOf(program, state, now));
  }
  return kept;
}
