import { type Config, loadConfig } from '../config/index.ts';
import type { CommandContext } from './command-context.ts';
import { readyStack } from './ready-file.ts';

/**
 * The configuration that the commands of this folder are about: the named one; else, where they go to a `kickoff dev` that
 * runs here, the one it was started with, which is the example's when there was none.
 *
 * @throws ConfigError
 */
export function configOfStack({ env, cwd }: CommandContext, options: { config?: string }): Config {
  const config = loadConfig({ env, cwd, configFile: options.config });
  const isNamed = options.config !== undefined || Boolean(env.KICKOFF_CONFIG);
  const running = isNamed || config.temporal.explicit ? undefined : readyStack(config.dataDir)?.config;
  return running === undefined ? config : loadConfig({ env, cwd, configFile: running });
}
