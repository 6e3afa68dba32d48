import { assert, type Digest, type Io, throwIfCancelled } from '@backlot/core';
import type { Objects } from '@backlot/store';
import {
  type ContractData,
  contractData,
  contractDigest,
  parseContract,
  type Table,
} from '../contract.ts';
import { ContractChanged } from '../data-error.ts';
import { DuckDbSession } from '../duckdb/session.ts';
import { type Corrected, tidyFiles } from '../snapshots/compact.ts';
import {
  deliveryId,
  type Manifest,
  putManifest,
  readManifest,
  type SnapshotFile,
} from '../snapshots/manifest.ts';
import { mergedDeliveries } from '../snapshots/rewrite.ts';
import {
  type Source,
  type SourceContext,
  type SourceFacts,
  sourceFacts,
  sourcePath,
} from '../sources/source-bytes.ts';
import { type DeliveryLimits, deliveryLimits } from './limits.ts';
import { PartChecker } from './part-checker.ts';
import { findWarnings } from './personal-data.ts';
import { Quarantine, type QuarantineReason } from './quarantine.ts';
import { readSource } from './read-source.ts';
import {
  type DeliveryMode,
  type DeliveryStatus,
  putReceipt,
  type Receipt,
  type ReceiptWarning,
} from './receipt.ts';
import { RowChecker } from './row-checker.ts';
import { sourceRules } from './rules.ts';
import { SourceRefused } from './source-refused.ts';
import { type PreviousFile, Stage } from './stage.ts';
import { type Pseudonyms, SealedFile, type SealSubjects, Subjects } from './subjects.ts';

/** Where a delivery stands. */
export interface DeliveryProgress {
  readonly phase: 'read' | 'write';
  /** Bytes of the source read, or files written, and how many there are. */
  readonly done: number;
  readonly total: number;
  readonly rows: number;
}

export interface DeliverOptions {
  readonly io: Io;
  readonly objects: Objects;
  /** The table, or its contract as data where a worker got it so. */
  readonly contract: Table | ContractData;
  readonly source: Source;
  /** Who delivers: a name for the receipt. Default `local`. */
  readonly provider?: string;
  /** `append` adds the rows to the previous snapshot; `replace` starts anew. Default `append`. */
  readonly mode?: DeliveryMode;
  /** The table's current snapshot. */
  readonly previous?: Digest;
  /** Needed where the table has a subject. */
  readonly pseudonyms?: Pseudonyms;
  /** Called with new subjects; what it answers is stored as the `subjects` object. */
  readonly sealSubjects?: SealSubjects;
  /** A folder for this attempt alone; what is left in it after a crash may be removed. */
  readonly scratch: string;
  readonly limits?: Partial<DeliveryLimits>;
  /** Files written side by side; the bytes do not depend on it. Default 2. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DeliveryProgress) => void;
}

/** What a delivery left in the object store. Nothing of it is visible before it is published. */
export interface DeliveryOutcome {
  readonly status: DeliveryStatus;
  readonly receipt: Receipt;
  readonly receiptDigest: Digest;
  /** The snapshot to publish; the previous one when nothing changed; absent when refused. */
  readonly manifest?: Digest;
  readonly quarantine?: Digest;
  /** JSON Lines of `{"pseudonym","sealed"}` for the owner to write key rows from. */
  readonly subjects?: Digest;
}

/**
 * Checks a source against a contract. Good rows become a snapshot's Parquet files, bad rows go to
 * quarantine, and a receipt tells the counts; over the contract's share of bad rows, or when the
 * source as a whole is unfit, the delivery is refused and there is no snapshot. The same delivery
 * on top of the same snapshot gives the same manifest digest. Expected faults of the source are
 * never thrown; thrown are a changed contract, a cancel, and failures of disk or engine.
 */
export async function deliver(options: DeliverOptions): Promise<DeliveryOutcome> {
  const delivery = new Delivery(options);
  try {
    return await delivery.run();
  } finally {
    await delivery.close();
  }
}

/** What reading found, before anything is decided. */
interface Found {
  readonly rows: number;
  readonly bad: number;
  readonly reasons: readonly QuarantineReason[];
  readonly warnings: readonly ReceiptWarning[];
  readonly superseded?: number;
  readonly late?: number;
  readonly corrected?: Corrected;
  readonly refusal?: SourceRefused;
}

class Delivery {
  readonly #options: DeliverOptions;
  readonly #contract: ContractData;
  readonly #contractDigest: Digest;
  readonly #context: SourceContext;
  readonly #folder: string;
  #facts: SourceFacts | undefined;
  #id = '';
  #previous: Manifest | undefined;
  #session: DuckDbSession | undefined;
  #stage: Stage | undefined;
  #subjects: Subjects | undefined;

