import type { Translate } from '../i18n/translate.ts';

/** An estimate with its doubt, as the object that computed it says. */
export interface IntervalValue {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How an interval prints: `share` scales by 100 and prints %, `signed` marks a difference. */
export interface IntervalStyle {
  readonly share?: boolean;
  readonly signed?: boolean;
}

type Print = (value: number, options?: Intl.NumberFormatOptions) => string;

const minus = '\u2212';
/** A no-break space keeps a number with its unit. */
const joint = '\u00a0';
const exactLimit = 1e6;
const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Prints numbers with `Intl` objects that are built once for each set of options. */
function createPrint(locale: string): Print {
  const known = new Map<string, Intl.NumberFormat>();
  return (value, options = {}) => {
    const key = JSON.stringify(options);
    const format = known.get(key) ?? new Intl.NumberFormat(locale, options);
    known.set(key, format);
    return format.format(value).replace('-', minus);
  };
}

/** Numbers, shares, sizes and what statistics says about them, in one locale. */
export function numberFormats(locale: string, t: Translate) {
  const print = createPrint(locale);
  const decimal = (value: number, digits: number, signed = false): string =>
    print(value, fixed(digits, signed));
  return {
    /** Every digit of a count or a reading. */
    exact: (value: number): string => print(value, { maximumFractionDigits: 6 }),
    /** A count in a table: exact to six digits, then compact with three significant ones. */
    number: (value: number): string => print(value, countOptions(value)),
    /** A reading that moves, such as a rate: whole from ten on, else one decimal. */
    rate: (value: number): string =>
      print(Math.abs(value) < 10 ? Math.round(value * 10) / 10 : Math.round(value)),
    /** A number with a fixed count of decimals, such as a metric beside others. */
    decimal,
    /** A difference of counts, with its sign. */
    difference: (value: number): string =>
      print(value, { signDisplay: 'exceptZero', ...countOptions(value) }),
    /** A share between 0 and 1, in percent. */
    share: (value: number): string => print(value, shareOptions(value)),
    /** A difference of two shares, in points of percent. */
    points: (value: number): string => t('format.points', { value: decimal(value * 100, 1, true) }),
    bytes: (value: number): string => {
      const power = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), 4);
      const text = print(value / 1024 ** power, { maximumSignificantDigits: power === 0 ? 4 : 3 });
      return `${text}${joint}${byteUnits[power]}`;
    },
    /** An estimate and its bounds, each to two significant digits of the half width. */
    interval: (found: IntervalValue, style: IntervalStyle = {}) =>
      intervalParts(found, style, print, t),
    pValue: (p: number): string =>
      p < 0.001
        ? t('format.pUnder', { p: decimal(0.001, 3) })
        : t('format.p', { p: decimal(p, p < 0.01 ? 3 : 2) }),
    epsilon: (value: number): string => decimal(value, 2),
    delta: powerOfTen,
  };
}

function fixed(digits: number, signed = false): Intl.NumberFormatOptions {
  return {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    ...(signed && { signDisplay: 'exceptZero' }),
  };
}

function countOptions(value: number): Intl.NumberFormatOptions {
  if (Math.abs(value) >= exactLimit) return { notation: 'compact', maximumSignificantDigits: 3 };
  return Math.abs(value) < 1 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 2 };
}

function shareOptions(value: number): Intl.NumberFormatOptions {
  const small = Math.abs(value) < 0.1;
  return {
    style: 'percent',
    ...(small ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 0 }),
  };
}

function intervalParts(
  { value, low, high }: IntervalValue,
  style: IntervalStyle,
  print: Print,
  t: Translate,
): { readonly estimate: string; readonly bounds: string; readonly text: string } {
  const scale = style.share ? 100 : 1;
  const half = ((high - low) / 2) * scale;
  const digits = half > 0 ? Math.min(Math.max(1 - Math.floor(Math.log10(half)), 0), 6) : 2;
  const one = (bound: number): string => print(bound * scale, fixed(digits, style.signed));
  const parts = {
    estimate: style.share
      ? print(value, { style: 'percent', ...fixed(digits, style.signed) })
      : one(value),
    bounds: t('format.bounds', { low: one(low), high: one(high) }),
  };
  return { ...parts, text: t('format.interval', parts) };
}

/** δ as a power of ten, in superscript digits that need no markup. */
function powerOfTen(value: number): string {
  const power = Math.round(Math.log10(value));
  const raised = [...String(Math.abs(power))].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
  return `10${power < 0 ? '⁻' : ''}${raised}`;
}
