import { createServer } from 'node:net';

/** @returns a port on which nobody listens now */
export function freePort(host: string): Promise<number> {
  return listenOnce(host, 0);
}

/** @returns whether nobody listens on the port */
export async function isFree(host: string, port: number): Promise<boolean> {
  try {
    await listenOnce(host, port);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
}

function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new TypeError('a TCP server has no port'));
      });
    });
  });
}
