import { binary, partial, partialBinary, unary } from './calls.ts';
import type { Definitions, FunctionDefinition } from './definition.ts';
import { infinity } from './numbers.ts';

export type MathematicsOperation =
  | 'power'
  | 'sqrt'
  | 'cbrt'
  | 'exp'
  | 'ln'
  | 'log10'
  | 'log2'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'asin'
  | 'acos'
  | 'atan'
  | 'atan2'
  | 'sinh'
  | 'cosh'
  | 'tanh'
  | 'degrees'
  | 'radians'
  | 'sigmoid';

/** Doubles of different mathematical libraries differ in their last digits. */
const tolerance = 1e-12;

/** A function of a float; engines raise or answer otherwise outside `domain`, so it is missing there. */
function ofFloat(
  name: string,
  value: (a: number) => number,
  domain?: { readonly holds: (a: number) => boolean; readonly sql: (a: string) => string },
): FunctionDefinition {
  return {
    value: ([a]) => (!domain || domain.holds(Number(a)) ? value(Number(a)) + 0 : null),
    duckdb: ([a]) => {
      const inside = domain ? `CASE WHEN ${domain.sql(a!)} THEN ${a} END` : a;
      return `(${name}(${inside}) + CAST(0 AS DOUBLE))`;
    },
    tolerance,
  };
}

/** NaN is above every number, so it passes and stays NaN. */
const fromZero = { holds: (a: number) => !(a < 0), sql: (a: string) => `${a} >= 0` };
const positive = { holds: (a: number) => !(a <= 0), sql: (a: string) => `${a} > 0` };
/** Beyond this the angle itself is coarser than a turn. */
const angle = {
  holds: (a: number) => Math.abs(a) <= 1e9,
  sql: (a: string) => `abs(${a}) <= CAST(1000000000 AS DOUBLE)`,
};
const ratio = { holds: (a: number) => Math.abs(a) <= 1, sql: (a: string) => `abs(${a}) <= 1` };

export const mathematicsFunctions: Definitions<MathematicsOperation> = {
  power: {
    value: ([a, b]) => powerOf(Number(a), Number(b)),
    duckdb: ([a, b]) => {
      const whole = `(abs(${b}) < CAST(1000000 AS DOUBLE) AND ${b} = floor(${b}))`;
      const real = `(${a} > 0 OR (${a} = 0 AND ${b} >= 0) OR (${a} < 0 AND ${whole}))`;
      const finite = `abs(${a}) < ${infinity} AND abs(${b}) < ${infinity}`;
      return `(CASE WHEN ${real} AND ${finite} THEN power(${a}, ${b}) END + CAST(0 AS DOUBLE))`;
    },
    tolerance,
  },
  sqrt: ofFloat('sqrt', Math.sqrt, fromZero),
  cbrt: ofFloat('cbrt', Math.cbrt),
  exp: ofFloat('exp', Math.exp),
  ln: ofFloat('ln', Math.log, positive),
  log10: ofFloat('log10', Math.log10, positive),
  log2: ofFloat('log2', Math.log2, positive),
  sin: ofFloat('sin', Math.sin, angle),
  cos: ofFloat('cos', Math.cos, angle),
  tan: ofFloat('tan', Math.tan, angle),
  asin: ofFloat('asin', Math.asin, ratio),
  acos: ofFloat('acos', Math.acos, ratio),
  atan: ofFloat('atan', Math.atan),
  atan2: {
    value: ([a, b]) => Math.atan2(Number(a), Number(b)) + 0,
    duckdb: ([a, b]) => `(atan2(${a}, ${b}) + CAST(0 AS DOUBLE))`,
    tolerance,
  },
  sinh: ofFloat('sinh', Math.sinh),
  cosh: ofFloat('cosh', Math.cosh),
  tanh: ofFloat('tanh', Math.tanh),
  degrees: ofFloat('degrees', (a) => (a * 180) / Math.PI),
  radians: ofFloat('radians', (a) => (a * Math.PI) / 180),
  sigmoid: {
    value: ([a]) => 1 / (1 + Math.exp(-Number(a))),
    duckdb: ([a]) => `(CAST(1 AS DOUBLE) / (CAST(1 AS DOUBLE) + exp(-${a})))`,
    tolerance,
  },
};

function powerOf(base: number, exponent: number): number | null {
  const real =
    base > 0 ||
    (base === 0 && exponent >= 0) ||
    (base < 0 && Math.abs(exponent) < 1e6 && Number.isInteger(exponent));
  return real && Number.isFinite(base) && Number.isFinite(exponent) ? base ** exponent + 0 : null;
}

/**
 * The base raised to the exponent; missing where a side is not finite, for zero to a negative, and
 * for a negative to what is no whole number.
 */
export const power = partialBinary<'float', 'float', 'float'>('power', 'float', 'float');
/** The square root; missing below zero. */
export const sqrt = partial<'float', 'float'>('sqrt', 'float');
/** The cube root. */
export const cbrt = unary<'float', 'float'>('cbrt', 'float');
/** e to the value; infinite beyond about 709.8. */
export const exp = unary<'float', 'float'>('exp', 'float');
/** The natural logarithm; missing at zero and below. */
export const ln = partial<'float', 'float'>('ln', 'float');
/** The logarithm to base 10; missing at zero and below. */
export const log10 = partial<'float', 'float'>('log10', 'float');
/** The logarithm to base 2; missing at zero and below. */
export const log2 = partial<'float', 'float'>('log2', 'float');
/** The sine of radians; missing beyond a thousand million, where an angle means nothing. */
export const sin = partial<'float', 'float'>('sin', 'float');
/** The cosine of radians; missing beyond a thousand million. */
export const cos = partial<'float', 'float'>('cos', 'float');
/** The tangent of radians; missing beyond a thousand million. */
export const tan = partial<'float', 'float'>('tan', 'float');
/** The angle of a sine, in radians; missing outside -1 to 1. */
export const asin = partial<'float', 'float'>('asin', 'float');
/** The angle of a cosine, in radians; missing outside -1 to 1. */
export const acos = partial<'float', 'float'>('acos', 'float');
/** The angle of a tangent, in radians. */
export const atan = unary<'float', 'float'>('atan', 'float');
/** The angle in radians from the x axis to the point; (y, x), as everywhere. */
export const atan2 = binary<'float', 'float', 'float'>('atan2', 'float', 'float');
export const sinh = unary<'float', 'float'>('sinh', 'float');
export const cosh = unary<'float', 'float'>('cosh', 'float');
export const tanh = unary<'float', 'float'>('tanh', 'float');
/** Radians as degrees. */
export const degrees = unary<'float', 'float'>('degrees', 'float');
/** Degrees as radians. */
export const radians = unary<'float', 'float'>('radians', 'float');
/** 1 / (1 + e to the negative value): 0 to 1. */
export const sigmoid = unary<'float', 'float'>('sigmoid', 'float');
