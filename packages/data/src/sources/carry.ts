/** Bytes that wait for the rest of their row, joined with what comes next. */
export class Carry {
  #rest: Buffer = Buffer.alloc(0);
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  readonly #atLeast: number;

  /** Small pieces are gathered until so many bytes are there, so that a waiting row is seldom read twice. */
  constructor(atLeast: number) {
    this.#atLeast = atLeast;
  }

  /** The bytes to read now, or `undefined` while too few have come. */
  take(chunk: Uint8Array): Buffer | undefined {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.byteLength;
    return this.#pendingBytes < this.#atLeast ? undefined : this.flush();
  }

  /** All that waits. */
  flush(): Buffer {
    const parts = this.#rest.byteLength > 0 ? [this.#rest, ...this.#pending] : this.#pending;
    const first = parts[0];
    const joined =
      parts.length === 1 && first
        ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
        : Buffer.concat(parts);
    this.#rest = Buffer.alloc(0);
    this.#pending = [];
    this.#pendingBytes = 0;
    return joined;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#rest.byteLength === 0 && this.#pendingBytes === 0;
  }

  /** Keeps what is left of a buffer for later. */
  keep(rest: Buffer): void {
    // A copy, so that a few bytes do not hold a whole chunk.
    this.#rest = Buffer.from(rest);
  }
}

/** Bytes that have to be there before a mark can be told. */
export const longestMark = 3;

/** The bytes after a UTF-8 byte order mark, where there is one; whether it is UTF-16's instead. */
export function afterMark(bytes: Buffer): { readonly start: number; readonly foreign: boolean } {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { start: 3, foreign: false };
  return { start: 0, foreign: (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) };
}
