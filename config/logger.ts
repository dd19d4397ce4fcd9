import pino, { type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './environment.ts';
import { readable } from './readable-log.ts';

/** Field names whose values never reach a log, at any of the first levels. */
const SECRET_FIELDS = [
  'apiKey',
  'accessToken',
  'authorization',
  'clientSecret',
  'password',
  'secret',
  'secrets',
  'token',
  'tokens',
  'webhookSecrets',
  'webhookUrl',
  'connectionString',
];
const DEPTHS = ['', '*.', '*.*.'];
const CENSOR = '[redacted]';

export interface LoggerOptions {
  level: LogLevel;
  /** One readable line for a person instead of JSON. */
  pretty?: boolean;
  /** Values that are blotted out wherever they appear; `Config.secrets`. */
  secrets?: readonly string[];
  /** Default: standard error, so that standard output stays a command's own. */
  destination?: DestinationStream;
}

/** Kickoff's logger: constant messages, facts as fields, secrets blotted out by name and by value. */
export function createLogger(options: LoggerOptions): Logger {
  const target = options.destination ?? pino.destination({ dest: 2, sync: true });
  // A shorter value would blot out ordinary words.
  const secrets = (options.secrets ?? []).filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length);
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: DEPTHS.flatMap((depth) => SECRET_FIELDS.map((field) => `${depth}${field}`)), censor: CENSOR },
      serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
      hooks: {
        streamWrite: (line) => {
          const clean = secrets.reduce((text, secret) => text.replaceAll(jsonText(secret), CENSOR), line);
          return options.pretty === true ? readable(clean) : clean;
        },
      },
    },
    target,
  );
}

/** As the value stands inside a line of JSON. */
function jsonText(secret: string): string {
  return JSON.stringify(secret).slice(1, -1);
}