  constructor(options: DeliverOptions) {
    const given = options.contract;
    this.#options = options;
    this.#contract = given.kind === 'table' ? contractData(given) : parseContract(given);
    this.#contractDigest = contractDigest(this.#contract);
    this.#folder = `${options.scratch}/delivery`;
    this.#context = {
      io: options.io,
      objects: options.objects,
      limits: deliveryLimits(options.limits),
      signal: options.signal,
    };
  }

  async run(): Promise<DeliveryOutcome> {
    throwIfCancelled(this.#options.signal, 'the delivery');
    const { objects, previous } = this.#options;
    if (previous) this.#previous = await readManifest(objects, previous);
    try {
      this.#facts = await sourceFacts(this.#options.source, this.#context);
    } catch (error) {
      if (!(error instanceof SourceRefused)) throw error;
      this.#id = this.#identify();
      return this.#refuse({ rows: 0, bad: 0, reasons: [], warnings: [], refusal: error });
    }
    this.#id = this.#identify();
    if (this.#isKnown()) return this.#unchanged();
    this.#checkPrevious();
    return this.#take();
  }

  async close(): Promise<void> {
    this.#session?.close();
    await this.#options.io.files.remove(this.#folder);
  }

  get #mode(): DeliveryMode {
    return this.#options.mode ?? 'append';
  }

  #identify(): string {
    const { format, compression = 'none' } = this.#options.source;
    const source = this.#facts?.digest ?? this.#contractDigest;
    return deliveryId({
      contract: this.#contractDigest,
      source,
      format,
      compression,
      mode: this.#mode,
    });
  }

