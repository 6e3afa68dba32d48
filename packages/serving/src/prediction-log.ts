import { join } from 'node:path';
import type { WritableFile } from '@backlot/core';
import { assert, createId, DurabilityLost, hasErrno, type Io } from '@backlot/core';
import { LogUnavailable, PredictionDamaged, PredictionMissing } from './error.ts';
import {
  decodeRecord,
  encodeRecord,
  type PredictionRecord,
  scanRecords,
} from './prediction-record.ts';

/** A record before the log has given it its token. */
export type PredictionDraft = Omit<PredictionRecord, 'token'>;

export interface PredictionLogOptions {
  readonly io: Io;
  /** The folder of the segments, `predictions/` of the state folder. */
  readonly folder: string;
  /** A segment is closed once it is over this; 16 MiB by default. */
  readonly segmentBytes?: number;
  /** How many segments are kept; 64 by default, so about 1 GiB. */
  readonly segments?: number;
  /** Segments last written longer ago than this are removed; 30 days by default. */
  readonly retentionMs?: number;
  /** Records that may wait for the disk at once; more are refused. 4,096 by default. */
  readonly maxWaiting?: number;
}

/**
 * The log of predictions: append-only segments of checksummed records. An append resolves after its
 * bytes are synced; records that arrive while one sync runs share the next (group commit), so the
 * price is one sync for each answer when idle and a fraction of one under load.
 */
export interface PredictionLog {
  /** Appends a record; its id, once it is durable. */
  append(draft: PredictionDraft): Promise<string>;
  /** The record of an id, in a workspace; `PredictionMissing` in any other. */
  read(workspace: string, id: string): Promise<PredictionRecord>;
  /** What opening found. */
  readonly recovery: LogRecovery;
  close(): Promise<void>;
}

export interface LogRecovery {
  /** Valid records of the last segment. */
  readonly records: number;
  /** Bytes cut off behind the last valid record: a torn append that nobody was told of. */
  readonly cutBytes: number;
  /** The last segment is damaged in its midst; it is left as it is and no longer written to. */
  readonly damaged: boolean;
}

/** Opens the log: cuts the torn tail of the last segment, removes what is past its retention. */
export async function openPredictionLog(options: PredictionLogOptions): Promise<PredictionLog> {
  const { io, folder } = options;
  await io.files.makeFolder(folder);
  await io.files.syncFolder(join(folder, '..'));
  const numbers = await segmentNumbers(io, folder);
  const last = numbers.at(-1);
  const recovery =
    last === undefined ? nothing : await recoverSegment(io, segmentPath(folder, last));
  const log = new SegmentedLog(options, numbers, recovery);
  await log.expire();
  return log;
}

const nothing: LogRecovery = { records: 0, cutBytes: 0, damaged: false };

async function recoverSegment(io: Io, path: string): Promise<LogRecovery> {
  const bytes = await io.files.read(path);
  const { records, end, more } = scanRecords(bytes);
  if (more) return { records, cutBytes: 0, damaged: true };
  if (end < bytes.byteLength) {
    await io.files.truncate(path, end);
    await io.files.sync(path);
  }
  return { records, cutBytes: bytes.byteLength - end, damaged: false };
}

interface Waiting {
  readonly draft: PredictionDraft;
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
}

interface OpenSegment {
  readonly number: number;
  readonly file: WritableFile;
  bytes: number;
}

const defaults = {
  segmentBytes: 16 * 2 ** 20,
  segments: 64,
  retentionMs: 30 * 86_400_000,
  maxWaiting: 4_096,
};
const tokenLength = 8;

class SegmentedLog implements PredictionLog {
  readonly recovery: LogRecovery;
  readonly #options: PredictionLogOptions & typeof defaults;
  readonly #io: Io;
  readonly #numbers: number[];
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #open: OpenSegment | undefined;
  #reusable: boolean;
  #broken: unknown;
  #closed = false;

  constructor(options: PredictionLogOptions, numbers: readonly number[], recovery: LogRecovery) {
    this.#options = { ...defaults, ...options };
    this.#io = options.io;
    this.#numbers = [...numbers];
    this.recovery = recovery;
    this.#reusable = numbers.length > 0 && !recovery.damaged;
  }

