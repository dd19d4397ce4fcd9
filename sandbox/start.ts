import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { ControlError, SandboxError } from './errors.ts';
import { createServer } from './http/server.ts';
import type { NamespaceAccess } from './namespace-access.ts';
import { accessTo } from './namespace-access.ts';
import { MAIN, Namespaces } from './namespaces.ts';
import type { NewNamespace, NewNamespaceOptions, ResolvedOptions, SandboxOptions } from './options.ts';
import { resolveNewNamespace, resolveOptions } from './options.ts';
import type { Sandboxed } from './sandboxed.ts';
import { readState, StateFile } from './state/file.ts';
import { applyOptions, freshState } from './state/fresh.ts';
import type { StoredNamespace } from './state/lines.ts';

/** A namespace made in-process: a whole sandbox on the same port, for one test. */
export interface SandboxNamespace extends NamespaceAccess {
  /** Ends its tasks and deliveries. May be called again. */
  close(): Promise<void>;
}

/** A running sandbox. What it says of itself is the namespace `main`. */
export interface Sandbox extends NamespaceAccess {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /**
   * Makes a sandbox of its own beside `main`, on the same port: members, requests, endpoints, clock, seed, faults,
   * journal, CRM and Slack.
   *
   * @throws SandboxError `invalid_options`, also when the name or a credential is taken
   */
  namespace(options?: NewNamespaceOptions): SandboxNamespace;
  /** Ends everything that is under way and writes the state file for the last time. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts SkipUp, a small CRM and Slack on one port of this machine, for development and tests. The sandbox is
 * steered over HTTP, under `/_sandbox`.
 *
 * @example
 * const sandbox = await startSandbox({ seed: 'demo', clock: { anchor: new Date().toISOString(), scale: 7200 } });
 * // … calls to sandbox.apiBaseUrl with sandbox.apiKey …
 * await sandbox.close();
 *
 * @throws SandboxError `invalid_options`, `state_unreadable`, `address_in_use`, `cannot_listen`
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { logger = pino({ level: 'silent' }), onEvent, ...rest } = options;
  const resolved = resolveOptions(rest);
  const loaded = resolved.stateFile === undefined ? undefined : await readState(resolved.stateFile);

  let file: StateFile | undefined;
  const namespaces = new Namespaces({ logger, onEvent, real: Date.now, onChange: () => file?.changed() });
  openAll(namespaces, resolved, loaded ?? []);
  const app = createServer(namespaces);
  const url = await listen(app, resolved).catch(async (error: unknown) => {
    await namespaces.close();
    throw error;
  });
  if (resolved.stateFile !== undefined) {
    const onError = (err: unknown) => logger.error({ err }, 'the sandbox could not write its state file');
    file = new StateFile(resolved.stateFile, () => namespaces.writable(), onError);
    file.changed();
  }
  for (const namespace of namespaces.list()) namespaces.start(namespace);
  const access = accessTo(namespaces.main, url);
  logger.info({ url, seed: access.seed, restored: loaded !== undefined }, 'sandbox is up');

  let closing: Promise<void> | undefined;
  const close = async () => {
    namespaces.stop();
    await Promise.all([app.close(), namespaces.close()]);
    await file?.close();
    logger.info({ url }, 'sandbox is down');
  };
  return {
    ...access,
    url,
    namespace: (given = {}) => inProcess(namespaces, url, given),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Brings back what the file has, with what the options say laid over `main`; `main` is made when there is none yet. */
function openAll(namespaces: Namespaces, options: ResolvedOptions, loaded: readonly StoredNamespace[]): void {
  const { host: _host, port: _port, stateFile: _file, ...asked } = options;
  const main = loaded.find(({ name }) => name === MAIN)?.state;
  if (main !== undefined) applyOptions(main, asked, Date.now());
  namespaces.open(MAIN, asked, main ?? freshState(asked, Date.now()));
  for (const { name, options: own, state } of loaded) if (name !== MAIN) namespaces.open(name, own, state);
}

function inProcess(namespaces: Namespaces, url: string, given: NewNamespaceOptions): SandboxNamespace {
  const made = create(namespaces, resolveNewNamespace(given));
  let closing: Promise<void> | undefined;
  const close = () => (namespaces.get(made.name) === made ? namespaces.remove(made.name) : Promise.resolve());
  return {
    ...accessTo(made, url),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function create(namespaces: Namespaces, options: NewNamespace): Sandboxed {
  try {
    return namespaces.create(options);
  } catch (cause) {
    if (cause instanceof ControlError) throw new SandboxError('invalid_options', cause.message, { cause });
    throw cause;
  }
}

async function listen(app: FastifyInstance, { host, port }: ResolvedOptions): Promise<string> {
  try {
    const address = await app.listen({ host, port });
    // Listening everywhere, it is called where everybody can reach it: on this machine.
    return address.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//127.0.0.1:');
  } catch (cause) {
    await app.close();
    const taken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    if (taken)
      throw new SandboxError('address_in_use', `Port ${port} is in use. Choose another, or 0 for any free one.`, {
        cause,
      });
    throw new SandboxError('cannot_listen', `The sandbox cannot listen on ${host}:${port}. Check host and port.`, {
      cause,
    });
  }
}
