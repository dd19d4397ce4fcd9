import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { SEARCH_ATTRIBUTES } from '../workflows/messages.ts';
import { waitUntilReady } from './dev-server-ready.ts';
import { TemporalError } from './errors.ts';
import { freePort, isFree } from './free-port.ts';
import { type GuardedProcess, startGuarded } from './guarded-process.ts';
import { Tail } from './tail.ts';

export interface DevServerOptions {
  /** The Temporal CLI; see `resolveTemporalServer`. */
  binary: string;
  /** SQLite file; without it nothing is kept. */
  dataFile?: string | undefined;
  /** Default 127.0.0.1. */
  ip?: string;
  /** 0, the default: any free one. */
  port?: number;
  /** 0: any free one. Left out: no UI. */
  uiPort?: number | undefined;
  /** Default `default`. */
  namespace?: string;
  /** Keyword search attributes to register. Default: Kickoff's own. */
  searchAttributes?: readonly string[];
  /** Beside those that Kickoff needs. */
  dynamicConfig?: Readonly<Record<string, string | number | boolean>>;
  /** Where the server's own log is appended. */
  logFile?: string | undefined;
  env?: Record<string, string | undefined>;
  /** Until it answers, in milliseconds. Default 60 s. */
  startMs?: number;
  signal?: AbortSignal | undefined;
}

export interface DevServer {
  /** `host:port`. */
  address: string;
  uiUrl: string | undefined;
  namespace: string;
  pid: number;
  /** Settles when the server has ended, whoever ended it. */
  ended: Promise<void>;
  /** Ends it in order; may be called more than once. */
  stop(): Promise<void>;
}

/** Priority keys (live deals before a backfill) need it; it is off by default in server 1.29. */
const DYNAMIC_CONFIG = { 'matching.useNewMatcher': true };
const START_MS = 60_000;
/** A free port may be taken between our look and the server's start. */
const PORT_TRIES = 3;

/**
 * Starts Temporal's development server and waits until it answers. It ends with this process, whatever ends this process,
 * and does not hear the terminal's Ctrl-C, so that a worker can still finish its tasks.
 *
 * @throws TemporalError `port_in_use`, `server_died` with its last lines, `start_timeout`, `aborted`
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      const portsAreOurs = (options.port ?? 0) === 0 && (options.uiPort ?? 0) === 0;
      const collided = error instanceof TemporalError && error.code === 'port_in_use';
      if (!collided || !portsAreOurs || tries === PORT_TRIES) throw error;
    }
  }
}

async function startOnce(options: DevServerOptions): Promise<DevServer> {
  options.signal?.throwIfAborted();
  const ip = options.ip ?? '127.0.0.1';
  const port = await usablePort(ip, options.port ?? 0);
  const uiPort = options.uiPort === undefined ? undefined : await usablePort(ip, options.uiPort);
  const namespace = options.namespace ?? 'default';
  const searchAttributes = options.searchAttributes ?? Object.values(SEARCH_ATTRIBUTES).map((key) => key.name);
  if (options.dataFile !== undefined) mkdirSync(dirname(options.dataFile), { recursive: true });

  const server = startGuarded(options.binary, argumentsOf(options, { ip, port, uiPort, namespace, searchAttributes }), {
    env: withoutTemporalVariables(options.env ?? process.env),
  });
  const tail = new Tail();
  const stopLog = keepLog(server, tail, options.logFile);
  const address = `${ip}:${port}`;
  const stop = async () => {
    await server.stop();
    await stopLog();
  };
  try {
    await waitUntilReady({
      address,
      namespace,
      searchAttributes,
      timeoutMs: options.startMs ?? START_MS,
      ended: server.ended,
      signal: options.signal,
    });
  } catch (error) {
    await stop();
    throw explain(error, address, tail);
  }
  return {
    address,
    uiUrl: uiPort === undefined ? undefined : `http://${ip}:${uiPort}`,
    namespace,
    pid: server.pid,
    ended: server.ended.then(() => undefined),
    stop,
  };
}

function argumentsOf(
  options: DevServerOptions,
  settled: {
    ip: string;
    port: number;
    uiPort: number | undefined;
    namespace: string;
    searchAttributes: readonly string[];
  },
): string[] {
  const dynamicConfig = { ...DYNAMIC_CONFIG, ...options.dynamicConfig };
  return [
    'server',
    'start-dev',
    '--ip',
    settled.ip,
    '--port',
    String(settled.port),
    ...(settled.uiPort === undefined ? ['--headless'] : ['--ui-port', String(settled.uiPort)]),
    '--namespace',
    settled.namespace,
    ...(options.dataFile === undefined ? [] : ['--db-filename', options.dataFile]),
    ...settled.searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...Object.entries(dynamicConfig).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${JSON.stringify(value)}`,
    ]),
    '--log-level',
    'warn',
  ];
}

async function usablePort(ip: string, port: number): Promise<number> {
  if (port === 0) return freePort(ip);
  if (await isFree(ip, port)) return port;
  throw new TemporalError(
    'port_in_use',
    `Port ${port} on ${ip} is in use: end the program that has it, or choose another (0 = any free one)`,
  );
}

/** The CLI would take them for its own: an API key there makes a local server speak TLS. */
function withoutTemporalVariables(env: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

function keepLog(server: GuardedProcess, tail: Tail, logFile: string | undefined): () => Promise<void> {
  if (logFile === undefined) {
    for (const stream of [server.stdout, server.stderr]) tail.follow(stream);
    return async () => undefined;
  }
  mkdirSync(dirname(logFile), { recursive: true });
  const file = createWriteStream(logFile, { flags: 'a' });
  for (const stream of [server.stdout, server.stderr]) tail.follow(stream, (line) => file.write(`${line}\n`));
  return async () => {
    if (!file.writableEnded) file.end();
    await finished(file);
  };
}

function explain(error: unknown, address: string, tail: Tail): unknown {
  if (!(error instanceof TemporalError) || error.code !== 'server_died') return error;
  const lines = tail.lines();
  if (lines.some((line) => /address already in use/i.test(line))) {
    return new TemporalError('port_in_use', `A port of the Temporal server at ${address} is in use: try again`, {
      cause: error,
    });
  }
  const said =
    lines.length === 0 ? 'it said nothing' : `its last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  return new TemporalError('server_died', `${error.message}; ${said}`, { cause: error });
}
