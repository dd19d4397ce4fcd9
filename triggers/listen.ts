import type { FastifyInstance } from 'fastify';

export type ListenErrorCode = 'port_in_use' | 'port_forbidden' | 'address_unavailable' | 'listen_failed';

/** The server cannot listen; the message is one line that says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: ListenErrorCode;
  constructor(code: ListenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Makes a server listen.
 *
 * @param address.port 0 takes any free one
 * @param address.host default `127.0.0.1`
 * @returns the URL under which it answers
 * @throws ListenError
 */
export async function listen(app: FastifyInstance, address: { port: number; host?: string }): Promise<string> {
  const host = address.host ?? '127.0.0.1';
  try {
    return await app.listen({ port: address.port, host });
  } catch (cause) {
    throw asListenError(cause, host, address.port);
  }
}

function asListenError(cause: unknown, host: string, port: number): ListenError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') {
    return new ListenError(
      'port_in_use',
      `Port ${port} is in use. Give another by PORT or --port; 0 takes a free one.`,
      {
        cause,
      },
    );
  }
  if (code === 'EACCES') {
    return new ListenError('port_forbidden', `Port ${port} may not be used by this user. Give one from 1024 on.`, {
      cause,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new ListenError('address_unavailable', `${host} is not an address of this machine.`, { cause });
  }
  return new ListenError('listen_failed', `Port ${port} on ${host} cannot be listened on.`, { cause });
}
