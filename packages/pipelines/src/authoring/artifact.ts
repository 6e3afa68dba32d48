import { canonicalJson, type Digest, isDigest, parseName } from '@backlot/core';
import * as z from 'zod';

/**
 * A kind of artifact: how its values become bytes and come back. Two tasks hand a value over only
 * when both say the same kind.
 */
export interface ArtifactKind<T> {
  readonly kind: string;
  encode(value: T): Encoded | Promise<Encoded>;
  decode(content: ArtifactContent): Promise<T>;
}

/** The bytes of an artifact, or a file in the attempt's scratch folder that holds them. */
export type Encoded = Uint8Array | AsyncIterable<Uint8Array> | StagedFile;

/** A file that its task wrote and lets go of: the object store takes it over. */
export interface StagedFile {
  readonly kind: 'staged-file';
  readonly path: string;
}

/** An artifact by reference: what tasks hand to each other, and what the metadata keeps. */
export interface ArtifactRef {
  readonly kind: string;
  readonly digest: Digest;
  readonly bytes: number;
}

/** A stored artifact, read when it is asked for. */
export interface ArtifactContent {
  readonly ref: ArtifactRef;
  /** The bytes, checked against their digest. */
  bytes(options?: { readonly limitBytes?: number }): Promise<Uint8Array>;
  /** A local file that holds them; it must not be changed. */
  path(): Promise<string>;
}

/** The shape of an `ArtifactRef` on the wire. */
export const artifactRef = z.strictObject({
  kind: z.string().max(63),
  digest: z.custom<Digest>(isDigest, 'not a digest'),
  bytes: z.int().min(0),
});

/** Hands a file over as an output; it must lie on the same disk as the state folder. */
export function stagedFile(path: string): StagedFile {
  return Object.freeze({ kind: 'staged-file', path });
}

/** Whether a task's output is a file to be taken over. */
export function isStagedFile(value: unknown): value is StagedFile {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'staged-file'
  );
}

/**
 * A kind of artifact with an encoding of its own.
 *
 * @example
 * const note = artifact<string>({
 *   kind: 'note',
 *   encode: (text) => new TextEncoder().encode(text),
 *   decode: async (content) => new TextDecoder().decode(await content.bytes()),
 * });
 */
export function artifact<T>(kind: ArtifactKind<T>): ArtifactKind<T> {
  parseName(kind.kind, 'artifact kind');
  return Object.freeze({ kind: kind.kind, encode: kind.encode, decode: kind.decode });
}

const maxJsonBytes = 256 * 2 ** 20;

/** Values as canonical JSON, checked by a schema when they are written and when they are read. */
export function jsonArtifact<S extends z.ZodType>(
  kind: string,
  schema: S,
): ArtifactKind<z.output<S>> {
  return artifact<z.output<S>>({
    kind,
    encode: (value) => new TextEncoder().encode(canonicalJson(schema.parse(value))),
    decode: async (content) => {
      const bytes = await content.bytes({ limitBytes: maxJsonBytes });
      return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
    },
  });
}

/** Bytes as they are. */
export function bytesArtifact(kind: string): ArtifactKind<Uint8Array> {
  return artifact<Uint8Array>({
    kind,
    encode: (bytes) => bytes,
    decode: (content) => content.bytes(),
  });
}

/** A file: a task hands over the path of one it wrote, and gets the path of one to read. */
export function fileArtifact(kind: string): ArtifactKind<string> {
  return artifact<string>({ kind, encode: stagedFile, decode: (content) => content.path() });
}
