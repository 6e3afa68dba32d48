import { join } from 'node:path';
import type { Principal } from '@backlot/access';
import type { Files } from '@backlot/core';
import type { Reader } from '@backlot/store';
import { NotFound } from '../pipelines-error.ts';
import { type AttemptRow, readTask } from '../state/rows.ts';

/** A piece of what an attempt printed. */
export interface LogPiece {
  readonly attempt: number;
  readonly text: string;
  /** The byte to go on from. */
  readonly next: number;
  /** The attempt has ended and nothing follows. */
  readonly ended: boolean;
}

export interface TaskLogRequest {
  /** The whole id. */
  readonly run: string;
  readonly node: string;
  /** The newest when absent. */
  readonly attempt?: number;
  /** The byte to begin at; 0 when absent. */
  readonly from?: number;
}

const pieceBytes = 256 * 1024;

/** Reads on in the log of an attempt, at most 256 KiB at once, cut between characters. */
export async function taskLog(
  {
    reader,
    files,
    home,
  }: { readonly reader: Reader; readonly files: Files; readonly home: string },
  { workspace }: Pick<Principal, 'workspace'>,
  { run, node, attempt: wanted, from = 0 }: TaskLogRequest,
): Promise<LogPiece> {
  const number = wanted ?? (await readTask(reader, workspace, run, node)).attempt;
  const attempt = await reader.get<AttemptRow>(
    'SELECT * FROM pipeline_attempts WHERE workspace = ? AND run = ? AND node = ? AND number = ?',
    ...[workspace, run, node, number],
  );
  if (!attempt) throw new NotFound(`attempt ${number} of ${node} in run ${run}`);
  const path = join(home, attempt.log);
  const size = (await files.stat(path))?.bytes ?? 0;
  const chunks: Uint8Array[] = [];
  const end = Math.min(size, from + pieceBytes);
  for await (const chunk of files.stream(path, { start: Math.min(from, end), end })) {
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const whole = end < size || attempt.ended_at === null ? wholeCharacters(bytes) : bytes.length;
  const next = from + whole;
  return {
    attempt: number,
    text: bytes.subarray(0, whole).toString('utf8'),
    next,
    ended: attempt.ended_at !== null && next >= size,
  };
}

/** How many bytes are left without a character that is cut at the end. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
