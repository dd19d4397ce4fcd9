import { type Dispatcher, errors } from 'undici';

type Headers = Dispatcher.ResponseData['headers'];

/** One request of HTTP's. */
interface ExchangeOptions {
  dispatcher: Dispatcher;
  url: URL;
  method: Dispatcher.HttpMethod;
  headers: Record<string, string>;
  body: string | null;
  signal: AbortSignal;
  /** Milliseconds; without `connectMs` the dispatcher decides how long a connection may take. */
  timeouts: { connectMs: number | undefined; headersMs: number; bodyMs: number };
  /** How many bytes of a body with this status are read. */
  limitOf: (status: number) => number;
  /** There is a connection: from now on the other side may act. */
  onSent: () => void;
  onHead: (status: number, headers: Headers) => void;
}

/** An answer of which at least the head came. */
interface Exchanged {
  status: number;
  headers: Headers;
  body: Uint8Array;
  /** The body is longer than its limit; the connection was given up. */
  tooLong?: boolean;
  /** Why the body is not whole. */
  broken?: unknown;
}

/**
 * Sends a request and reads its answer. The time-outs are this file's own: undici looks after its timers every half
 * second only, while these keep their time, end a request that waits for its connection at once, and tell whether
 * anything was sent.
 * @throws undici's errors: `ConnectTimeoutError`, `HeadersTimeoutError`, …; whatever the signal's reason is when it
 * aborts. Once the head has come nothing is thrown: what happened to the body is in `broken`.
 */
export function exchange(options: ExchangeOptions): Promise<Exchanged> {
  const { dispatcher, url, method, signal, timeouts } = options;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let head: Pick<Exchanged, 'status' | 'headers'> | undefined;
    let connection: Dispatcher.DispatchController | undefined;
    let timer: NodeJS.Timeout | undefined;
    let settled = false;

    const settle = () => {
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const end = (outcome: { tooLong?: boolean; broken?: unknown }) => {
      if (settled) return;
      settle();
      if (head) resolve({ ...head, body: Buffer.concat(chunks), ...outcome });
      else reject(outcome.broken);
    };
    const giveUp = (outcome: { tooLong?: boolean; broken?: unknown }) => {
      end(outcome);
      connection?.abort(new errors.RequestAbortedError());
    };
    const onAbort = () => giveUp({ broken: signal.reason });
    const endAfter = (ms: number, timeout: () => Error) => {
      clearTimeout(timer);
      timer = setTimeout(() => giveUp({ broken: timeout() }), ms);
    };

    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (timeouts.connectMs !== undefined) endAfter(timeouts.connectMs, () => new errors.ConnectTimeoutError());

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        connection = controller;
        if (settled) return controller.abort(new errors.RequestAbortedError());
        options.onSent();
        endAfter(timeouts.headersMs, () => new errors.HeadersTimeoutError());
      },
      onResponseStart(_controller, status, headers) {
        // 1xx: the answer proper follows.
        if (settled || status < 200) return;
        head = { status, headers };
        options.onHead(status, headers);
        endAfter(timeouts.bodyMs, () => new errors.BodyTimeoutError());
      },
      onResponseData(_controller, chunk) {
        if (settled || head === undefined) return;
        timer?.refresh();
        size += chunk.length;
        if (size > options.limitOf(head.status)) giveUp({ tooLong: true });
        else chunks.push(chunk);
      },
      onResponseEnd: () => end({}),
      onResponseError: (_controller, error) => end({ broken: error }),
    };
    try {
      dispatcher.dispatch(
        {
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method,
          headers: options.headers,
          body: options.body,
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        handler,
      );
    } catch (cause) {
      giveUp({ broken: cause });
    }
  });
}
