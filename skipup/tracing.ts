import { SkipUpError } from './errors.ts';
import { warn } from './hooks.ts';

/** What is set on a span; OpenTelemetry's own spans are of this shape. */
export interface SkipUpSpan {
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { code: number }): unknown;
  end(): void;
}

/** What starts spans; any `Tracer` of `@opentelemetry/api` is one. */
export interface SkipUpTracer {
  startActiveSpan<T>(
    name: string,
    options: { kind: number; attributes: Record<string, string | number> },
    run: (span: SkipUpSpan) => T,
  ): T;
}

/** The call that a span is about. */
interface TracedCall {
  method: string;
  /** `/meeting_requests/:id`, without ids. */
  route: string;
}

/** How far a call has come; the transport keeps it up to date. */
export interface Progress {
  attempts: number;
  /** Of the last attempt; undefined when it had no answer. */
  status: number | undefined;
}

// SpanKind.CLIENT and SpanStatusCode.ERROR: OpenTelemetry's specification fixes the numbers.
const CLIENT = 2;
const ERROR = 2;

/**
 * One span for each call, with its repeats and its waits: attributes and name by OpenTelemetry's conventions for HTTP
 * clients. Neither key nor query, body, path or id is in it. Tracing never fails a call.
 */
export class Tracing {
  readonly #find: () => Promise<SkipUpTracer | undefined>;
  readonly #server: Record<string, string | number>;
  readonly #basePath: string;

  /**
   * @param tracer - `false` for none; left out, the one that OpenTelemetry's API has registered for the process
   * @param baseUrl - the API's; its host and port are attributes of every span
   */
  constructor(tracer: SkipUpTracer | false | undefined, baseUrl: URL) {
    const given = tracer === false ? undefined : tracer;
    this.#find = tracer === undefined ? () => globalTracer() : async () => given;
    const port = baseUrl.port || (baseUrl.protocol === 'https:' ? '443' : '80');
    this.#server = { 'server.address': baseUrl.hostname, 'server.port': Number(port) };
    this.#basePath = baseUrl.pathname.replace(/\/$/, '');
  }

  /** Runs the call in its span. The span is the active one meanwhile, so that spans of undici's become its children. */
  async around<T>(call: TracedCall, progress: Progress, run: () => Promise<T>): Promise<T> {
    const tracer = await this.#find();
    if (!tracer) return await run();
    const template = `${this.#basePath}${call.route.replace(/:(\w+)/g, '{$1}')}`;
    const attributes = { 'http.request.method': call.method, 'url.template': template, ...this.#server };
    let running: Promise<T> | undefined;
    try {
      tracer.startActiveSpan(`${call.method} ${template}`, { kind: CLIENT, attributes }, (span) => {
        running = run();
        running.then(
          () => finish(span, progress, undefined),
          (error: unknown) => finish(span, progress, error),
        );
      });
    } catch (cause) {
      warn('The tracer', cause);
    }
    return await (running ?? run());
  }
}

function finish(span: SkipUpSpan, { attempts, status }: Progress, error: unknown): void {
  try {
    if (status !== undefined) span.setAttribute('http.response.status_code', status);
    if (attempts > 1) span.setAttribute('http.request.resend_count', attempts - 1);
    if (error !== undefined || (status !== undefined && status >= 400)) {
      span.setAttribute('error.type', errorType(status, error));
      span.setStatus({ code: ERROR });
    }
    span.end();
  } catch (cause) {
    warn('The tracer', cause);
  }
}

/** The status where that is the failure, else the error's code: few values, and nobody's data. */
function errorType(status: number | undefined, error: unknown): string {
  if (status !== undefined && status >= 400) return String(status);
  return error instanceof SkipUpError ? error.code : '_OTHER';
}

/** As much of `@opentelemetry/api` as is used. */
interface TraceApi {
  trace: { getTracer(name: string): SkipUpTracer };
}

let loaded: Promise<TraceApi | undefined> | undefined;

/** The package is an optional peer: looked for once, at the first call, and done without where it is not installed. */
async function globalTracer(): Promise<SkipUpTracer | undefined> {
  loaded ??= optional(() => import('@opentelemetry/api'));
  return (await loaded)?.trace.getTracer('skipup');
}

/** What the import finds; undefined where there is no such package, or one that cannot be loaded. */
export async function optional<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load();
  } catch {
    // Whatever is wrong with the package, it is the application's to find out: the client works without it.
    return undefined;
  }
}
