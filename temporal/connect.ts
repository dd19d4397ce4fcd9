import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import type { TemporalConfig } from '../config/index.ts';
import { reasonOf, TemporalError } from './errors.ts';

export interface TemporalClient {
  connection: Connection;
  client: Client;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Until the server answers, in milliseconds. Default 5 s. */
  timeoutMs?: number;
}

/** gRPC status codes; the SDK does not export them. */
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

/**
 * Connects to Temporal and makes sure that the namespace is there.
 *
 * @throws TemporalError `unreachable`, `unauthorized`, `namespace_missing`: one line that says what to do
 */
export async function connect(config: TemporalConfig, options: ConnectOptions = {}): Promise<TemporalClient> {
  const timeoutMs = options.timeoutMs ?? 5000;
  const connection = await open(config, timeoutMs);
  try {
    await connection.withDeadline(Date.now() + timeoutMs, () =>
      connection.workflowService.describeNamespace({ namespace: config.namespace }),
    );
  } catch (error) {
    // An API key may be allowed to run workflows and not to describe the namespace; what it may do shows later.
    if (statusOf(error) !== PERMISSION_DENIED) {
      await connection.close();
      throw explain(error, config);
    }
  }
  const client = new Client({ connection, namespace: config.namespace });
  return { connection, client, close: () => connection.close() };
}

async function open(config: TemporalConfig, timeoutMs: number): Promise<Connection> {
  const { tls, apiKey, metadata } = config.connectionOptions;
  try {
    return await Connection.connect({
      address: config.address,
      connectTimeout: timeoutMs,
      ...(tls === undefined ? {} : { tls }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(metadata === undefined ? {} : { metadata }),
    });
  } catch (error) {
    throw explain(error, config);
  }
}

function explain(error: unknown, config: TemporalConfig): TemporalError {
  switch (statusOf(error)) {
    case NOT_FOUND:
      return new TemporalError(
        'namespace_missing',
        `Temporal at ${config.address} has no namespace ${config.namespace}: make it, or set TEMPORAL_NAMESPACE`,
        { cause: error },
      );
    case UNAUTHENTICATED:
    case PERMISSION_DENIED:
      return new TemporalError(
        'unauthorized',
        `Temporal at ${config.address} refuses the credentials: check TEMPORAL_API_KEY or the TLS certificates`,
        { cause: error },
      );
    default:
      return new TemporalError(
        'unreachable',
        `Temporal at ${config.address} does not answer (${detailOf(error)}): start it, or set TEMPORAL_ADDRESS`,
        { cause: error },
      );
  }
}

function statusOf(error: unknown): number | undefined {
  return isGrpcServiceError(error) ? error.code : undefined;
}

function detailOf(error: unknown): string {
  const text = isGrpcServiceError(error) ? error.details : reasonOf(error);
  if (text.includes('before the deadline')) return 'no connection in time';
  return text.replace(/\.? ?(Last error|Resolution note):.*$/, '');
}
