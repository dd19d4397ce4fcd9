import { loadConfig } from '../config/index.ts';
import { connect, type TemporalClient } from '../temporal/index.ts';
import type { CommandContext } from './command-context.ts';
import { readyStack } from './ready-file.ts';

/** Connects to the Temporal of the environment, or to that of the `kickoff dev` that runs here. */
export async function withTemporal(
  { env, cwd }: CommandContext,
  options: { config?: string },
  work: (temporal: TemporalClient) => Promise<void>,
): Promise<void> {
  const config = loadConfig({ env, cwd, configFile: options.config });
  const running = config.temporal.explicit ? undefined : readyStack(config.dataDir);
  const place =
    running === undefined
      ? config.temporal
      : { ...config.temporal, address: running.temporal, connectionOptions: { address: running.temporal } };
  const temporal = await connect(place);
  try {
    await work(temporal);
  } finally {
    await temporal.close();
  }
}