  /** Whether the previous snapshot already holds exactly this delivery. */
  #isKnown(): boolean {
    const before = this.#previous;
    if (!before) return false;
    if (this.#mode === 'replace') return before.delivery === this.#id;
    if (before.merged?.includes(this.#id)) return true;
    return before.files.some((file) => file.delivery === this.#id);
  }

  #checkPrevious(): void {
    const before = this.#previous;
    if (!before) return;
    assert(before.table === this.#contract.table, 'the previous snapshot is of the same table');
    if (this.#mode === 'append' && before.contractDigest !== this.#contractDigest) {
      throw new ContractChanged(this.#contract.table);
    }
  }

  async #take(): Promise<DeliveryOutcome> {
    const { io } = this.#options;
    await io.files.remove(this.#folder);
    await io.files.makeFolder(this.#folder);
    const previous = await this.#previousFiles();
    this.#session = await DuckDbSession.open({
      memoryMiB: this.#context.limits.engineMemoryMiB,
      threads: this.#options.threads ?? 2,
      scratch: this.#folder,
      readable: [...previous.map(({ path }) => path), ...(await this.#sourcePaths())],
      signal: this.#options.signal,
    });
    const quarantine = await Quarantine.create(
      io,
      `${this.#folder}/quarantine.jsonl`,
      this.#context.limits.maxQuarantineLines,
    );
    let found: Found;
    const sealed = await this.#sealedFile();
    try {
      found = await this.#read(quarantine, sealed);
    } finally {
      await quarantine.close();
      await sealed?.close();
    }
    const kept = quarantine.lines > 0 ? await this.#adopt('quarantine.jsonl') : undefined;
    if (found.refusal) return this.#refuse(found, kept);
    return this.#accept(
      found,
      kept,
      sealed && sealed.lines > 0 ? await this.#adopt('subjects.jsonl') : undefined,
    );
  }

  async #sealedFile(): Promise<SealedFile | undefined> {
    if (this.#contract.subject === undefined) return undefined;
    const { pseudonyms, sealSubjects, io } = this.#options;
    assert(pseudonyms !== undefined, 'a table with a subject is delivered with pseudonyms');
    this.#subjects = new Subjects(pseudonyms, this.#context.limits, this.#contract.buckets);
    if (!sealSubjects) return undefined;
    return SealedFile.create(io, `${this.#folder}/subjects.jsonl`, sealSubjects);
  }

  /** The files that rows are held against, where the contract has rules between rows. */
  async #previousFiles(): Promise<readonly PreviousFile[]> {
    const { primaryKey, late } = this.#contract;
    const before = this.#previous;
    if (!before || this.#mode === 'replace' || !(primaryKey.length > 0 || late)) return [];
    return Promise.all(
      before.files.map(async ({ digest }) => {
        const path = await this.#options.objects.localPath(digest);
        return { digest, path };
      }),
    );
  }

  /** Only a Parquet file is read by the engine where it lies. */
  async #sourcePaths(): Promise<readonly string[]> {
    const { source } = this.#options;
    return source.format === 'parquet' ? [await sourcePath(source, this.#context)] : [];
  }

  async #read(quarantine: Quarantine, sealed: SealedFile | undefined): Promise<Found> {
    const contract = this.#contract;
    const [session, subjects] = [this.#session!, this.#subjects];
    const stage = await Stage.create(session, contract, subjects, this.#folder);
    this.#stage = stage;
    const checker = new RowChecker(contract, this.#context.limits, { stage, quarantine, subjects });
    const parts = new PartChecker({ session, contract, stage, quarantine, subjects, checker });
    await parts.open();
    const settle = async (sourceBytes: number): Promise<void> => {
      await stage.settle();
      await quarantine.flush();
      await sealed?.add(this.#subjects?.takeUnsealed() ?? []);
      this.#options.onProgress?.({
        phase: 'read',
        done: sourceBytes,
        total: this.#facts!.bytes,
        rows: checker.rows,
      });
    };
    try {
      await readSource({
        ...{ source: this.#options.source, facts: this.#facts!, contract, session },
        ...{ context: this.#context, folder: this.#folder, checker, parts, settle },
      });
    } catch (error) {
      if (!(error instanceof SourceRefused)) throw error;
      return {
        rows: checker.rows,
        bad: quarantine.rows,
        reasons: quarantine.reasons(),
        warnings: [],
        refusal: error,
      };
    }
    await stage.close();
    const aside = await stage.takeAside(await this.#previousFiles());
    for (const row of aside.late) quarantine.add(row, contract.late!.by, 'late');
    for (const row of aside.duplicates) {
      quarantine.add(row, contract.primaryKey[0]!, 'duplicate-key');
    }
    const refusal = this.#shareRefusal(checker.rows, quarantine.rows);
    const warnings = refusal ? [] : await findWarnings(this.#session!, contract);
    const found = {
      rows: checker.rows,
      bad: quarantine.rows,
      reasons: quarantine.reasons(),
      warnings,
      ...(aside.superseded > 0 && { superseded: aside.superseded }),
      ...(aside.lateAccepted > 0 && { late: aside.lateAccepted }),
      ...(aside.corrected && { corrected: aside.corrected }),
    };
    return refusal ? { ...found, refusal } : found;
  }

  #shareRefusal(rows: number, bad: number): SourceRefused | undefined {
    if (rows === 0) return new SourceRefused('empty', 'the source has no rows');
    if (bad <= rows * this.#contract.maxBadShare && bad < rows) return undefined;
    return new SourceRefused(
      'too-many-bad-rows',
      `${bad} of ${rows} rows are bad, a share of ${this.#contract.maxBadShare} is allowed`,
    );
  }

  async #accept(
    found: Found,
    quarantine: Digest | undefined,
    subjects: Digest | undefined,
  ): Promise<DeliveryOutcome> {
    const added = await this.#writeFiles(found.rows);
    const before = this.#mode === 'append' ? this.#previous : undefined;
    const { objects, signal } = this.#options;
    const files = await tidyFiles(before?.files ?? [], added, found.corrected, {
      ...{ objects, folder: this.#folder, signal },
      memoryMiB: this.#context.limits.engineMemoryMiB,
    });
    const merged = mergedDeliveries(before, files, this.#id);
    const manifest = await putManifest(objects, {
      kind: 'snapshot',
      table: this.#contract.table,
      contract: this.#contract,
      contractDigest: this.#contractDigest,
      rows: files.reduce((sum, file) => sum + file.rows, 0),
      buckets: this.#contract.buckets,
      files,
      ...(this.#options.previous && { previous: this.#options.previous }),
      delivery: this.#id,
      ...(merged.length > 0 && { merged }),
    });
    return this.#finish('accepted', found, { manifest, quarantine, subjects });
  }

  async #writeFiles(rows: number): Promise<readonly SnapshotFile[]> {
    const stage = this.#stage!;
    const total = stage.bucketRows.filter((count) => count > 0).length;
    let done = 0;
    const report = (): void => {
      this.#options.onProgress?.({ phase: 'write', done: ++done, total, rows });
    };
    const { threads: writers = 2, signal } = this.#options;
    const memoryMiB = this.#context.limits.engineMemoryMiB;
    const written = await stage.write({ writers, memoryMiB, signal }, report);
    const files: SnapshotFile[] = [];
    for (const { bucket, rows: count, path } of written) {
      const { digest, bytes } = await this.#options.objects.adopt(path);
      files.push({ bucket, digest, bytes, rows: count, delivery: this.#id });
    }
    return files;
  }

  async #adopt(name: string): Promise<Digest> {
    return (await this.#options.objects.adopt(`${this.#folder}/${name}`)).digest;
  }

  #refuse(found: Found, quarantine?: Digest): Promise<DeliveryOutcome> {
    const { rule, column = '' } = found.refusal!;
    const whole = { rule, column, rows: found.bad, firstRow: 0, mend: sourceRules[rule] };
    return this.#finish(
      'refused',
      { ...found, reasons: [whole, ...found.reasons] },
      { quarantine },
    );
  }

  #unchanged(): Promise<DeliveryOutcome> {
    const found = { rows: 0, bad: 0, reasons: [], warnings: [] };
    return this.#finish('unchanged', found, { manifest: this.#options.previous });
  }

  async #finish(
    status: DeliveryStatus,
    found: Found,
    digests: {
      readonly manifest?: Digest | undefined;
      readonly quarantine?: Digest | undefined;
      readonly subjects?: Digest | undefined;
    },
  ): Promise<DeliveryOutcome> {
    const { manifest, quarantine, subjects } = digests;
    const receipt = this.#receipt(status, found, digests);
    return {
      status,
      receipt,
      receiptDigest: await putReceipt(this.#options.objects, receipt),
      ...(manifest && { manifest }),
      ...(quarantine && { quarantine }),
      ...(subjects && { subjects }),
    };
  }

  #receipt(
    status: DeliveryStatus,
    found: Found,
    {
      manifest,
      quarantine,
    }: { readonly manifest?: Digest | undefined; readonly quarantine?: Digest | undefined },
  ): Receipt {
    const { source, previous, provider = 'local' } = this.#options;
    const { format, compression = 'none' } = source;
    return {
      kind: 'receipt',
      status,
      delivery: this.#id,
      provider,
      table: this.#contract.table,
      contractDigest: this.#contractDigest,
      source: {
        ...(this.#facts && { digest: this.#facts.digest }),
        bytes: this.#facts?.bytes ?? 0,
        format,
        compression,
      },
      mode: this.#mode,
      rows: found.rows,
      accepted: status === 'accepted' ? found.rows - found.bad : 0,
      quarantined: found.bad,
      ...(status === 'accepted' && found.superseded && { superseded: found.superseded }),
      ...(status === 'accepted' && found.late && { late: found.late }),
      maxBadShare: this.#contract.maxBadShare,
      reasons: found.reasons.slice(0, 50),
      warnings: found.warnings,
      subjects: this.#subjects?.count ?? 0,
      ...(previous && { previous }),
      ...(manifest && { snapshot: manifest }),
      ...(quarantine && { quarantine }),
    };
  }
}
