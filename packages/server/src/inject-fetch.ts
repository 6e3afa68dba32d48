import type { Readable } from 'node:stream';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';

/**
 * `fetch` that hands requests to the listener inside this process. They pass the same choke point,
 * permissions and limits as those from a socket.
 */
export function injectFetch(
  inject: (options: InjectOptions) => Promise<LightMyRequestResponse>,
  host: () => string,
): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = { ...Object.fromEntries(new Headers(init.headers)), host: host() };
    const response = await inject({
      method: (init.method ?? 'GET') as NonNullable<InjectOptions['method']>,
      url: `${url.pathname}${url.search}`,
      headers,
      payloadAsStream: true,
      ...(typeof init.body === 'string' && { payload: init.body }),
      ...(init.body instanceof Uint8Array && { payload: Buffer.from(init.body) }),
      ...(init.signal && { signal: init.signal }),
    });
    return asResponse(response);
  };
}

function asResponse(response: LightMyRequestResponse): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) {
    for (const one of [value].flat()) if (one !== undefined) headers.append(name, String(one));
  }
  const stream: Readable = response.stream();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      stream.on('data', (chunk: Uint8Array | string) => controller.enqueue(Buffer.from(chunk)));
      stream.once('end', () => controller.close());
      stream.once('error', (error) => controller.error(error));
    },
    cancel: () => void stream.destroy(),
  });
  return new Response(body, { status: response.statusCode, headers });
}
