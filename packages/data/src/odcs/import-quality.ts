import { notNull, type QualityRule, type Severity, unique } from '../quality/rule.ts';
import { type OdcsProperty, type OdcsQuality, ownProperties } from './odcs-document.ts';

/** A rule with its place among all of its table; those of other houses come last. */
export interface PlacedRule {
  readonly place: number;
  readonly rule: QualityRule;
}

/** The rules that a document has at a column; others are listed as not carried. */
export function columnQuality(
  { quality = [] }: OdcsProperty,
  { name: column, values }: { readonly name: string; readonly values?: readonly string[] },
  place: string,
  notCarried: string[],
): readonly PlacedRule[] {
  // One list of values is a part of a column of texts; what else is listed is lost.
  const listed =
    values && Array.isArray(quality) ? quality.find((each) => listedTexts(each)) : undefined;
  return read(quality, place, notCarried, listed, (given) => {
    const severity = severityOf(given);
    if (given.metric === 'nullValues' && isNone(given)) return notNull(column, { severity });
    const one = given.metric === 'duplicateValues' && given.arguments === undefined;
    return one && isNone(given) ? unique(column, { severity }) : undefined;
  });
}

/** The rules that a document has at a table; others are listed as not carried. */
export function tableQuality(
  quality: readonly OdcsQuality[] | undefined,
  place: string,
  notCarried: string[],
): readonly PlacedRule[] {
  return read(quality ?? [], place, notCarried, undefined, (given) => {
    const columns = given.arguments?.properties;
    if (given.metric !== 'duplicateValues' || !isNone(given) || !areTexts(columns))
      return undefined;
    return unique(columns, { severity: severityOf(given) });
  });
}

/** The only texts that a rule of the standard's library allows; undefined where it is another rule. */
export function listedTexts(given: OdcsQuality): readonly string[] | undefined {
  const values = given.arguments?.validValues;
  return given.metric === 'invalidValues' && isNone(given) && areTexts(values) ? values : undefined;
}

function read(
  quality: unknown,
  place: string,
  notCarried: string[],
  taken: OdcsQuality | undefined,
  ofLibrary: (given: OdcsQuality) => QualityRule | undefined,
): readonly PlacedRule[] {
  const found: PlacedRule[] = [];
  (Array.isArray(quality) ? quality : []).forEach((given: OdcsQuality, at) => {
    if (given === taken) return;
    const own = given.engine === 'backlot' ? given.implementation : undefined;
    // What stands there as ours is checked with the contract that it becomes part of.
    const rule = (own as QualityRule | undefined) ?? ofLibrary(given);
    if (rule) found.push({ place: placeOf(given), rule });
    else notCarried.push(`${place}.quality[${at}]`);
  });
  return found;
}

function placeOf({ customProperties }: OdcsQuality): number {
  const own = Array.isArray(customProperties)
    ? customProperties.find(({ property }) => property === ownProperties.place)
    : undefined;
  return typeof own?.value === 'number' ? own.value : Number.MAX_SAFE_INTEGER;
}

function severityOf({ severity }: OdcsQuality): Severity {
  return severity === 'warning' || severity === 'info' ? 'warn' : 'block';
}

function isNone({ mustBe }: OdcsQuality): boolean {
  return mustBe === 0;
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
