import { BacklotError, type Clock, type Digest, digestOfBytes } from '@backlot/core';
import { ApprovalRefused, type VerifiedDeployment } from '@backlot/registry';
import type { Objects } from '@backlot/store';
import { decodeBundle } from './bundle.ts';
import { type EndpointFigures, EndpointMetrics } from './endpoint-metrics.ts';
import { AnswerRefused, NotServing } from './error.ts';
import type { PredictionLog } from './prediction-log.ts';
import type { AnswerBasis, PredictionRecord, PredictionRequest } from './prediction-record.ts';
import {
  type OpenModel,
  type RankedAnswer,
  type RecommendRequest,
  rank,
  readRequest,
} from './recommend.ts';
import { type OpenScorer, openFittedModel } from './scorer.ts';
import { littleEndian } from './tensor-bytes.ts';

export interface EndpointOptions {
  readonly workspace: string;
  readonly name: string;
  /** Verifies the endpoint's current deployment; called at each load and each check. */
  readonly verify: () => Promise<VerifiedDeployment>;
  readonly objects: Pick<Objects, 'get'>;
  /** The model's scorer; `openFittedModel` when absent. */
  readonly openScorer?: OpenScorer;
  readonly log: PredictionLog;
  readonly clock: Clock;
  /** A larger model is refused before it is read; 2 GiB by default. */
  readonly maxModelBytes?: number;
}

/** An item of an answer. */
export interface RecommendedItem {
  readonly rank: number;
  readonly item: string;
  readonly score: number;
  readonly title: string;
  readonly mediaKind?: string;
  readonly genres: readonly string[];
}

export interface Answer {
  /** The id from which the answer can be computed again. */
  readonly prediction: string;
  readonly model: string;
  readonly version: number;
  readonly digest: Digest;
  readonly basis: AnswerBasis;
  /** Why the answer is not the account's own, in a sentence; absent when it is. */
  readonly fallback?: string;
  /** At most `k`, fewer when no more may be shown. */
  readonly items: readonly RecommendedItem[];
  readonly ms: number;
}

/** What an endpoint holds. */
export interface LoadedModel {
  readonly deployment: string;
  readonly model: string;
  readonly version: number;
  readonly digest: Digest;
  readonly approval: string;
  readonly loadedAt: number;
  readonly users: number;
  readonly items: number;
  readonly storefronts: readonly string[];
}

export type EndpointState = 'serving' | 'degraded' | 'stopped';

export interface Replay {
  readonly prediction: string;
  readonly at: number;
  readonly digest: Digest;
  /** Items, their order and every bit of their scores are as they were. */
  readonly same: boolean;
  readonly items: readonly RecommendedItem[];
  readonly record: PredictionRecord;
}

