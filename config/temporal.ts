import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';

/** Where Temporal is and how to get in, as Temporal's own environment configuration says. */
export interface TemporalConfig {
  /** `host:port`. */
  address: string;
  /** True when the environment or a profile names the address; false when it is the default. */
  explicit: boolean;
  namespace: string;
  /** For `NativeConnection.connect` and, but for the native part, `Connection.connect`. */
  connectionOptions: ClientConnectConfig['connectionOptions'];
}

const DEFAULT_TEMPORAL_ADDRESS = 'localhost:7233';

/**
 * Reads `TEMPORAL_*` and the profile in `temporal.toml`, which Temporal's other tools read too.
 *
 * @param env with empty values already taken out
 * @throws Error with the reason, e.g. a profile that does not exist or a certificate that cannot be read
 */
export function temporalConfig(env: Record<string, string>): TemporalConfig {
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: env });
  const address = connectionOptions.address ?? DEFAULT_TEMPORAL_ADDRESS;
  return {
    address,
    explicit: connectionOptions.address !== undefined,
    namespace: namespace ?? 'default',
    connectionOptions: { ...connectionOptions, address },
  };
}
