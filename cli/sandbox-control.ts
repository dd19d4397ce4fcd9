/** The strings of a running sandbox, over HTTP. */
import { resolve } from 'node:path';
import { request } from 'undici';
import { z } from 'zod';
import type { CommandContext } from './command-context.ts';
import { CliError, EXIT } from './errors.ts';
import { readyStack } from './ready-file.ts';

/** Which sandbox is meant. */
export interface SandboxPlace {
  /** Default: KICKOFF_SANDBOX_URL, the `kickoff dev` of this folder, or 127.0.0.1 at KICKOFF_SANDBOX_PORT. */
  url?: string;
  /** One of several sandboxes in one process; default `main`. */
  namespace?: string;
}

export interface Call {
  /** Sent as JSON. */
  body?: unknown;
  /** JSON that is written already. */
  text?: string;
  query?: Record<string, string | number | undefined>;
}

type Method = 'GET' | 'POST' | 'DELETE';

const DEFAULT_PORT = 3100;
/** Where `kickoff dev` keeps its things when nothing else is said. */
const DEFAULT_DATA_DIR = '.kickoff';
/** A clock moved by months does all that falls due on the way before it answers. */
const TIMEOUT_MS = 300_000;

/** A sandbox's own words for what went wrong: a sentence, or SkipUp's error body. */
const errorSchema = z.object({
  error: z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]),
});

/** Calls `/_sandbox` of a sandbox that runs elsewhere. Answers are checked against what the command reads of them. */
export class SandboxControl {
  readonly #base: URL;
  readonly #namespace: string | undefined;
  readonly #signal: AbortSignal;

  /** @throws CliError exit code 2 when the address is none */
  constructor({ env, cwd, signal }: Pick<CommandContext, 'env' | 'cwd' | 'signal'>, place: SandboxPlace) {
    this.#base = addressOf(place.url ?? env.KICKOFF_SANDBOX_URL, env, cwd);
    this.#namespace = place.namespace === 'main' ? undefined : place.namespace;
    this.#signal = signal;
  }

  async get<T>(path: string, schema: z.ZodType<T>, call: Call = {}): Promise<T> {
    return this.#read(await this.#call('GET', path, call), schema);
  }

  async post<T>(path: string, schema: z.ZodType<T>, call: Call = {}): Promise<T> {
    return this.#read(await this.#call('POST', path, call), schema);
  }

  async delete<T>(path: string, schema: z.ZodType<T>, call: Call = {}): Promise<T> {
    return this.#read(await this.#call('DELETE', path, call), schema);
  }

  /** The answer as it comes, for what is only passed on. */
  async text(path: string): Promise<string> {
    return await this.#call('GET', path, {});
  }

  /** Calls what belongs to no namespace. */
  async getRoot<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#read(await this.#send('GET', new URL(`/_sandbox${path}`, this.#base), {}), schema);
  }

  async #call(method: Method, path: string, call: Call): Promise<string> {
    const within = this.#namespace === undefined ? '' : `/namespaces/${encodeURIComponent(this.#namespace)}`;
    const url = new URL(`/_sandbox${within}${path}`, this.#base);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return await this.#send(method, url, call);
  }

  #read<T>(text: string, schema: z.ZodType<T>): T {
    const parsed = schema.safeParse(jsonIn(text));
    if (parsed.success) return parsed.data;
    throw new CliError(`What answers at ${this.#base.origin} is not this version’s sandbox. Check --url.`);
  }

  /** @throws CliError when nobody is there, and when the sandbox refuses */
  async #send(method: Method, url: URL, call: Call): Promise<string> {
    const { status, text } = await this.#exchange(method, url, call);
    if (status < 400) return text;
    const told = errorSchema.safeParse(jsonIn(text));
    const unclear = `${method} ${url.pathname} at ${this.#base.origin} answered ${status}. Check --url.`;
    throw new CliError(told.success ? told.data.error : unclear);
  }

  async #exchange(method: Method, url: URL, call: Call): Promise<{ status: number; text: string }> {
    const limits = { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS, signal: this.#signal };
    const body = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
    const sent = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } };
    try {
      const answer = await request(url, { method, ...limits, ...sent });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (cause) {
      if (this.#signal.aborted) throw cause;
      throw new CliError(
        `No sandbox answers at ${this.#base.origin}. Start one: kickoff sandbox. Or say where it is: --url, KICKOFF_SANDBOX_URL.`,
        { cause },
      );
    }
  }
}

function addressOf(given: string | undefined, env: CommandContext['env'], cwd: string): URL {
  const port = env.KICKOFF_SANDBOX_PORT;
  const text =
    given ??
    (port === undefined ? readyStack(resolve(cwd, env.KICKOFF_DATA_DIR ?? DEFAULT_DATA_DIR))?.sandbox : undefined);
  try {
    const url = new URL(text ?? `http://127.0.0.1:${port ?? DEFAULT_PORT}`);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new CliError(`${text ?? port} is no address of a sandbox; one reads like http://127.0.0.1:${DEFAULT_PORT}.`, {
    exitCode: EXIT.usage,
  });
}

function jsonIn(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    // Whatever it is, it is not what a sandbox answers; the caller says so.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
