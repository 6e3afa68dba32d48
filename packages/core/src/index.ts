export { AssertionFailed, assert, present, unreachable } from './assert.ts';
export { canonicalJson, type Json, NotCanonical } from './canonical-json.ts';
export {
  type Digest,
  DigestStream,
  digestHex,
  digestOf,
  digestOfBytes,
  isDigest,
  parseDigest,
} from './digest.ts';
export {
  BacklotError,
  Cancelled,
  type ErrorFields,
  type ErrorKind,
  exitCodes,
  httpStatuses,
  throwIfCancelled,
} from './error.ts';
export { createId, isId } from './id.ts';
export type {
  ByteRange,
  ChildProcess,
  Clock,
  FileStat,
  Files,
  Io,
  ProcessExit,
  Processes,
  Randomness,
  SpawnOptions,
  WritableFile,
} from './io.ts';
export { BadName, isName, parseName } from './name.ts';
export { DurabilityLost, FileTooLarge, hasErrno, realIo } from './real-io.ts';
export { type SeededRandom, seededRandom } from './seeded-random.ts';
