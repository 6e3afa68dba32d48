import type { Aggregation, Operation } from '../nodes.ts';
import { aggregateFunctions } from './aggregates.ts';
import { collectionFunctions } from './collections.ts';
import { comparisonFunctions } from './comparisons.ts';
import { conditionalFunctions } from './conditionals.ts';
import { conversionFunctions } from './conversions.ts';
import type { AggregateDefinitions, Definitions } from './definition.ts';
import { hashingFunctions } from './hashing.ts';
import { jsonFunctions } from './json.ts';
import { listFunctions } from './lists.ts';
import { logicFunctions } from './logic.ts';
import { mathematicsFunctions } from './mathematics.ts';
import { numberFunctions } from './numbers.ts';
import { patternFunctions } from './patterns.ts';
import { roundingFunctions } from './rounding.ts';
import { statisticFunctions } from './statistics.ts';
import { structFunctions } from './structs.ts';
import { textFunctions } from './text.ts';
import { timeBucketFunctions } from './time-bucket.ts';
import { timePartFunctions } from './time-parts.ts';
import { timeFunctions } from './times.ts';
import { zoneFunctions } from './zones.ts';

/** Every function that an expression may call, by name. */
export const functions: Definitions<Operation> = {
  ...comparisonFunctions,
  ...conditionalFunctions,
  ...logicFunctions,
  ...conversionFunctions,
  ...hashingFunctions,
  ...jsonFunctions,
  ...listFunctions,
  ...mathematicsFunctions,
  ...patternFunctions,
  ...roundingFunctions,
  ...timePartFunctions,
  ...zoneFunctions,
  ...numberFunctions,
  ...structFunctions,
  ...textFunctions,
  ...timeBucketFunctions,
  ...timeFunctions,
};

/** Every aggregate, by name. */
export const aggregates: AggregateDefinitions<Aggregation> = {
  ...aggregateFunctions,
  ...collectionFunctions,
  ...statisticFunctions,
};
