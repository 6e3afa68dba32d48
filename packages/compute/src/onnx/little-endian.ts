const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Numbers of `width` bytes between the host's order and the file's: turned in a copy where they differ, and
 * given back as they are where they do not.
 */
export function littleEndian<B extends ArrayBufferLike>(
  bytes: Uint8Array<B>,
  width: number,
): Uint8Array<B | ArrayBuffer> {
  if (hostIsLittleEndian || width === 1) return bytes;
  const turned = Uint8Array.from(bytes);
  for (let at = 0; at < turned.length; at += width) turned.subarray(at, at + width).reverse();
  return turned;
}
