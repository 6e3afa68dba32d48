import { BundleRefused } from './error.ts';

/** Texts as two tensors: where each begins (and the last ends), and their UTF-8 bytes. */
interface PackedTexts {
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Packs texts one after the other. */
export function packTexts(texts: readonly string[]): PackedTexts {
  const parts = texts.map((text) => Buffer.from(text, 'utf8'));
  const offsets = new Uint32Array(texts.length + 1);
  for (const [index, part] of parts.entries()) offsets[index + 1] = offsets[index]! + part.length;
  return { offsets, bytes: new Uint8Array(Buffer.concat(parts)) };
}

const maxTextBytes = 4_096;

/** Unpacks exactly `count` texts, each well-formed UTF-8 of at most 4,096 bytes. */
export function unpackTexts(
  place: string,
  { offsets, bytes }: PackedTexts,
  count: number,
): readonly string[] {
  checkOffsets(place, offsets, count, bytes.length);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return Array.from({ length: count }, (_, index) => {
    const part = bytes.subarray(offsets[index]!, offsets[index + 1]!);
    if (part.length > maxTextBytes)
      throw new BundleRefused(place, `has a text over ${maxTextBytes} bytes`);
    try {
      return decoder.decode(part);
    } catch {
      throw new BundleRefused(place, `has a text that is not UTF-8, number ${index}`);
    }
  });
}

/** Offsets of `count` rows begin at 0, never fall, and end at the number of entries. */
export function checkOffsets(
  place: string,
  offsets: Uint32Array | Int32Array,
  count: number,
  entries: number,
): void {
  if (offsets.length !== count + 1) {
    throw new BundleRefused(place, `has ${offsets.length} offsets, ${count + 1} are expected`);
  }
  if (offsets[0] !== 0 || offsets[count] !== entries) {
    throw new BundleRefused(place, 'has offsets that do not span its entries');
  }
  for (let index = 0; index < count; index++) {
    if (offsets[index]! > offsets[index + 1]!)
      throw new BundleRefused(place, 'has offsets that fall');
  }
}
