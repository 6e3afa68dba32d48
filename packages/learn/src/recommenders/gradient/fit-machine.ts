import {
  type MachineProblem,
  MachineSweeps,
  machineWidth,
  openKernels,
  randomStream,
  type SparseMatrix,
  transposeSparse,
} from '@backlot/compute';
import { NotConverged } from '../../error.ts';
import type { Features } from '../../features.ts';
import type { FitOptions } from '../../fit-options.ts';
import { type Matrix, sparsify } from '../../matrix.ts';
import type { Learned } from '../../tabular-kind.ts';
import { machineTensors } from './machine-model.ts';

/** How a fit goes, beside the problem. */
interface MachineSearch {
  readonly kind: string;
  readonly start: number;
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Threads where none are told: each holds sums of factors for all rows. */
const usualThreads = 4;

/** Sweeps until one lowers the objective by less than the tolerance's part of it. */
export async function fitMachines(
  features: Features,
  problem: Omit<MachineProblem, 'byColumn'>,
  search: MachineSearch,
  options: FitOptions,
): Promise<Learned> {
  const { outputs, factors } = problem;
  const byColumn = transposeSparse(sparsify(features as Matrix | SparseMatrix));
  const threads = Math.min(options.threads ?? usualThreads, outputs);
  await using session = await openKernels({ threads, signal: options.signal });
  const start = startRecords(byColumn, outputs, factors, search.start, options.seed ?? 0);
  const sweeps = new MachineSweeps(session, { ...problem, byColumn }, start);
  let before = Infinity;
  let iterations = 0;
  let converged = false;
  for (; iterations < search.maxIterations && !converged; iterations++) {
    const objective = await sweeps.sweep();
    if (!Number.isFinite(objective)) {
      const reason = `its objective became ${objective}`;
      throw new NotConverged(search.kind, reason, 'scale the columns, or raise the penalties');
    }
    converged = before - objective <= search.tolerance * Math.abs(objective);
    before = objective;
    const progress = { done: iterations + 1, total: search.maxIterations, loss: objective };
    options.onProgress?.({ step: 'sweeps', ...progress });
  }
  const size = { outputs, columns: byColumn.rows, factors };
  const tensors = machineTensors(sweeps.parameters, size);
  return { tensors, facts: { converged, iterations, objective: before } };
}

/** Factors of a column begin as normal numbers over its largest size: 0 would be a saddle. */
function startRecords(
  byColumn: SparseMatrix,
  outputs: number,
  factors: number,
  deviation: number,
  seed: number,
): Float64Array {
  const { rows: columns, offsets, values } = byColumn;
  const width = machineWidth(factors);
  const records = new Float64Array(outputs * (columns + 1) * width);
  for (let output = 0; output < outputs; output++) {
    const stream = randomStream(seed, 'machine', output);
    for (let column = 0; column < columns; column++) {
      let largest = 0;
      for (let at = offsets[column]!; at < offsets[column + 1]!; at++) {
        largest = Math.max(largest, Math.abs(values[at]!));
      }
      const from = (output * (columns + 1) + column + 1) * width + 1;
      const scale = largest > 0 ? deviation / largest : 0;
      for (let k = 0; k < factors; k++) records[from + k] = scale * stream.normal();
    }
  }
  return records;
}
