import { defaultDeliveryLimits } from '../deliveries/limits.ts';
import { SourceRefused } from '../deliveries/source-refused.ts';

/** The names in the first row of CSV, as they stand there. */
export function csvNames(bytes: Buffer): readonly string[] {
  const text = bytes
    .subarray(0, defaultDeliveryLimits.maxRowBytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  const names: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r?\n|$)/y;
  for (;;) {
    const found = field.exec(text);
    if (!found) throw new SourceRefused('no-header', 'the first row is no header');
    names.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] !== ',') break;
  }
  if (names.every((name) => name === '')) {
    throw new SourceRefused('no-header', 'the first row names no columns');
  }
  return checked(names);
}

/** The members of the objects on the first lines, in the order that they are first met. */
export function jsonNames(bytes: Buffer, maxRows: number): readonly string[] {
  const names = new Set<string>();
  const lines = bytes.toString('utf8').split('\n', maxRows);
  for (const line of lines) {
    for (const name of membersOf(line)) names.add(name);
    checked([...names]);
  }
  if (names.size === 0) throw new SourceRefused('empty', 'no line is a JSON object with members');
  return [...names];
}

function membersOf(line: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? Object.keys(value) : [];
  } catch (error) {
    // The reader counts bad lines; a head may also end within one.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function checked(names: readonly string[]): readonly string[] {
  if (names.length <= 1_000) return names;
  throw new SourceRefused('too-many-columns', 'the file has more columns than a table may have');
}