  append(draft: PredictionDraft): Promise<string> {
    assert(!this.#closed, 'a closed prediction log takes nothing');
    if (this.#broken) return Promise.reject(this.#broken);
    if (this.#waiting.length >= this.#options.maxWaiting) {
      return Promise.reject(
        new LogUnavailable(`${this.#waiting.length} wait for the disk already`),
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#waiting.push({ draft, resolve, reject });
    this.#writing ??= this.#drain();
    return promise;
  }

  async read(workspace: string, id: string): Promise<PredictionRecord> {
    const place = parseId(id);
    if (!place || !this.#numbers.includes(place.segment)) throw new PredictionMissing();
    const path = segmentPath(this.#options.folder, place.segment);
    const stat = await this.#io.files.stat(path);
    if (!stat || place.offset >= stat.bytes) throw new PredictionMissing();
    const bytes = await this.#io.files.read(path);
    const found = decodeRecord(bytes, place.offset);
    if (!found) throw new PredictionDamaged(`segment ${place.segment} at ${place.offset}`);
    const { record } = found;
    if (record.token !== place.token || record.workspace !== workspace)
      throw new PredictionMissing();
    return record;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#open?.file.close();
    this.#open = undefined;
  }

  /** Removes the oldest segments while there are too many, or theirs is too long ago. */
  async expire(): Promise<void> {
    const { folder, segments, retentionMs } = this.#options;
    const oldest = this.#io.clock.now() - retentionMs;
    const before = this.#numbers.length;
    while (this.#numbers.length > 0) {
      const number = this.#numbers[0]!;
      const path = segmentPath(folder, number);
      const stat = await this.#io.files.stat(path);
      const old = stat !== undefined && stat.modifiedAt < oldest && number !== this.#open?.number;
      if (!old && this.#numbers.length <= segments) break;
      await this.#io.files.remove(path);
      this.#numbers.shift();
      if (this.#numbers.length === 0) this.#reusable = false;
    }
    if (this.#numbers.length < before) await this.#io.files.syncFolder(folder);
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#broken) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const ids = await this.#commit(batch.map(({ draft }) => draft));
        for (const [index, { resolve }] of batch.entries()) resolve(ids[index]!);
      } catch (error) {
        await this.#failed(batch, error);
      }
    }
    this.#writing = undefined;
  }

  /** One write and one sync for all of a batch. */
  async #commit(drafts: readonly PredictionDraft[]): Promise<readonly string[]> {
    const segment = await this.#segment();
    let end = segment.bytes;
    const ids: string[] = [];
    const parts = drafts.map((draft) => {
      const token = createId(this.#io.random).slice(0, tokenLength);
      const bytes = encodeRecord({ ...draft, token });
      ids.push(`${segment.number}-${end}-${token}`);
      end += bytes.byteLength;
      return bytes;
    });
    await segment.file.write(Buffer.concat(parts));
    await segment.file.sync();
    segment.bytes = end;
    return ids;
  }

  /**
   * Nothing of the batch was acknowledged. After a failed sync nobody knows what the disk holds, so
   * the log takes nothing more; any other failure leaves a torn tail, which is never written behind:
   * the next batch begins a segment.
   */
  async #failed(batch: readonly Waiting[], error: unknown): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    this.#reusable = false;
    const full = hasErrno(error, 'ENOSPC') || hasErrno(error, 'EDQUOT');
    const lost = error instanceof DurabilityLost;
    const told = lost
      ? error
      : new LogUnavailable(full ? 'the disk is full' : 'the disk failed', error);
    if (!full) this.#broken = told;
    const rest = this.#broken ? this.#waiting.splice(0) : [];
    for (const { reject } of [...batch, ...rest]) reject(told);
    if (!lost) await open?.file.close().catch((cause: unknown) => this.#breakWith(cause));
  }

  #breakWith(cause: unknown): void {
    this.#broken ??= new LogUnavailable('the disk failed', cause);
  }

  /** The segment that takes the next batch; its name is durable before anything is acknowledged. */
  async #segment(): Promise<OpenSegment> {
    if (this.#open && this.#open.bytes < this.#options.segmentBytes) return this.#open;
    await this.#open?.file.close();
    this.#open = undefined;
    const last = this.#numbers.at(-1);
    const reuse = this.#reusable && last !== undefined;
    this.#reusable = false;
    const opened = reuse ? await this.#reopen(last) : await this.#begin((last ?? 0) + 1);
    this.#open = opened;
    await this.expire();
    return opened;
  }

  async #reopen(number: number): Promise<OpenSegment> {
    const path = segmentPath(this.#options.folder, number);
    const stat = await this.#io.files.stat(path);
    const bytes = stat?.bytes ?? 0;
    if (bytes >= this.#options.segmentBytes) return this.#begin(number + 1);
    return { number, file: await this.#io.files.append(path), bytes };
  }

  async #begin(number: number): Promise<OpenSegment> {
    const { folder } = this.#options;
    const file = await this.#io.files.append(segmentPath(folder, number));
    if (this.#numbers.at(-1) !== number) this.#numbers.push(number);
    await this.#io.files.syncFolder(folder);
    return { number, file, bytes: 0 };
  }
}

function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(10, '0')}.log`);
}

async function segmentNumbers(io: Io, folder: string): Promise<readonly number[]> {
  const names = await io.files.list(folder);
  return names.flatMap((name) => {
    const match = /^(\d{10})\.log$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
}

function parseId(
  id: string,
): { readonly segment: number; readonly offset: number; readonly token: string } | undefined {
  const match = /^(\d{1,10})-(\d{1,12})-([0-9a-z]{8})$/.exec(id);
  return match
    ? { segment: Number(match[1]), offset: Number(match[2]), token: match[3]! }
    : undefined;
}
