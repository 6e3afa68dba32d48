import { type Expression, parameter, type Start, startValues } from '@backlot/compute';

/** A parameter before it has numbers. */
export interface ParameterPlan {
  readonly shape: readonly number[];
  readonly start: Start;
}

/** What a module sees of itself while it is called. */
export interface ModuleScope {
  /** Its own parameters, by name. */
  readonly own: Readonly<Record<string, Expression>>;
  /** Calls one of its parts, by name. */
  part(name: string, ...inputs: readonly Expression[]): Expression;
  /** A name that no other call has, for what is drawn in training. */
  unique(): string;
}

/**
 * A network, or a piece of one: frozen data with named parameters, named parts and what it makes of its
 * inputs. Write your own with `defineModule`.
 */
export interface Module {
  readonly parameters: Readonly<Record<string, ParameterPlan>>;
  readonly parts: Readonly<Record<string, Module>>;
  call(scope: ModuleScope, ...inputs: readonly Expression[]): Expression;
}

/**
 * A module of one's own.
 *
 * @example
 * const residual = (width: number) => defineModule({
 *   parts: { first: linear(width, width), second: linear(width, width) },
 *   call: ({ part }, x) => add(x!, part('second', relu(part('first', x!)))),
 * });
 */
export function defineModule(given: Partial<Omit<Module, 'call'>> & Pick<Module, 'call'>): Module {
  const { parameters = {}, parts = {}, call } = given;
  return Object.freeze({
    parameters: Object.freeze(parameters),
    parts: Object.freeze(parts),
    call,
  });
}

/** The plans of all parameters, by their path: the names of parts and the parameter, joined by dots. */
export function moduleParameters(
  module: Module,
  path = '',
): Readonly<Record<string, ParameterPlan>> {
  const found: Record<string, ParameterPlan> = {};
  for (const [name, plan] of Object.entries(module.parameters)) found[`${path}${name}`] = plan;
  for (const [name, part] of Object.entries(module.parts)) {
    Object.assign(found, moduleParameters(part, `${path}${name}.`));
  }
  return found;
}

/** Numbers of parameters, by path. */
export type ParameterValues = Readonly<Record<string, Float32Array>>;

/** The numbers of all parameters before training; each has a stream of its own. */
export function startParameters(module: Module, seed: number): ParameterValues {
  const entries = Object.entries(moduleParameters(module)).map(([path, plan], at) => {
    return [path, startValues(plan.start, plan.shape, seed, at)] as const;
  });
  return Object.fromEntries(entries);
}

/** A module whose parameters are expressions: every call of it or its parts shares them. */
export interface BoundModule {
  readonly module: Module;
  /** By path. */
  readonly parameters: Readonly<Record<string, Expression>>;
  call(...inputs: readonly Expression[]): Expression;
  /** Calls one of its parts. */
  part(name: string, ...inputs: readonly Expression[]): Expression;
}

/** Gives every parameter its expression. */
export function bindModule(module: Module): BoundModule {
  const plans = Object.entries(moduleParameters(module));
  const parameters = Object.fromEntries(
    plans.map(([path, { shape }]) => [path, parameter(path, shape)]),
  );
  let calls = 0;
  const scopeOf = (one: Module, path: string): ModuleScope => ({
    own: Object.fromEntries(
      Object.keys(one.parameters).map((name) => [name, parameters[`${path}${name}`]!]),
    ),
    part: (name, ...inputs) => {
      const part = one.parts[name]!;
      return part.call(scopeOf(part, `${path}${name}.`), ...inputs);
    },
    unique: () => `${path}call.${calls++}`,
  });
  const scope = scopeOf(module, '');
  return {
    module,
    parameters,
    call: (...inputs) => module.call(scope, ...inputs),
    part: scope.part,
  };
}
