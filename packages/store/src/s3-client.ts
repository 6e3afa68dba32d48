import { BacklotError, digestHex, digestOfBytes, type Io } from '@backlot/core';
import { checkBucket, type S3Bucket, s3Url } from './s3-address.ts';
import { ObjectStoreRefused, ObjectStoreUnreachable } from './s3-error.ts';
import { type S3Credentials, signS3 } from './s3-signature.ts';
import { xmlText, xmlTexts } from './s3-xml.ts';

/** The part of the platform's `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

interface S3ClientOptions {
  readonly io: Pick<Io, 'clock' | 'random'>;
  readonly fetch: Fetch;
  readonly where: S3Bucket;
  readonly credentials: () => Promise<S3Credentials>;
  /** A request, or a pause within an answer, may take this long; one minute by default. */
  readonly timeoutMs?: number;
  /** How often a request is tried; 6 by default. */
  readonly attempts?: number;
}

/** What stands under a key. */
export interface S3Entry {
  readonly key: string;
  readonly bytes: number;
  /** Milliseconds since 1970, UTC, by the server's clock. */
  readonly modifiedAt: number;
}

interface S3Page {
  readonly entries: readonly S3Entry[];
  /** The server's clock when it answered, milliseconds since 1970, UTC. */
  readonly at: number;
  readonly next: string | undefined;
}

interface Request {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Statuses besides 200 to 299 that the caller understands. */
  readonly expected?: readonly number[];
}

/** The few requests of S3 that objects need, each tried again where that can help. */
export class S3Client {
  readonly place: string;
  readonly #options: S3ClientOptions;

  constructor(options: S3ClientOptions) {
    checkBucket(options.where);
    this.#options = options;
    this.place = `s3://${options.where.bucket}/${options.where.prefix ?? ''}`;
  }

  /** Stores bytes where nothing stands yet; answers `false`, and changes nothing, where something does. */
  async putNew(key: string, body: Uint8Array): Promise<boolean> {
    const headers = { 'if-none-match': '*' };
    const { status } = await this.#send({ method: 'PUT', key, headers, body, expected: [412] });
    return status !== 412;
  }

  /** Stores bytes in place of whatever stands there. */
  async put(key: string, body: Uint8Array): Promise<void> {
    await this.#send({ method: 'PUT', key, body });
  }

  /** The bytes from an offset on, in pieces; `undefined` when nothing stands there. */
  async get(key: string, start: number): Promise<AsyncIterable<Uint8Array> | undefined> {
    const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
    const response = await this.#send({ method: 'GET', key, headers, expected: [404] }, true);
    if (response.status === 404) return undefined;
    if (start > 0 && response.status !== 206) {
      throw new ObjectStoreUnreachable(this.place, 'it answers no range of an object');
    }
    return this.#body(response);
  }

  async remove(key: string): Promise<void> {
    await this.#send({ method: 'DELETE', key, expected: [404] });
  }

  /** One page of the keys that begin so, in their order. */
  async list(prefix: string, next?: string): Promise<S3Page> {
    const query = { 'list-type': '2', prefix, ...(next && { 'continuation-token': next }) };
    const response = await this.#send({ method: 'GET', key: '', query });
    const xml = await response.text();
    const entries = xmlTexts(xml, 'Contents').map((content) => ({
      key: xmlText(content, 'Key') ?? '',
      bytes: Number(xmlText(content, 'Size')),
      modifiedAt: Date.parse(xmlText(content, 'LastModified') ?? ''),
    }));
    const truncated = xmlText(xml, 'IsTruncated') === 'true';
    const at = Date.parse(response.headers.get('date') ?? '');
    return {
      entries,
      at: Number.isNaN(at) ? this.#options.io.clock.now() : at,
      next: truncated ? xmlText(xml, 'NextContinuationToken') : undefined,
    };
  }

  /** Begins an upload in parts and answers its id. */
  async beginUpload(key: string): Promise<string> {
    const response = await this.#send({ method: 'POST', key, query: { uploads: '' } });
    const id = xmlText(await response.text(), 'UploadId');
    if (!id) throw new ObjectStoreUnreachable(this.place, 'it began an upload without an id');
    return id;
  }

  /** Uploads a part, counted from 1, and answers the tag that finishing needs. */
  async uploadPart(key: string, uploadId: string, part: number, body: Uint8Array): Promise<string> {
    const query = { partNumber: String(part), uploadId };
    const { headers } = await this.#send({ method: 'PUT', key, query, body });
    const tag = headers.get('etag');
    if (!tag) throw new ObjectStoreUnreachable(this.place, 'it took a part without a tag');
    return tag;
  }

