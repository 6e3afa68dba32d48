import { canonicalJson, type Digest, digestOf, type Json } from '@backlot/core';
import { BadRegistration } from './error.ts';

/** A measured value with the interval that its sampling leaves open. */
export interface MeasuredMetric {
  readonly name: string;
  readonly value: number;
  /** The interval's ends; absent when none was computed. */
  readonly low?: number;
  readonly high?: number;
  /** The interval's level, in (0, 1). */
  readonly level?: number;
  /** How many accounts it was measured on. */
  readonly accounts: number;
}

/** The metrics of one part of the accounts, such as storefront JP. */
export interface MetricSlice {
  readonly dimension: string;
  readonly value: string;
  readonly metrics: readonly MeasuredMetric[];
}

/** A column that tells of a person, and what was done to it before the model saw it. */
export interface PersonalColumn {
  readonly column: string;
  readonly sensitivity: string;
  /** Such as `pseudonymised with a keyed hash`. */
  readonly treatment: string;
}

/** A snapshot the model learned from. */
export interface CardData {
  readonly table: string;
  readonly snapshot: Digest;
  readonly rows: number;
  readonly accounts?: number;
  readonly purposes: readonly string[];
  readonly retentionDays?: number;
  readonly personal: readonly PersonalColumn[];
  readonly licence?: string;
}

/** Everything a card is made from. What is not given is said to be absent, never guessed. */
export interface CardFacts {
  readonly model: string;
  readonly task: string;
  readonly estimator: string;
  readonly digest: Digest;
  readonly bytes: number;
  readonly code: Digest;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly data: readonly CardData[];
  readonly intendedUse: string;
  readonly notFor: readonly string[];
  readonly licence: string;
  readonly evaluation: {
    readonly digest: Digest;
    /** How it was evaluated: the split, the candidates, what was excluded. */
    readonly protocol: string;
    readonly metrics: readonly MeasuredMetric[];
    readonly slices: readonly MetricSlice[];
    /** Slices that were asked for and that the data does not carry. */
    readonly absentSlices: readonly { readonly dimension: string; readonly reason: string }[];
  };
  readonly baseline?: { readonly name: string; readonly metrics: readonly MeasuredMetric[] };
  readonly latency?: { readonly p50Ms: number; readonly p99Ms: number; readonly measured: string };
  readonly privacy: { readonly unit: string; readonly differentiallyPrivate: false };
  readonly limitations: readonly string[];
}

/** One metric beside the baseline's. */
export interface BaselineComparison {
  readonly name: string;
  readonly value: number;
  readonly baseline: number;
  readonly difference: number;
}

/** The card as data: the facts, and the sentences and comparisons that follow from them. */
export interface ModelCard extends CardFacts {
  readonly kind: 'model-card';
  readonly version: 1;
  readonly comparison: readonly BaselineComparison[];
  readonly privacyStatement: readonly string[];
}

/**
 * The card that follows from the facts, and from nothing else: the same facts give the same bytes.
 */
export function modelCard(facts: CardFacts): ModelCard {
  checkMetrics(facts);
  const card: ModelCard = {
    kind: 'model-card',
    version: 1,
    ...facts,
    comparison: compare(facts),
    privacyStatement: privacyStatement(facts),
  };
  return JSON.parse(canonicalJson(card)) as ModelCard;
}

/** The card's bytes, as they are stored. */
export function cardBytes(card: ModelCard): Uint8Array {
  return new TextEncoder().encode(canonicalJson(card));
}

/** The digest that an approval binds: the object digest of the card's bytes. */
export function cardDigest(card: ModelCard): Digest {
  return digestOf(card);
}

function checkMetrics({ evaluation, baseline }: CardFacts): void {
  const all = [
    ...evaluation.metrics,
    ...evaluation.slices.flatMap(({ metrics }) => metrics),
    ...(baseline?.metrics ?? []),
  ];
  for (const { name, value, low, high, level } of all) {
    const ordered = (low ?? value) <= value && value <= (high ?? value);
    const leveled = level === undefined || (level > 0 && level < 1);
    if (!(ordered && leveled)) {
      throw new BadRegistration(
        `metric ${name}: low <= value <= high and 0 < level < 1 are required`,
      );
    }
  }
}

function compare({ evaluation, baseline }: CardFacts): readonly BaselineComparison[] {
  const theirs = new Map(baseline?.metrics.map((metric) => [metric.name, metric.value]));
  return evaluation.metrics.flatMap(({ name, value }) => {
    const other = theirs.get(name);
    return other === undefined ? [] : [{ name, value, baseline: other, difference: value - other }];
  });
}

function privacyStatement({ data, privacy }: CardFacts): readonly string[] {
  return [
    'Trained without differential privacy. What one person did can change what this model ' +
      'returns, and a skilled attacker may be able to tell whether a person was in the data.',
    `The privacy unit is ${privacy.unit}.`,
    ...data.map(dataSentence),
    'The model holds pseudonyms and item keys, no names and no raw account identifiers.',
  ];
}

function dataSentence({
  table,
  rows,
  accounts,
  purposes,
  retentionDays,
  personal,
}: CardData): string {
  const from = accounts === undefined ? '' : ` of ${accounts} accounts`;
  const columns = personal.map(({ column, treatment }) => `${column} (${treatment})`);
  const personalPart =
    columns.length > 0 ? `personal columns ${columns.join(', ')}` : 'no personal column';
  const kept = retentionDays === undefined ? 'without a stated limit' : `for ${retentionDays} days`;
  const allowed = purposes.length > 0 ? purposes.join(', ') : 'no purpose';
  return `${table}: ${rows} rows${from}, ${personalPart}; kept ${kept}; allowed for ${allowed}.`;
}
