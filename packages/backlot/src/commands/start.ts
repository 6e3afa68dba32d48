import { BacklotError } from '@backlot/core';
import type { CommandCall } from '../cli/command.ts';
import { openInBrowser } from '../cli/open-in-browser.ts';
import { table } from '../cli/output.ts';
import { jobData } from '../main-job/data-source.ts';
import { type JobResult, runMainJob } from '../main-job/main-job.ts';
import { openServing, sayOwner, signInAddress } from '../owner/serve-until-stopped.ts';

/** The seed is no whole number. */
class BadSeed extends BacklotError {
  constructor() {
    super({
      code: 'E-BACKLOT-012',
      kind: 'usage',
      reason: 'the seed is a whole number from 0 to 2^53 - 1',
    });
  }
}

/** `backlot start`: the main job, then the console until interrupted; or `--exit` after a few questions. */
export async function run(call: CommandCall): Promise<number> {
  const { io, cwd, options, output, signal } = call;
  const data = await jobData(io, cwd, options.data as string | undefined);
  const seed = Number(options.seed ?? 7);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new BadSeed();
  const begun = io.clock.monotonic();
  const serving = await openServing(call);
  if (!('owner' in serving)) {
    sayOwner(call, serving);
    return 0;
  }
  const { owner, ended, stop } = serving;
  try {
    output.say(
      `Running the main job on ${data.title}: deliveries in, an approved and served model out.`,
    );
    const result = await runMainJob({ owner, data, seed, output, signal });
    const seconds = Math.round((io.clock.monotonic() - begun) / 10) / 100;
    if (options.exit) {
      await stop();
      output.result({ ...result, seconds }, [summaryLine(result, seconds)]);
      return 0;
    }
    for (const line of describeResult(result, data.endpoint, seconds)) output.say(line);
  } catch (error) {
    await stop();
    throw error;
  }
  const address = await signInAddress(owner);
  output.result({ address, api: owner.address }, [address]);
  if (options.open) await openInBrowser(call, address);
  return ended;
}

function describeResult(result: JobResult, endpoint: string, seconds: number): readonly string[] {
  const names = Object.keys(Object.values(result.metrics)[0] ?? {});
  const rows = Object.entries(result.metrics).map(([model, metrics]) => [
    model,
    ...names.map((name) => (metrics[name] ?? 0).toFixed(4)),
  ]);
  return [
    '',
    ...table([['model', ...names], ...rows]).map((line) => `  ${line}`),
    '',
    `  ${result.modelDigest.slice(0, 13)} approved by ${result.approval.by}, served at ${endpoint}`,
    ...result.answers.map(({ asked, items, fallback }) => {
      const shown = items.slice(0, 3).join(', ');
      return `  ${asked}: ${shown}${fallback ? ` (${fallback})` : ''}`;
    }),
    '',
    `  ${seconds} s in all. Next, in another terminal:`,
    `    npx backlot recommend ${endpoint} ACCOUNT --k 5`,
    '    npx backlot runs',
    '    npx backlot audit verify',
    '',
    'The console (the address signs you in once; Ctrl-C stops it):',
  ];
}

function summaryLine(result: JobResult, seconds: number): string {
  const [model, metrics] = Object.entries(result.metrics)[0]!;
  const figures = Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  return [
    `${model} ${figures.join(', ')}`,
    result.modelDigest,
    `approved by ${result.approval.by}`,
    `${result.answers.length} answers replayed`,
    `${seconds} s`,
  ].join('; ');
}
