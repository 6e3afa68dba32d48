import { throwIfCancelled } from '@backlot/core';
import {
  type BranchData,
  type Constraint,
  type ParametersOf,
  type ParameterValue,
  parseParameters,
  type SpecificationData,
} from './constraint.ts';
import { InvalidExamples, InvalidModel, MemoryExceeded, UnsupportedVerb } from './error.ts';
import { tabularKindOf } from './estimators.ts';
import { checkExamples, classesOf, type Examples, type TargetKind } from './examples.ts';
import { checkFeatures, columnsOf, type Features, type Form, formOf, rowsOf } from './features.ts';
import type { FitOptions } from './fit-options.ts';
import { isRecommender, type TabularModel, type TabularSignature } from './fitted-model.ts';
import type { Matrix } from './matrix.ts';
import type { Specification } from './specification.ts';
import type {
  ApplyOptions,
  ExamplesSize,
  Parts,
  TabularKind,
  Transformed,
  Verbs,
} from './tabular-kind.ts';

/** Fits an estimator of rows; `fit` calls it for every such kind. */
export async function fitExamples(
  specification: Specification,
  examples: Examples,
  options: FitOptions,
): Promise<TabularModel> {
  const parsed = parseSpecification(specification);
  const kind = tabularKindOf(parsed.kind);
  checkForm(kind, examples.features);
  const target = targetOf(parsed);
  checkExamples(examples, { target, missing: kind.missing });
  if (columnsOf(examples.features) === 0) throw new InvalidExamples('there is no column');
  throwIfCancelled(options.signal, 'the fit');
  // Of a composition each part is held to the limit when it is fitted, by the size that its data then has.
  if (options.memoryLimit !== undefined && !isComposed(kind)) {
    const needed = parts.memoryOf(parsed, sizeOf(examples));
    if (needed > options.memoryLimit)
      throw new MemoryExceeded(kind.kind, needed, options.memoryLimit);
  }
  const { outputs = 1, ...learned } = await kind.fit(parsed, examples, options, verbs);
  const signature = signatureOf(examples, target, outputs);
  return { kind: kind.kind, specification: parsed, seed: options.seed ?? 0, signature, ...learned };
}

function isComposed({ constraints }: TabularKind): boolean {
  const types = ['estimator', 'estimators', 'branches'];
  return Object.values(constraints).some(({ type }) => types.includes(type));
}

/** The specification with every part of it checked against its own estimator's constraints. */
function parseSpecification(given: Specification | SpecificationData): ParsedSpecification {
  const kind = tabularKindOf(given.kind);
  const parameters = parseParameters(kind.kind, kind.constraints, given.parameters);
  const checked = Object.entries(kind.constraints).map(([name, { type }]) => {
    return [name, parseParts(type, parameters[name]!)];
  });
  return Object.freeze({
    kind: kind.kind,
    parameters: Object.freeze(Object.fromEntries(checked)) as ParsedSpecification['parameters'],
  });
}

function parseParts(type: Constraint['type'], value: ParameterValue): ParameterValue {
  if (value === null) return null;
  switch (type) {
    case 'estimator':
      return parseSpecification(value as SpecificationData);
    case 'estimators':
      return Object.freeze((value as readonly SpecificationData[]).map(parseSpecification));
    case 'branches':
      return Object.freeze(
        (value as readonly BranchData[]).map(({ columns, estimator }) =>
          Object.freeze({ columns, estimator: parseSpecification(estimator) }),
        ),
      );
    default:
      return value;
  }
}

type ParsedSpecification = Specification<string, ParametersOf<TabularKind['constraints']>>;

function checkForm(kind: TabularKind, features: Features): void {
  const form = formOf(features);
  if (kind.accepts.includes(form)) return;
  const allowed = kind.accepts.join(' or ');
  throw new InvalidExamples(`${kind.kind} was given ${form} features; ${allowed} are allowed`);
}

function signatureOf(examples: Examples, target: TargetKind, outputs: number): TabularSignature {
  const { features } = examples;
  const form = formOf(features);
  const classes = target === 'classes' || target === 'partial' ? classesOf(examples) : 0;
  const fieldNames = 'fields' in features ? features.fields.map(({ name }) => name) : undefined;
  const names = examples.names ?? fieldNames ?? null;
  if (names && names.length !== columnsOf(features)) {
    throw new InvalidExamples(`${names.length} names for ${columnsOf(features)} columns`);
  }
  return {
    form: form === 'dense' || form === 'sparse' ? 'matrix' : form,
    rows: rowsOf(features),
    columns: columnsOf(features),
    names,
    outputs,
    classes,
    classNames: classes > 0 ? (examples.classes ?? null) : null,
  };
}

