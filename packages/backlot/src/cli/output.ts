import { BacklotError, type ErrorKind } from '@backlot/core';

/** Where a command writes: data to stdout, talk to stderr. */
export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether talk goes to a terminal that can repaint lines. */
  readonly live: boolean;
  readonly colour: boolean;
  /** Writes the command's result: the object under `--json`, else its lines. */
  result(value: unknown, lines: readonly string[]): void;
  /** Writes a line of talk. */
  say(line: string): void;
  /** Writes a line of an error, which `--quiet` does not silence. */
  complain(line: string): void;
  /** Writes to stderr as it is, for displays that repaint. */
  paint(text: string): void;
}

interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

export function createOutput(options: OutputOptions): Output {
  const { json, quiet, environment, stdout, stderr } = options;
  const terminal = stderr.isTTY === true && environment.TERM !== 'dumb' && !environment.CI;
  return {
    json,
    quiet,
    live: terminal && !quiet && !json,
    colour: terminal && !environment.NO_COLOR,
    result: (value, lines) =>
      void stdout.write(
        json ? `${JSON.stringify(value)}\n` : lines.map((line) => `${line}\n`).join(''),
      ),
    say: (line) => void (quiet || stderr.write(`${line}\n`)),
    complain: (line) => void stderr.write(`${line}\n`),
    paint: (text) => void (quiet || stderr.write(text)),
  };
}

/** An error for people: code, place, reason and mend, one a line. */
export function describeError(error: unknown, verbose: boolean): readonly string[] {
  if (!(error instanceof BacklotError)) return describeBug(error, verbose);
  return [
    `${error.code} ${error.reason}`,
    ...(error.place ? [`  at   ${error.place}`] : []),
    ...(error.mend ? [`  try  ${error.mend}`] : []),
    ...(verbose && error.stack ? [error.stack] : []),
  ];
}

function describeBug(error: unknown, verbose: boolean): readonly string[] {
  const { reason } = bugOf(error);
  const stack = error instanceof Error ? error.stack : undefined;
  if (verbose && stack) return [`${bugCode} ${reason}`, stack];
  return [`${bugCode} ${reason}`, '  try  the same with --verbose, and report what it shows'];
}

const bugCode = 'E-BACKLOT-000';

/** An error that nobody expected, as the object that `--json` shows. */
export function bugOf(error: unknown): {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly reason: string;
} {
  const text = error instanceof Error ? error.message : String(error);
  return { code: bugCode, kind: 'failed', reason: `this is a bug of Backlot: ${text}` };
}

/**
 * Columns that line up; numbers are set right, and so is the head over a column of them. Cells may
 * hold what others delivered: what would steer a terminal, or turn a line around, is written out.
 */
export function table(given: readonly (readonly (string | number)[])[]): readonly string[] {
  const rows = given.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? cell : cell.replace(steering, escaped))),
  );
  const columns = (rows[0] ?? []).map((_, column) => ({
    width: Math.max(...rows.map((row) => String(row[column] ?? '').length)),
    right: rows.length > 1 && rows.slice(1).every((row) => isFigure(row[column])),
  }));
  return rows.map((row) =>
    columns
      .map(({ width, right }, column) => {
        const cell = row[column] ?? '';
        return right || typeof cell === 'number'
          ? String(cell).padStart(width)
          : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const steering = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

function escaped(sign: string): string {
  return `\\u${sign.codePointAt(0)!.toString(16).padStart(4, '0')}`;
}

/** A number, also one written with its digits fixed, or the dash that stands for none. */
function isFigure(cell: string | number | undefined): boolean {
  return (
    typeof cell === 'number' || (cell !== undefined && /^(?:-|-?\d+\.\d+(?: \w+)?)$/.test(cell))
  );
}