  /** Makes the parts one object; `false` where something stands there, or the upload is gone. */
  async finishUpload(key: string, uploadId: string, tags: readonly string[]): Promise<boolean> {
    const parts = tags.map(
      (tag, index) =>
        `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag.replaceAll('"', '&quot;')}</ETag></Part>`,
    );
    const body = Buffer.from(
      `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
    );
    const headers = { 'if-none-match': '*', 'content-type': 'application/xml' };
    const request = { method: 'POST', key, query: { uploadId }, headers, body } as const;
    // 404: the first answer was lost, and the upload is finished already.
    const { status } = await this.#send({ ...request, expected: [404, 412] });
    return status < 400;
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    await this.#send({ method: 'DELETE', key, query: { uploadId }, expected: [404] });
  }

  /** Uploads that were begun and neither finished nor aborted: the first thousand. */
  async unfinishedUploads(
    prefix: string,
  ): Promise<readonly { readonly key: string; readonly id: string; readonly begunAt: number }[]> {
    const response = await this.#send({ method: 'GET', key: '', query: { uploads: '', prefix } });
    return xmlTexts(await response.text(), 'Upload').map((upload) => ({
      key: xmlText(upload, 'Key') ?? '',
      id: xmlText(upload, 'UploadId') ?? '',
      begunAt: Date.parse(xmlText(upload, 'Initiated') ?? ''),
    }));
  }

  /** Sends a request until it is answered usefully; the pauses grow and are drawn by chance. */
  async #send(request: Request, streamed: boolean = false): Promise<Response> {
    const { attempts = 6, io } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#try(request, streamed);
      if (outcome instanceof Response) return outcome;
      if (outcome instanceof BacklotError) throw outcome;
      if (attempt === attempts) {
        const { reason, cause } = outcome;
        throw new ObjectStoreUnreachable(this.place, `${reason}, ${attempts} times`, cause);
      }
      const most = Math.min(5_000, 100 * 2 ** attempt);
      await io.clock.sleep(most * (0.5 + io.random.bytes(1)[0]! / 512));
    }
  }

  /** One attempt: an answer, an error that stays, or why it has to be tried again. */
  async #try(
    request: Request,
    streamed: boolean,
  ): Promise<Response | BacklotError | { readonly reason: string; readonly cause?: unknown }> {
    let response: Response;
    try {
      response = await this.#request(request);
      // The rest of an answer is read here, so that one that is cut is tried again too.
      if (!streamed || response.status >= 300) response = await this.#whole(response);
    } catch (cause) {
      if (cause instanceof BacklotError) throw cause;
      return {
        reason: 'the connection broke or nothing came in time',
        cause: new Error(`${cause}`),
      };
    }
    const { status } = response;
    // A redirect is not followed, so what was asked has not happened.
    const failed = status >= 300 || (request.method === 'POST' && (await hidesError(response)));
    if (!failed || request.expected?.includes(status)) return response;
    const code = xmlText(await response.text(), 'Code') ?? 'no reason';
    const passing = status >= 500 || status === 429 || status === 307 || status < 300;
    if (passing || retriedCodes.has(code)) {
      return { reason: `it answered ${status} ${code}` };
    }
    return new ObjectStoreRefused(this.place, `${request.method} was answered ${status} ${code}`);
  }

  async #request({ method, key, query = {}, headers = {}, body }: Request): Promise<Response> {
    const { where, credentials, io } = this.#options;
    const url = s3Url(where, key, query);
    const bodyHash = digestHex(digestOfBytes(body ?? new Uint8Array()));
    const signed = await signS3(
      { method, url, headers, bodyHash },
      { credentials: await credentials(), region: where.region, at: io.clock.now() },
    );
    return this.#timed((signal) =>
      // A redirect would carry the request to a host that it was not signed for.
      this.#options.fetch(url.href, {
        ...{ method, headers: signed, signal, redirect: 'manual' },
        ...(body && { body: body as Uint8Array<ArrayBuffer> }),
      }),
    );
  }

  /** The answer with its whole body in memory. */
  async #whole(response: Response): Promise<Response> {
    const { status, headers } = response;
    const bytes = await this.#timed(() => response.arrayBuffer());
    return new Response(bodiless.has(status) ? null : bytes, { status, headers });
  }

  async *#body(response: Response): AsyncIterable<Uint8Array> {
    const reader = response.body?.getReader();
    if (!reader) return;
    try {
      for (;;) {
        const { done, value } = await this.#timed(() => reader.read());
        if (done) return;
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  async #timed<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock } = this.#options.io;
    const late = new AbortController();
    const done = new AbortController();
    const timeout = clock.sleep(this.#options.timeoutMs ?? 60_000, done.signal).then(() => {
      // The sleep ends early when the work is done: an abort would cut the answer's body.
      if (done.signal.aborted) return new Promise<never>(() => undefined);
      late.abort();
      throw new Error('nothing came in time');
    });
    timeout.catch(() => undefined);
    try {
      return await Promise.race([work(late.signal), timeout]);
    } finally {
      done.abort();
    }
  }
}

/** Refusals that say that the same request may do well a moment later. */
const retriedCodes: ReadonlySet<string> = new Set([
  ...['RequestTimeout', 'SlowDown', 'ConditionalRequestConflict', 'OperationAborted'],
  ...['ExpiredToken', 'RequestTimeTooSkewed'],
]);

const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

/** Finishing an upload is answered 200 before it is known whether it went well. */
async function hidesError(response: Response): Promise<boolean> {
  return /<Error>/.test(await response.clone().text());
}