/**
 * By row: a number, a class's index, a cluster (-1 for none), a rank's score, or 1 and -1 for usual and
 * not. Throws `UnsupportedVerb`, `InvalidExamples`, `Cancelled`.
 */
export async function predict(
  model: TabularModel,
  features: Features,
  options: ApplyOptions = {},
): Promise<Float64Array> {
  return apply(model, features, options, 'predict');
}

/** Rows x classes (or clusters): how probable each is, each row adding up to 1. */
export async function predictProbabilities(
  model: TabularModel,
  features: Features,
  options: ApplyOptions = {},
): Promise<Matrix> {
  return apply(model, features, options, 'predictProbabilities');
}

/** The rows anew: scaled, encoded, projected. */
export async function transform(
  model: TabularModel,
  features: Features,
  options: ApplyOptions = {},
): Promise<Features> {
  return apply(model, features, options, 'transform');
}

/** By row: a margin, a log density, or how usual it is (higher is more usual). */
export async function scoreRows(
  model: TabularModel,
  features: Features,
  options: ApplyOptions = {},
): Promise<Float64Array> {
  return apply(model, features, options, 'scoreRows');
}

type Verb = 'predict' | 'predictProbabilities' | 'transform' | 'scoreRows';

async function apply<V extends Verb>(
  model: TabularModel,
  features: Features,
  options: ApplyOptions,
  verb: V,
): Promise<Awaited<ReturnType<NonNullable<TabularKind[V]>>>> {
  const kind = checkedKind(model);
  const act = kind[verb];
  if (!act) throw new UnsupportedVerb(kind.kind, verb);
  checkForm(kind, features);
  const columns = columnsOf(features);
  if (columns !== model.signature.columns) {
    const expected = model.signature.columns;
    throw new InvalidExamples(`the rows have ${columns} columns; the model knows ${expected}`);
  }
  checkFeatures(features, kind.missing);
  throwIfCancelled(options.signal, verb);
  type Result = Awaited<ReturnType<NonNullable<TabularKind[V]>>>;
  return (await act(model as never, features, options, verbs)) as Result;
}

function checkedKind(model: TabularModel): TabularKind {
  if (isRecommender(model)) throw new InvalidModel(`${model.kind} is a recommender, not of rows`);
  return tabularKindOf(model.kind);
}

/** The bound that the specification's estimator states for these examples. */
export function examplesMemory(specification: Specification, examples: Examples): number {
  return sizedMemory(specification, sizeOf(examples));
}

/** The same for examples of a size. */
export function sizedMemory(specification: Specification, size: ExamplesSize): number {
  return parts.memoryOf(parseSpecification(specification), size);
}

function sizeOf(examples: Examples): ExamplesSize {
  const { features } = examples;
  const [rows, columns] = [rowsOf(features), columnsOf(features)];
  return { rows, columns, stored: storedIn(features), classes: classesOf(examples) };
}

function storedIn(features: Features): number {
  if ('texts' in features) return features.texts.reduce((sum, text) => sum + text.length, 0);
  return 'offsets' in features ? features.values.length : rowsOf(features) * columnsOf(features);
}

function targetOf({ kind, parameters }: SpecificationData): TargetKind {
  const { target } = tabularKindOf(kind);
  return typeof target === 'function' ? target(parameters, parts) : target;
}

/** A composition takes what its first part takes. */
function acceptsOf({ kind, parameters }: SpecificationData): readonly Form[] {
  const { accepts, acceptsBy } = tabularKindOf(kind);
  return acceptsBy ? acceptsBy(parameters, parts) : accepts;
}

const parts: Parts = {
  targetOf,
  acceptsOf,
  memoryOf: ({ kind, parameters }, size) => tabularKindOf(kind).memory(size, parameters, parts),
  madeOf: ({ kind, parameters }, size) =>
    tabularKindOf(kind).made?.(size, parameters, parts) ?? size,
};

async function fitTransform(
  part: Specification,
  examples: Examples,
  options: FitOptions,
): Promise<Transformed> {
  const model = await fitExamples(part, examples, options);
  const { transformTrained } = tabularKindOf(model.kind);
  const features = transformTrained
    ? await transformTrained(model.specification, examples, options, verbs)
    : await transform(model, examples.features, options);
  return { model, features };
}

const verbs: Verbs = {
  fit: fitExamples,
  predict,
  predictProbabilities,
  transform,
  fitTransform,
  scoreRows,
  rolesOf: (part) => tabularKindOf(part.kind).roles,
  acceptsOf,
};
