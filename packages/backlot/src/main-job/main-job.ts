import { BacklotError, type Digest, present } from '@backlot/core';
import type { Client, contracts, RunView, VersionView } from '@backlot/server/client';
import { type Evaluation, evaluation } from '@backlot/tasks';
import type { Output } from '../cli/output.ts';
import { createRunDisplay } from '../cli/run-display.ts';
import { apiOf } from '../connect.ts';
import type { Owner } from '../owner/owner.ts';
import type { LocalPerson } from '../owner/people.ts';
import { type JobData, storeFiles } from './data-source.ts';
import { askEndpoint, type JobAnswers } from './questions.ts';

/** A stage of the main job: a task of its run, or what follows it. */
interface Stage {
  readonly name: string;
  readonly seconds: number;
  readonly status: 'done' | 'same as before' | 'failed';
}

/** What the main job came to, as `--json` prints it. */
export interface JobResult {
  readonly stages: readonly Stage[];
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly modelDigest: string;
  readonly approval: { readonly state: string; readonly by: string; readonly expiresAt?: number };
  readonly answers: JobAnswers;
}

/** The run of the main job did not succeed. */
class JobFailed extends BacklotError {
  constructor(run: RunView) {
    const failed = run.taskViews.find((task) => task.state === 'failed');
    const problem = failed?.attempts.at(-1)?.error ?? run.error;
    super({
      code: 'E-BACKLOT-009',
      kind: 'failed',
      reason: `the run ended as ${run.state}${problem ? `: ${problem.code} ${problem.reason}` : ''}`,
      place: failed ? `${run.pipeline}/${failed.id}` : run.pipeline,
      mend: run.resume ?? `backlot runs ${run.id.slice(0, 7)}`,
    });
  }
}

type Api = Client<typeof contracts>;

interface JobOptions {
  readonly owner: Owner;
  readonly data: JobData;
  readonly seed: number;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Runs the main job: deliveries to a proposed model, then approved, served and asked. */
export async function runMainJob(options: JobOptions): Promise<JobResult> {
  return new MainJob(options).run();
}

class MainJob {
  readonly #options: JobOptions;
  readonly #stages: Stage[] = [];
  readonly #begun: number;

  constructor(options: JobOptions) {
    this.#options = options;
    this.#begun = this.#now();
  }

  async run(): Promise<JobResult> {
    const { data } = this.#options;
    const run = await this.#watch(await this.#start());
    const measured = await this.#evaluation(run);
    const version = await this.#version(run);
    const approval = await this.#stage('approve', () => this.#approve(version));
    await this.#stage('serve', () => this.#serve(version));
    const answers = await this.#stage('ask', () =>
      askEndpoint(this.#api('approver'), data.endpoint),
    );
    await this.#stage('verify', () => this.#verify());
    return {
      stages: this.#stages,
      seconds: this.#secondsSince(this.#begun),
      metrics: metricsOf(measured),
      modelDigest: version.digest,
      ...{ approval, answers },
    };
  }

  #now(): number {
    return this.#options.owner.state.io.clock.monotonic();
  }

  #secondsSince(begun: number): number {
    return Math.round((this.#now() - begun) / 10) / 100;
  }

  #api(person: LocalPerson): Api {
    const { address, credentials, listener } = this.#options.owner;
    return apiOf(address, credentials[person], listener.fetch);
  }

  async #start(): Promise<string> {
    const { owner, data, seed } = this.#options;
    const { io, objects } = owner.state;
    return owner.services.scheduler.startRun(owner.people.author, {
      ...{ pipeline: data.pipeline, parameters: data.parameters, seed },
      sources: await storeFiles(io, objects, data.files),
    });
  }

  /** Follows the run to its end and keeps its tasks as stages. */
  async #watch(run: string): Promise<RunView> {
    const { output, owner, signal } = this.#options;
    const display = createRunDisplay(output);
    let last: RunView | undefined;
    for await (const { data } of this.#api('author').watchRun({ params: { run } }, { signal })) {
      last = data;
      display.show(data, owner.state.io.clock.now());
    }
    display.end();
    const ended = present(last, 'a run that was started');
    for (const task of ended.taskViews) {
      const ms = (task.endedAt ?? 0) - (task.startedAt ?? task.endedAt ?? 0);
      const status =
        task.state !== 'succeeded' ? 'failed' : task.cache?.hit ? 'same as before' : 'done';
      this.#stages.push({ name: task.id, seconds: Math.max(0, ms) / 1000, status });
    }
    if (ended.state !== 'succeeded') throw new JobFailed(ended);
    return ended;
  }

  async #evaluation(run: RunView): Promise<Evaluation> {
    const task = run.taskViews.find(({ task: name }) => name === 'evaluate');
    const output = task?.outputs.find(({ kind }) => kind === 'evaluation');
    const digest = present(output, 'the evaluation of the run').digest as Digest;
    const bytes = await this.#options.owner.state.objects.get(digest);
    return evaluation.parse(JSON.parse(Buffer.from(bytes).toString()));
  }

  async #version(run: RunView): Promise<VersionView> {
    const { model } = this.#options.data;
    const bundle = run.taskViews
      .flatMap(({ outputs }) => outputs)
      .find(({ kind }) => kind === 'recommender-bundle');
    const { versions } = await this.#api('author').listVersions({ params: { model } });
    const known = versions.find(({ digest }) => digest === bundle?.digest);
    const { version } = present(known, 'the version that the run proposed');
    return this.#api('author').readVersion({ params: { model, version } });
  }

  /** Another person than the author signs; a version that was signed before stays as it is. */
  async #approve(seen: VersionView): Promise<JobResult['approval']> {
    const { output } = this.#options;
    const { model, version, approval, digest, evaluation, card } = seen;
    if (approval === 'proposed') {
      const decided = await this.#api('approver').decideVersion({
        params: { model, version },
        body: {
          ...{ decision: 'approve', reason: 'Better than popularity on a full ranking.' },
          seen: { digest, evaluation, card },
        },
      });
      output.say(`approver signed ${model} v${version}, made by author`);
      return {
        ...{ state: decided.approval, by: 'approver' },
        ...(decided.expiresAt !== undefined && { expiresAt: decided.expiresAt }),
      };
    }
    return { state: approval, by: 'approver' };
  }

  async #serve({ model, version, digest }: VersionView): Promise<void> {
    const { endpoint } = this.#options.data;
    const { endpoints } = await this.#api('owner').listEndpoints();
    const held = endpoints.find(({ name }) => name === endpoint);
    if (held?.state === 'serving' && held.deployment?.digest === digest) return;
    await this.#api('approver').deployVersion({ params: { endpoint }, body: { model, version } });
  }

  async #verify(): Promise<void> {
    const verdict = await this.#api('owner').verifyAudit({ body: {} });
    if (verdict.ok) return;
    throw new BacklotError({
      code: 'E-BACKLOT-010',
      kind: 'failed',
      reason: `the ledger does not verify: ${verdict.reason ?? 'no reason'}`,
      place: `audit/${verdict.firstBad ?? ''}`,
      mend: 'backlot audit verify',
    });
  }

  async #stage<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begun = this.#now();
    const result = await work();
    this.#stages.push({ name, seconds: this.#secondsSince(begun), status: 'done' });
    return result;
  }
}

function metricsOf({ models, k }: Evaluation): JobResult['metrics'] {
  return Object.fromEntries(
    Object.entries(models).map(([name, { recall, ndcg, coverage }]) => [
      name,
      { [`Recall@${k}`]: recall.mean, [`NDCG@${k}`]: ndcg.mean, Coverage: coverage },
    ]),
  );
}
