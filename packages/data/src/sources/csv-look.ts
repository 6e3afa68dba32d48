import { isAscii, isUtf8 } from 'node:buffer';

/** What a look over whole rows of CSV tells. */
interface CsvLook {
  /** Rows, the last one counted without its line end too. */
  readonly rows: number;
  /** Whether every field, quote and line end is such that any strict reader takes it the same way. */
  readonly plain: boolean;
}

const lineFeed = 10;
const quote = 34;
const comma = 44;

const odd: CsvLook = { rows: 0, plain: false };

/**
 * Looks over the bytes of whole rows: as many commas in each as the header has, no longer than
 * allowed, UTF-8, no control characters but tabs, quotes only around whole fields and no line ends
 * within. It answers at the first byte that is otherwise.
 */
export function lookAtCsv(bytes: Buffer, columns: number, maxRowBytes: number): CsvLook {
  // With one column an empty line may be a row; and where DEL is, identifiers are to be looked at.
  if (columns < 2 || bytes.includes(127) || !(isAscii(bytes) || isUtf8(bytes))) return odd;
  const to = bytes.length;
  let [rows, commas, start] = [0, 0, 0];
  for (let at = 0; at < to; at++) {
    const byte = bytes[at]!;
    if (byte > comma) continue;
    if (byte === comma) commas++;
    else if (byte === lineFeed) {
      if (commas !== columns - 1 || at + 1 - start > maxRowBytes) return odd;
      rows++;
      commas = 0;
      start = at + 1;
    } else if (byte === quote) {
      at = quotedEnd(bytes, at);
      if (at < 0) return odd;
    } else if (byte < 32 && byte !== 9) return odd;
  }
  if (start === to) return { rows, plain: true };
  return commas === columns - 1 && to - start <= maxRowBytes
    ? { rows: rows + 1, plain: true }
    : odd;
}

/** Where the quote that closes a field is, or -1 where the field is not plainly quoted. */
function quotedEnd(bytes: Buffer, open: number): number {
  const before = open === 0 ? lineFeed : bytes[open - 1];
  if (before !== comma && before !== lineFeed) return -1;
  let at = open + 1;
  for (; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte > quote) continue;
    if (byte === lineFeed || (byte < 32 && byte !== 9)) return -1;
    if (byte !== quote) continue;
    if (bytes[at + 1] !== quote) break;
    at++;
  }
  const after = bytes[at + 1];
  return at < bytes.length && (after === undefined || after === comma || after === lineFeed)
    ? at
    : -1;
}
