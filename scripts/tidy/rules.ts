/** The layers of docs/ARCHITECTURE.md as data: a package imports lower levels, and the peers named. */
export const levels: Readonly<Record<string, number>> = {
  core: 0,
  compute: 1,
  learn: 2,
  store: 3,
  access: 3,
  testing: 3,
  data: 4,
  features: 4,
  pipelines: 4,
  registry: 4,
  serving: 4,
  server: 5,
  media: 5,
  tasks: 5,
  backlot: 6,
  console: 6,
};

/** Peers of one level that may be imported all the same. */
export const peers: Readonly<Record<string, readonly string[]>> = {
  access: ['store'],
  testing: ['store'],
  features: ['data'],
  serving: ['registry', 'features'],
  // For the folder of the built files alone.
  backlot: ['console'],
};

/** Packages that only tests import. */
export const testOnly: readonly string[] = ['testing'];

/** A package whose files may import another only for its types, or from one entry alone. */
export const typesOnly: Readonly<Record<string, readonly string[]>> = {
  console: ['server', 'core'],
};

interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  /** Files, by the end of their path or a folder in it, where it may stand, each for a reason. */
  readonly allowed: readonly string[];
}

/** Calls that do not stand in the product's code, and what stands there instead. */
export const bans: readonly Ban[] = [
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
    instead: 'the clock of the io port',
    // The real clock itself; the browser has no io port; benchmarks measure.
    allowed: ['core/src/real-io.ts', 'packages/console/', 'benchmarks/', 'scripts/'],
  },
  {
    pattern: /\bMath\.random\(/,
    instead: 'seededRandom, or the randomness of the io port',
    allowed: [],
  },
  {
    pattern: /(?<![.\w])fetch\(/,
    instead: 'a client that is passed in',
    allowed: ['packages/console/'],
  },
  {
    pattern: /from 'node:fs(?:\/promises)?'/,
    instead: 'the files of the io port',
    // The real driver; builds, benchmarks and examples; modes and free space, which the doctor only looks at.
    allowed: [
      'core/src/real-io.ts',
      'backlot/src/commands/file-facts.ts',
      'build.ts',
      'benchmarks/',
      'examples/',
      'scripts/',
    ],
  },
  {
    pattern: /from 'node:child_process'/,
    instead: 'the processes of the io port',
    allowed: ['core/src/real-io.ts', 'build.ts', 'benchmarks/', 'scripts/'],
  },
  {
    pattern: /\bconsole\.(?:log|error|warn|info|debug)\(/,
    instead: 'the output that the command line passes in',
    allowed: ['build.ts', 'benchmarks/', 'scripts/', 'examples/'],
  },
  {
    pattern: /\bdebugger\b|@ts-(?:ignore|nocheck)/,
    instead: 'nothing: mend the cause',
    allowed: [],
  },
];

/** No line of code or prose in a source file is longer, in characters. */
export const maxLineLength = 120;

/** A function longer than this, in lines, is counted. */
export const longFunctionLines = 60;

/** How many long functions a file may have; a number here only ever goes down. */
export const longFunctions: Readonly<Record<string, number>> = {};
