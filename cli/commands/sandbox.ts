import { resolve } from 'node:path';
import { createLogger } from '../../config/index.ts';
import { startSandbox } from '../../sandbox/index.ts';
import type { CommandContext } from '../command-context.ts';

export interface SandboxCommandOptions {
  port: number;
  seed?: string;
  state?: string;
  scale: number;
}

/** Runs SkipUp’s sandbox alone, for whatever talks to SkipUp. */
export async function sandbox({ cwd, output, signal }: CommandContext, options: SandboxCommandOptions): Promise<void> {
  const running = await startSandbox({
    port: options.port,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.state === undefined ? {} : { stateFile: resolve(cwd, options.state) }),
    ...(options.scale === 1 ? {} : { clock: { anchor: new Date().toISOString(), scale: options.scale } }),
    logger: createLogger({ level: 'warn', pretty: !output.json }),
    onEvent: (event) => output.emit(event),
  });
  try {
    const { url, apiBaseUrl, apiKey, organizer } = running;
    output.emit(
      { type: 'ready', sandbox: url, apiKey, organizer },
      `SkipUp’s sandbox answers at ${apiBaseUrl}\n  key        ${apiKey}\n  organizer  ${organizer}`,
    );
    if (!signal.aborted) {
      await new Promise<void>((ended) => signal.addEventListener('abort', () => ended(), { once: true }));
    }
  } finally {
    await running.close();
  }
}
