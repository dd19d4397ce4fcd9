import { connect } from 'node:net';
import { endWithTest } from './running.ts';

/** An HTTP answer as it comes off the wire, at the moment of asking. */
export interface Wire {
  /** Everything received so far. */
  text(): string;
  head(): string;
  body(): string;
  /** The content-length that was announced. */
  announced(): number;
  /** Whether the other side has ended or reset the connection. */
  closed(): boolean;
  /** Settles when it has. */
  end: Promise<void>;
  /** Leaves in the middle. */
  hangUp(): void;
}

/** Sends one request over a bare socket. */
export function exchange(
  url: string,
  route: string,
  headers: Record<string, string> = {},
  body: string | Buffer | undefined = undefined,
): Wire {
  const { hostname, port, pathname } = new URL(url);
  const [method = 'GET', path = '/'] = route.split(' ');
  const socket = connect({ host: hostname, port: Number(port) });
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const all = { host: `${hostname}:${port}`, connection: 'close', ...length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const base = pathname === '/' ? '' : pathname;
  socket.write(`${method} ${base}${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  if (body !== undefined) socket.write(body);
  const chunks: Buffer[] = [];
  let closed = false;
  socket.on('data', (chunk) => chunks.push(chunk));
  // A reset is one of the things that are looked at here; `close` tells of it.
  socket.on('error', () => undefined);
  const end = new Promise<void>((resolve) => {
    socket.once('close', () => {
      closed = true;
      resolve();
    });
  });
  endWithTest(async () => {
    socket.destroy();
    await end;
  });
  const text = () => Buffer.concat(chunks).toString('utf8');
  return {
    text,
    head: () => text().split('\r\n\r\n', 1)[0] ?? '',
    body: () => text().split('\r\n\r\n').slice(1).join('\r\n\r\n'),
    announced: () => Number(/content-length: (\d+)/i.exec(text())?.[1] ?? Number.NaN),
    closed: () => closed,
    end,
    hangUp: () => socket.destroy(),
  };
}
