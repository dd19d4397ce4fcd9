import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { createLogger } from '../../config/index.ts';
import { type Fixture, keepHeapSmall, readFixture, startSandbox } from '../../sandbox/index.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';

export interface SandboxCommandOptions {
  port: number;
  seed?: string;
  state?: string;
  /** A YAML or JSON file with members, people's habits and holidays. */
  fixture?: string;
  scale: number;
}

/** Runs SkipUp’s sandbox alone, for whatever talks to SkipUp. */
export async function sandbox({ cwd, output, signal }: CommandContext, options: SandboxCommandOptions): Promise<void> {
  keepHeapSmall();
  const running = await startSandbox({
    port: options.port,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.state === undefined ? {} : { stateFile: resolve(cwd, options.state) }),
    ...(options.scale === 1 ? {} : { clock: { anchor: new Date().toISOString(), scale: options.scale } }),
    ...(options.fixture === undefined ? {} : { fixture: await fixtureIn(resolve(cwd, options.fixture)) }),
    logger: createLogger({ level: 'warn', pretty: !output.json }),
    onEvent: (event, namespace) => output.emit(namespace === 'main' ? event : { ...event, namespace }),
  });
  try {
    const { url, apiBaseUrl, apiKey, organizer } = running;
    output.emit(
      { type: 'ready', sandbox: url, apiKey, organizer },
      [
        `SkipUp’s sandbox answers at ${apiBaseUrl}`,
        `  key        ${apiKey}`,
        `  organizer  ${organizer}`,
        `  its calls  ${url}/`,
      ].join('\n'),
    );
    if (!signal.aborted) {
      await new Promise<void>((ended) => signal.addEventListener('abort', () => ended(), { once: true }));
    }
  } finally {
    await running.close();
  }
}

/** @throws CliError for a file that is not there or holds no YAML; SandboxError for a fixture that is not valid */
async function fixtureIn(path: string): Promise<Fixture> {
  let written: unknown;
  try {
    written = parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const [why = ''] = cause instanceof Error ? cause.message.split('\n', 1) : [];
    throw new CliError(`The fixture ${path} cannot be read: ${why}`, { exitCode: EXIT.usage, cause });
  }
  return readFixture(written);
}
