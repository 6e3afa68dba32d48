import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy before a server, to break connections in the middle. */
export interface CuttingProxy {
  readonly address: string;
  /** Breaks every connection and accepts none for a while. */
  cut(forMs: number): void;
  close(): void;
}

export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const [host = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let closedUntil = 0;
  const server = createServer((near) => {
    if (performance.now() < closedUntil) return void near.destroy();
    const far = connect(Number(port), host);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    }
    near.pipe(far).on('close', () => near.destroy());
    far.pipe(near).on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: (forMs) => {
      closedUntil = performance.now() + forMs;
      breakAll();
    },
    close: () => {
      server.close();
      breakAll();
    },
  };
}
