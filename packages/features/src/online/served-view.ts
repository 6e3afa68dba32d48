import type { FeatureValue } from '../aggregates/aggregate.ts';
import { durationMicros } from '../duration.ts';
import type { FeatureView } from '../views/feature-view.ts';
import { ViewProgram, type ViewState } from '../views/view-state.ts';
import { type Section, tagOf } from './row.ts';
import { appendJson, encodeValues } from './values.ts';

/** A view as it is served. */
export interface ServedView {
  readonly view: FeatureView;
  readonly program: ViewProgram;
  readonly tag: bigint;
  /** Where the rows of its entity lie in the store. */
  readonly entity: string;
  /** Names its facts. */
  readonly facts: string;
  /** After which the latest values are missing; absent: never. */
  readonly ttlMicros?: number;
  /** The values of a key of which nothing is known. */
  readonly nothing: readonly FeatureValue[];
  readonly nothingJson: string;
}

/** Makes a view ready to be served in a workspace. */
export function servedView(view: FeatureView, workspace: string): ServedView {
  const program = new ViewProgram(view);
  const nothing = program.read(program.empty(), 0).values;
  return {
    ...{ view, program, tag: tagOf(view.digest), nothing, nothingJson: jsonOf(nothing) },
    ...(view.ttl && { ttlMicros: durationMicros(view.name, view.ttl) }),
    entity: `${workspace}/${view.entity.name}`,
    facts: `${workspace}/${view.name}@${view.digest}`,
  };
}

/** The section that stands for a state, with its values as of now; none where nothing is known. */
export function sectionOf(
  program: ViewProgram,
  state: ViewState,
  now: number,
): Section | undefined {
  if (!state.latest && state.recent.length === 0) return undefined;
  const validFrom = Math.max(now, state.through);
  return { validFrom, ...program.read(state, validFrom), state };
}

/** Values as JSON, without brackets. */
export function jsonOf(values: readonly FeatureValue[]): string {
  const bytes = encodeValues(values);
  return appendJson(bytes, 0, bytes.length, '');
}
