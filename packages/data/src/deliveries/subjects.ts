import { assert, type Io, type WritableFile } from '@backlot/core';
import { bucketOf } from '../bucket.ts';
import type { DeliveryLimits } from './limits.ts';
import { SourceRefused } from './source-refused.ts';

/** Turns a person's account into the name it is stored under: an HMAC under the workspace's key. */
export interface Pseudonyms {
  /** 64 hexadecimal digits, the same for the same account in a workspace. */
  pseudonym(raw: string): string;
  /** Whether the person was erased: such rows are not stored again. */
  isErased?(pseudonym: string): boolean;
}

/** What may be kept of a subject: its pseudonym, and bytes that only its own key opens. */
export interface SealedSubject {
  readonly pseudonym: string;
  readonly sealed: Uint8Array;
}

/** Seals subjects at first sight, many at a time: the clear accounts go no further than this call. */
export type SealSubjects = (raws: readonly string[]) => Promise<readonly SealedSubject[]>;

/** The subjects of one delivery: each has a number, a pseudonym and a bucket. */
export class Subjects {
  readonly #numbers = new Map<string, number>();
  readonly #pseudonyms: string[] = [];
  readonly #buckets: number[] = [];
  readonly #port: Pseudonyms;
  readonly #limits: DeliveryLimits;
  readonly #bucketCount: number;
  #unsealed: string[] = [];
  #staged = 0;

  constructor(port: Pseudonyms, limits: DeliveryLimits, bucketCount: number) {
    this.#port = port;
    this.#limits = limits;
    this.#bucketCount = bucketCount;
  }

  get count(): number {
    return this.#pseudonyms.length;
  }

  /** The number of a subject, given at first sight; -1 when it was erased. */
  number(raw: string): number {
    const known = this.#numbers.get(raw);
    if (known !== undefined) return known;
    if (this.count >= this.#limits.maxSubjects) {
      throw new SourceRefused(
        'too-many-subjects',
        'the delivery has more subjects than are allowed',
      );
    }
    const pseudonym = this.#port.pseudonym(raw);
    assert(/^[0-9a-f]{64}$/.test(pseudonym), 'a pseudonym is 64 hexadecimal digits');
    if (this.#port.isErased?.(pseudonym)) return -1;
    const number = this.#pseudonyms.push(pseudonym) - 1;
    this.#buckets.push(bucketOf(pseudonym, this.#bucketCount));
    this.#numbers.set(raw, number);
    this.#unsealed.push(raw);
    return number;
  }

  /** Whether so many subjects more are allowed. */
  allows(more: number): boolean {
    return this.count + more <= this.#limits.maxSubjects;
  }

  bucket(number: number): number {
    return this.#buckets[number]!;
  }

  /** The pseudonyms that have come since this was called last, with the number of the first. */
  takeNew(): { readonly first: number; readonly pseudonyms: readonly string[] } {
    const first = this.#staged;
    this.#staged = this.count;
    return { first, pseudonyms: this.#pseudonyms.slice(first) };
  }

  /** The clear accounts that wait to be sealed; they are forgotten here. */
  takeUnsealed(): readonly string[] {
    const raws = this.#unsealed;
    this.#unsealed = [];
    return raws;
  }
}

/** Writes sealed subjects as JSON Lines of `{"pseudonym","sealed"}`, `sealed` in base64. */
export class SealedFile {
  readonly #seal: SealSubjects;
  readonly #file: WritableFile;
  #lines = 0;

  private constructor(seal: SealSubjects, file: WritableFile) {
    this.#seal = seal;
    this.#file = file;
  }

  static async create(io: Io, path: string, seal: SealSubjects): Promise<SealedFile> {
    return new SealedFile(seal, await io.files.create(path));
  }

  get lines(): number {
    return this.#lines;
  }

  async add(raws: readonly string[]): Promise<void> {
    if (raws.length === 0) return;
    const sealed = await this.#seal(raws);
    assert(sealed.length === raws.length, 'each subject was sealed');
    const lines = sealed.map(({ pseudonym, sealed: bytes }) =>
      JSON.stringify({ pseudonym, sealed: Buffer.from(bytes).toString('base64') }),
    );
    await this.#file.write(Buffer.from(`${lines.join('\n')}\n`));
    this.#lines += lines.length;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