/**
 * Serves one model at a time, and only one whose approval holds: each load verifies the deployment,
 * reads the bytes by digest and hashes them. A refused approval empties the endpoint, since nothing
 * may serve without one; any other failure to load keeps what was loaded before, and says so.
 */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #metrics: EndpointMetrics;
  #loaded: (LoadedModel & OpenModel) | undefined;
  #failure: string | undefined = 'nothing was loaded yet';
  #loading: Promise<unknown> = Promise.resolve();
  #replayed: { readonly digest: Digest; readonly model: OpenModel } | undefined;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#metrics = new EndpointMetrics(options.clock);
  }

  get name(): string {
    return this.#options.name;
  }

  get state(): EndpointState {
    if (!this.#loaded) return 'stopped';
    return this.#failure === undefined ? 'serving' : 'degraded';
  }

  /** Why the last load or check failed; absent when it did not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get loaded(): LoadedModel | undefined {
    if (!this.#loaded) return undefined;
    const { bundle: _b, scorer: _s, ...facts } = this.#loaded;
    return facts;
  }

  /** At most 20 pseudonyms that the model knows, to try it with. */
  get examples(): readonly string[] {
    return this.#loaded?.bundle.users.slice(0, 20) ?? [];
  }

  figures(): EndpointFigures {
    return this.#metrics.figures();
  }

  /** Loads what is deployed now, after deployments and at start. Loads follow each other. */
  load(): Promise<LoadedModel> {
    const loading = this.#loading.then(() => this.#guarded(() => this.#load()));
    this.#loading = loading.catch(() => undefined);
    return loading;
  }

  /** Verifies the approval of what is loaded again, without reading bytes; loads when it moved. */
  async check(): Promise<LoadedModel> {
    const verified = await this.#guarded(() => this.#options.verify());
    const { loaded } = this;
    return loaded?.deployment === verified.deployment.id ? loaded : this.load();
  }

  /** Answers, and logs the answer before it is given. */
  async recommend(request: RecommendRequest): Promise<Answer> {
    const started = this.#options.clock.monotonic();
    try {
      const held = this.#held();
      const asked = readRequest(request);
      const answer = await rank(held, asked);
      checkAnswer(answer, asked, held.items);
      const prediction = await this.#log(held, asked, answer);
      const ms = this.#options.clock.monotonic() - started;
      this.#metrics.answered(answer.basis, ms);
      return toAnswer(held, prediction, asked, answer, ms);
    } catch (error) {
      this.#metrics.failed(error instanceof BacklotError ? error.code : 'unexpected');
      throw error;
    }
  }

  /**
   * Computes a logged prediction again from its request and the bytes of its model, whatever serves
   * now, and compares it bit for bit. It shows nobody anything new, so it needs no approval.
   */
  async replay(id: string): Promise<Replay> {
    const record = await this.#options.log.read(this.#options.workspace, id);
    const model = await this.#modelOf(record.digest);
    const { basis, ranking } = await rank(model, record.request);
    const items = Array.from(ranking.items, (item) => model.bundle.items[item]!);
    const same =
      basis === record.basis &&
      scoreBytes(ranking.scores) === record.scores &&
      items.length === record.items.length &&
      items.every((item, index) => item === record.items[index]);
    const { at, digest } = record;
    return {
      ...{ prediction: id, at, digest, same, record },
      items: itemsOf(model, ranking, record.request),
    };
  }

  #held(): LoadedModel & OpenModel {
    if (this.#loaded) return this.#loaded;
    throw new NotServing(this.name, this.#failure ?? 'nothing was loaded yet');
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#failure = undefined;
      return result;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : 'unknown';
      if (error instanceof ApprovalRefused) this.#loaded = undefined;
      throw error;
    }
  }

  async #load(): Promise<LoadedModel> {
    const { deployment, version, approval } = await this.#options.verify();
    const model = await this.#open(version.digest);
    const { bundle } = model;
    this.#loaded = {
      ...model,
      ...{ deployment: deployment.id, model: version.model, version: version.version },
      ...{ digest: version.digest, approval: approval.id, loadedAt: this.#options.clock.now() },
      ...{ users: bundle.users.length, items: bundle.items.length },
      storefronts: bundle.storefronts,
    };
    return this.loaded!;
  }

  async #open(digest: Digest): Promise<OpenModel> {
    const { objects, openScorer = openFittedModel, maxModelBytes = 2 ** 31 - 1 } = this.#options;
    const bytes = await objects.get(digest, { limitBytes: maxModelBytes });
    // The store has hashed them too; what is served is hashed by who serves it.
    if (digestOfBytes(bytes) !== digest) {
      throw new ApprovalRefused('model-changed', 'the bytes are not the ones that were approved');
    }
    const bundle = decodeBundle(bytes);
    return { bundle, scorer: await openScorer(bundle) };
  }

  async #modelOf(digest: Digest): Promise<OpenModel> {
    if (this.#loaded?.digest === digest) return this.#loaded;
    if (this.#replayed?.digest !== digest) {
      this.#replayed = { digest, model: await this.#open(digest) };
    }
    return this.#replayed.model;
  }

  #log(
    { bundle, deployment, model, version, digest }: LoadedModel & OpenModel,
    request: PredictionRequest,
    { basis, ranking }: RankedAnswer,
  ): Promise<string> {
    const { workspace, name: endpoint, clock, log } = this.#options;
    return log.append({
      ...{ workspace, endpoint, deployment, model, version, digest, request, basis },
      at: clock.now(),
      items: Array.from(ranking.items, (item) => bundle.items[item]!),
      scores: scoreBytes(ranking.scores),
    });
  }
}

/** The last look before an answer leaves: its length, its numbers, no item twice. */
function checkAnswer(
  { ranking: { items, scores } }: RankedAnswer,
  { k }: PredictionRequest,
  known: number,
): void {
  if (items.length > k || items.length !== scores.length) {
    throw new AnswerRefused(`${items.length} items for k = ${k}`);
  }
  if (!scores.every(Number.isFinite)) throw new AnswerRefused('a score is not finite');
  if (!items.every((item) => item >= 0 && item < known)) {
    throw new AnswerRefused('an item is not in the catalogue');
  }
  if (new Set(items).size !== items.length) throw new AnswerRefused('an item stands twice');
}

function scoreBytes(scores: Float32Array): string {
  return Buffer.from(littleEndian(scores)).toString('base64');
}

function toAnswer(
  held: LoadedModel & OpenModel,
  prediction: string,
  asked: PredictionRequest,
  { basis, ranking }: RankedAnswer,
  ms: number,
): Answer {
  const fallback = fallbackSentence(basis, asked);
  return {
    ...{ prediction, model: held.model, version: held.version, digest: held.digest, basis },
    ...(fallback !== undefined && { fallback }),
    ...{ items: itemsOf(held, ranking, asked), ms },
  };
}

function fallbackSentence(
  basis: AnswerBasis,
  { account, storefront }: PredictionRequest,
): string | undefined {
  if (basis === 'account') return undefined;
  const why = account === undefined ? 'no account was given' : 'the account is not in this model';
  if (basis === 'history')
    return account === undefined ? undefined : `${why}: ranked by the given history`;
  const where = basis === 'popularity' ? 'everywhere' : `in ${storefront}`;
  return `${why}: what is popular ${where}`;
}

function itemsOf(
  { bundle }: OpenModel,
  { items, scores }: RankedAnswer['ranking'],
  { locale }: PredictionRequest,
): readonly RecommendedItem[] {
  const { catalogue } = bundle;
  return Array.from(items, (item, index) => {
    const mediaKind = catalogue.mediaKind(item);
    return {
      ...{ rank: index + 1, item: bundle.items[item]!, score: scores[index]! },
      title: catalogue.title(item, locale),
      ...(mediaKind !== undefined && { mediaKind }),
      genres: catalogue.genres(item),
    };
  });
}
