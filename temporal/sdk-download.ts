import { chmod, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EnvHttpProxyAgent, request } from 'undici';
import { reasonOf } from './errors.ts';
import { runProgram } from './run-program.ts';
import { checkBinary } from './server-binary.ts';
import type { WayContext, WayResult } from './ways.ts';

/** From where the SDK takes the CLI. Asked first, because the SDK itself waits long in a closed network. */
const SOURCE = 'https://temporal.download/';
const REACH_MS = 5000;
const DOWNLOAD_MS = 10 * 60_000;
const WATCH_MS = 500;

/**
 * The SDK downloads when it starts a test environment; it does so in a process of its own, because it claims the SDK's
 * one runtime per process, and cannot be interrupted.
 */
const CHILD = `
const { TestWorkflowEnvironment } = require(process.argv[1]);
TestWorkflowEnvironment.createLocal({ server: { executable: {
  type: 'cached-download', downloadDir: process.argv[2], version: 'default', ttl: '365 days' } } })
  .then((environment) => environment.teardown())
  .then(() => process.exit(0), (error) => { console.error(String(error && error.message || error)); process.exit(1); });
`;

/**
 * Lets Temporal's SDK download the official CLI, and keeps the binary.
 *
 * @param from only in tests: another source to look for, another SDK
 */
export async function sdkDownload(
  context: WayContext,
  from: { source?: string; sdk?: string } = {},
): Promise<WayResult> {
  const source = from.source ?? SOURCE;
  const closed = await whyUnreachable(source, context);
  if (closed !== undefined) return { reason: `${source} cannot be reached (${closed})` };
  const folder = await mkdtemp(join(context.folder, 'download-'));
  const watch = setInterval(() => void reportSize(folder, context), WATCH_MS);
  try {
    context.progress('downloading the Temporal server');
    const sdk = from.sdk ?? createRequire(import.meta.url).resolve('@temporalio/testing');
    const result = await runProgram(process.execPath, ['-e', CHILD, sdk, folder], {
      env: context.env,
      timeoutMs: DOWNLOAD_MS,
      signal: context.signal,
    });
    if (result.late) return { reason: `the download did not end within ${DOWNLOAD_MS / 60_000} minutes` };
    if (result.code !== 0) return { reason: `the SDK could not: ${reasonOf(result.lines.at(-1) ?? 'no message')}` };
    const [name] = await readdir(folder);
    if (name === undefined) return { reason: 'the SDK left no binary' };
    const downloaded = join(folder, name);
    await chmod(downloaded, 0o755);
    const checked = await checkBinary(downloaded, context.env, context.signal);
    if ('reason' in checked) return checked;
    await rename(downloaded, context.target);
    return { path: context.target, version: checked.version };
  } finally {
    clearInterval(watch);
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns why the address does not answer, if it does not */
export async function whyUnreachable(
  source: string,
  context: Pick<WayContext, 'env' | 'signal'>,
): Promise<string | undefined> {
  const dispatcher = new EnvHttpProxyAgent(proxies(context.env));
  try {
    const signals = [AbortSignal.timeout(REACH_MS), ...(context.signal === undefined ? [] : [context.signal])];
    const answer = await request(source, { method: 'HEAD', dispatcher, signal: AbortSignal.any(signals) });
    await answer.body.dump();
    return undefined;
  } catch (error) {
    context.signal?.throwIfAborted();
    return reasonOf(error);
  } finally {
    await dispatcher.destroy();
  }
}

function proxies(env: Record<string, string | undefined>): EnvHttpProxyAgent.Options {
  const https = env.https_proxy ?? env.HTTPS_PROXY;
  const http = env.http_proxy ?? env.HTTP_PROXY;
  return {
    ...(https === undefined ? {} : { httpsProxy: https }),
    ...(http === undefined ? {} : { httpProxy: http }),
    noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
  };
}

async function reportSize(folder: string, context: WayContext): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (entry) => entry.size,
        () => 0,
      ),
    ),
  );
  const megabytes = Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1_000_000);
  if (megabytes > 0) context.progress(`downloading the Temporal server: ${megabytes} MB`);
}
