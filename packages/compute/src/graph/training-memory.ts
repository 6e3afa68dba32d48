import { InvalidExpression } from '../error.ts';
import type { KernelSession, Region } from '../kernel-session.ts';
import type { OnnxTensor } from '../onnx/onnx-graph.ts';
import type { Expression } from './expression.ts';
import { describeShape, resolveShape } from './shape.ts';
import type { TrainingSlot } from './training-slot.ts';

/** Where the numbers of a parameter lie. */
export interface SlotMemory {
  readonly parameters: Region;
  readonly gradients: Region;
  readonly first: Region;
  readonly second: Region;
}

/** Numbers in a block of the flat buffer; a parameter begins at a multiple of 16 of them. */
const alignment = 16;

function aligned(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}

/**
 * Memory that ONNX Runtime and the kernels share. Parameters that move as a whole lie side by side, so that
 * one run of a kernel moves them all; what has the size of a batch is kept for the next one.
 */
export class TrainingMemory {
  /** Of all parameters that move as a whole. */
  readonly all: SlotMemory;
  /** How many numbers those are, gaps included. */
  readonly dense: number;
  readonly #kernels: KernelSession;
  readonly #slots = new Map<string, SlotMemory>();
  readonly #buffers = new Map<string, Region>();

  constructor(kernels: KernelSession, slots: readonly TrainingSlot[]) {
    this.#kernels = kernels;
    const dense = slots.filter(({ byRow }) => !byRow);
    this.dense = dense.reduce((sum, { length }) => sum + aligned(length), 0);
    this.all = this.#allocate(this.dense, this.dense);
    let at = 0;
    for (const slot of slots) {
      if (slot.byRow) this.#slots.set(slot.name, this.#allocate(slot.length, 0));
      else {
        this.#slots.set(slot.name, partOf(this.all, at, slot.length));
        at += aligned(slot.length);
      }
    }
  }

  #allocate(length: number, gradients: number): SlotMemory {
    const region = (count: number): Region => this.#kernels.allocate(4 * count);
    return {
      parameters: region(length),
      gradients: region(gradients),
      ...{ first: region(length), second: region(length) },
    };
  }

  of(slot: TrainingSlot): SlotMemory {
    return this.#slots.get(slot.name)!;
  }

  view(slot: TrainingSlot, what: keyof SlotMemory): Float32Array {
    return this.#kernels.float32(this.of(slot)[what]);
  }

  /** Memory under a name, at least so many bytes; what it held is not kept when it grows. */
  scratch(name: string, bytes: number): Region {
    const known = this.#buffers.get(name);
    if (known && known.bytes >= bytes) return known;
    // A quarter more, so that batches that grow by a little do not each take memory anew.
    const region = this.#kernels.allocate(64 * Math.ceil((1.25 * bytes) / 64));
    this.#buffers.set(name, region);
    return region;
  }

  /** A tensor under a name, of the size that an expression has in this batch. */
  tensor(
    name: string,
    { type, shape }: Expression,
    sizes: ReadonlyMap<string, number>,
  ): OnnxTensor & { readonly region: Region } {
    const resolved = resolveShape(shape, sizes);
    const length = resolved.reduce((product, size) => product * size, 1);
    const region = this.scratch(name, (type === 'int64' ? 8 : 4) * aligned(length));
    const { buffer, byteOffset } = this.#kernels.float32(region);
    const data =
      type === 'int64'
        ? new BigInt64Array(buffer, byteOffset, length)
        : new Float32Array(buffer, byteOffset, length);
    return { type, shape: resolved, data, region };
  }
}

function partOf(all: SlotMemory, at: number, length: number): SlotMemory {
  const part = ({ address }: Region): Region => ({ address: address + 4 * at, bytes: 4 * length });
  return {
    parameters: part(all.parameters),
    gradients: part(all.gradients),
    ...{ first: part(all.first), second: part(all.second) },
  };
}

/** The length of each name, from what is fed. Throws `InvalidExpression` for feeds that do not fit. */
export function sizesOf(
  inputs: readonly Expression[],
  feeds: Readonly<Record<string, OnnxTensor>>,
): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { name, type, shape } of inputs) {
    const fed = feeds[name!];
    const fits =
      fed?.type === type &&
      fed.shape.length === shape.length &&
      shape.every((size, axis) => {
        const length = fed.shape[axis]!;
        if (typeof size === 'number') return size === length;
        if (!sizes.has(size)) sizes.set(size, length);
        return sizes.get(size) === length;
      });
    if (fits) continue;
    const given = fed ? `${fed.type}${describeShape(fed.shape)}` : 'nothing';
    throw new InvalidExpression(name!, `is fed ${given}; it is ${type}${describeShape(shape)}`);
  }
  return sizes;
}
