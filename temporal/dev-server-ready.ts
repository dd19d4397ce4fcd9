import { Connection } from '@temporalio/client';
import { reasonOf, TemporalError } from './errors.ts';
import type { GuardedProcess } from './guarded-process.ts';

export interface ReadyOptions {
  address: string;
  namespace: string;
  searchAttributes: readonly string[];
  timeoutMs: number;
  ended: GuardedProcess['ended'];
  signal?: AbortSignal | undefined;
}

const LOOK_MS = 50;
const CALL_MS = 2000;

/**
 * Waits until the server knows the namespace and the search attributes: its port is open before that.
 *
 * @throws TemporalError `server_died`, `start_timeout`, `aborted`
 */
export async function waitUntilReady(options: ReadyOptions): Promise<void> {
  const stopped = new AbortController();
  const late = AbortSignal.timeout(options.timeoutMs);
  void options.ended.then(({ code, signal, error }) => {
    const how = error?.message ?? (signal === null ? `with exit code ${code}` : `by ${signal}`);
    stopped.abort(new TemporalError('server_died', `The Temporal server ended ${how} before it answered`));
  });
  const any = AbortSignal.any([stopped.signal, late, ...(options.signal === undefined ? [] : [options.signal])]);
  // Lazy: the port is not open yet, and a refused first connection would be remembered for seconds. No retries of its own.
  const connection = Connection.lazy({
    address: options.address,
    interceptors: [],
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': LOOK_MS, 'grpc.max_reconnect_backoff_ms': 4 * LOOK_MS },
  });
  let last = 'no answer yet';
  try {
    while (!any.aborted) {
      try {
        if (await knowsAll(connection, options)) return;
        last = 'its search attributes are not registered yet';
      } catch (error) {
        last = reasonOf(error);
      }
      await untilAborted(LOOK_MS, any);
    }
  } finally {
    await connection.close();
  }
  if (stopped.signal.reason instanceof TemporalError) throw stopped.signal.reason;
  if (options.signal?.aborted === true) throw new TemporalError('aborted', 'ended while the Temporal server started');
  const limit = options.timeoutMs / 1000;
  throw new TemporalError('start_timeout', `The Temporal server did not answer within ${limit} s (${last})`);
}

async function knowsAll(connection: Connection, options: ReadyOptions): Promise<boolean> {
  return connection.withDeadline(Date.now() + CALL_MS, async () => {
    await connection.workflowService.describeNamespace({ namespace: options.namespace });
    const known = await connection.operatorService.listSearchAttributes({ namespace: options.namespace });
    const names = Object.keys(known.customAttributes ?? {});
    return options.searchAttributes.every((name) => names.includes(name));
  });
}

function untilAborted(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
