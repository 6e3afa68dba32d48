/** What a benchmark is: work that ours and a peer do, and how both are judged. Plain data and one function. */
export interface Benchmark {
  readonly name: string;
  /** What both do, in one sentence. */
  readonly work: string;
  readonly peer: Peer;
  /** The threads that both get. */
  readonly threads: number;
  /** The ratio ours / peer of time that is aimed at. */
  readonly goal: number;
  readonly rows: readonly BenchmarkRow[];
}

export interface Peer {
  /** With its version. */
  readonly name: string;
  /** What `scripts/setup-peers` installs, and the name of its lock in `benchmarks/peers`; absent: nothing. */
  readonly environment?: string;
}

/** One size or setting of the work. */
export interface BenchmarkRow {
  readonly label: string;
  readonly ours: Program;
  readonly theirs: Program;
  /** Files that must be there. */
  readonly needs: readonly string[];
  /** Measures what a program left in its output folder; higher is better. Runs once for each side. */
  readonly judge: (output: string) => Promise<Readonly<Record<string, number>>>;
  /** The measure in which ours must not be behind. */
  readonly decisive: string;
  /** By how much of the peer's measure ours may be behind, where chance decides; 0 when absent. */
  readonly tolerance?: number;
  /** What ours must reach at the least. */
  readonly floor: Readonly<Record<string, number>>;
}

/**
 * A script started in a process of its own with one argument, the task as JSON; `output`, a folder, is added
 * when it must leave its result. It prints one JSON object, `{ seconds, peakBytes }`: the time of the work
 * alone, by its own clock, and the process's peak resident memory.
 */
export interface Program {
  /** From the repository's root: a TypeScript or a Python file. */
  readonly script: string;
  readonly task: Readonly<Record<string, unknown>>;
}
