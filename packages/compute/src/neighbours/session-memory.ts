import type { KernelSession, Region } from '../kernel-session.ts';
import type { KernelMemory } from './hnsw-memory.ts';

/** A session's memory, with bytes. */
export class SessionMemory implements KernelMemory {
  readonly threads: number;
  readonly #session: KernelSession;

  constructor(session: KernelSession) {
    this.#session = session;
    this.threads = session.threads;
  }

  allocate(bytes: number): Region {
    return this.#session.allocate(bytes);
  }

  float32(region: Region): Float32Array<SharedArrayBuffer> {
    return this.#session.float32(region);
  }

  int32(region: Region): Int32Array<SharedArrayBuffer> {
    return this.#session.int32(region);
  }

  uint8(region: Region): Uint8Array<SharedArrayBuffer> {
    const { buffer } = this.#session.float32({ address: region.address, bytes: 0 });
    return new Uint8Array(buffer, region.address, region.bytes);
  }
}
