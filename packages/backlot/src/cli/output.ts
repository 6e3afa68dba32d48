import { BacklotError } from '@backlot/core';

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
    paint: (text) => void (quiet || stderr.write(text)),
  };
}

/** An error for people: code, place, reason and mend, one a line. */
export function describeError(error: unknown, verbose: boolean): readonly string[] {
  if (!(error instanceof BacklotError)) return describeBug(error);
  return [
    `${error.code} ${error.reason}`,
    ...(error.place ? [`  at   ${error.place}`] : []),
    ...(error.mend ? [`  try  ${error.mend}`] : []),
    ...(verbose && error.stack ? [error.stack] : []),
  ];
}

function describeBug(error: unknown): readonly string[] {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return ['E-BACKLOT-000 something that cannot be, was: this is a bug of Backlot', text];
}

/** Columns that line up; numbers are set right. */
export function table(rows: readonly (readonly (string | number)[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => String(row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        typeof cell === 'number'
          ? String(cell).padStart(widths[column]!)
          : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
}
