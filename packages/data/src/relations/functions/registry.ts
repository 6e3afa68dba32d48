import type { Aggregation, Operation } from '../nodes.ts';
import { aggregateFunctions } from './aggregates.ts';
import { comparisonFunctions } from './comparisons.ts';
import { conditionalFunctions } from './conditionals.ts';
import type { AggregateDefinitions, Definitions } from './definition.ts';
import { logicFunctions } from './logic.ts';
import { numberFunctions } from './numbers.ts';
import { structFunctions } from './structs.ts';
import { textFunctions } from './text.ts';
import { timeBucketFunctions } from './time-bucket.ts';
import { timeFunctions } from './times.ts';

/** Every function that an expression may call, by name. */
export const functions: Definitions<Operation> = {
  ...comparisonFunctions,
  ...conditionalFunctions,
  ...logicFunctions,
  ...numberFunctions,
  ...structFunctions,
  ...textFunctions,
  ...timeBucketFunctions,
  ...timeFunctions,
};

/** Every aggregate, by name. */
export const aggregates: AggregateDefinitions<Aggregation> = { ...aggregateFunctions };
