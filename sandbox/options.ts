import type { Logger } from 'pino';
import { z } from 'zod';
import { SandboxError } from './errors.ts';
import type { SandboxEvent } from './events.ts';
import { fixtureSchema } from './fixtures/people.ts';
import { settingsChangeSchema } from './state/settings.ts';

const instant = z.iso.datetime({ offset: true });
const clockOptionSchema = z.union([
  z.strictObject({ anchor: instant, scale: z.number().positive() }),
  z.strictObject({ frozenAt: instant }),
]);

/** What one namespace is made with; `main` is made with the start options. */
const namespaceShape = {
  /**
   * Either a clock that shows `anchor` when the wall's does and runs `scale` times as fast, or one that stands still at
   * `frozenAt` until it is moved. Default: the wall's.
   */
  clock: clockOptionSchema.optional(),
  /** The same seed gives the same ids, replies and slots. Default: a new one, which the log and the state tell. */
  seed: z.string().min(1).max(200).optional(),
  /** The key with every scope. Default: a new one, or the state file's. */
  apiKey: z
    .string()
    .regex(/^sk_[\x21-\x7e]{4,200}$/, 'An API key starts with sk_')
    .optional(),
  /** The signing secret of every endpoint that is created. Default: a new one each. */
  webhookSecret: z.string().min(8).max(200).optional(),
  hubspot: z
    .strictObject({
      /** Signs the CRM's webhooks (v3). Default: a new one, or the state file's. */
      clientSecret: z.string().min(1).optional(),
      /** The Bearer token that the CRM takes. Default: a new one, or the state file's. */
      accessToken: z.string().min(1).optional(),
      /** Where deal events go, as registered with HubSpot: the URL is part of the signature. */
      webhookUrl: z.url({ protocol: /^https?$/ }).optional(),
    })
    .default({}),
  fixture: fixtureSchema.prefault({}),
  settings: settingsChangeSchema.default({}),
};

export const namespaceOptionsSchema = z.object(namespaceShape);
export type NamespaceOptions = z.output<typeof namespaceOptionsSchema>;

/** The name is part of paths: `/slack/<name>/…`, `/_sandbox/namespaces/<name>/…`. */
export const namespaceNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'A name has lower-case letters, digits, - and _, 63 at most');

/** What `POST /_sandbox/namespaces` takes. */
export const newNamespaceSchema = z.strictObject({
  /** Default: `namespace-1`, or the next that is free. */
  name: namespaceNameSchema.optional(),
  ...namespaceShape,
});
export type NewNamespace = z.output<typeof newNamespaceSchema>;
/** What is left out has the defaults of `startSandbox`: a namespace takes nothing over from `main`. */
export type NewNamespaceOptions = z.input<typeof newNamespaceSchema>;

const optionsSchema = z.strictObject({
  /** Where to listen. Default 127.0.0.1: the control calls ask nobody who they are. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0, the default, takes any free port. */
  port: z.int().min(0).max(65_535).default(0),
  /** Where the state is kept, so that a restart goes on where the last run was. Default: nowhere. */
  stateFile: z.string().min(1).optional(),
  ...namespaceShape,
});

export type ResolvedOptions = z.output<typeof optionsSchema>;

export type SandboxOptions = z.input<typeof optionsSchema> & {
  logger?: Logger;
  /** Called with everything that happens, as it happens, and in which namespace. What it throws is logged and goes no further. */
  onEvent?: (event: SandboxEvent, namespace: string) => void;
};

/** @throws SandboxError `invalid_options`, naming every fault by its path */
export function resolveOptions(options: Omit<SandboxOptions, 'logger' | 'onEvent'>): ResolvedOptions {
  return resolve(optionsSchema, options, 'The sandbox’s options are');
}

/** @throws SandboxError `invalid_options`, naming every fault by its path */
export function resolveNewNamespace(options: NewNamespaceOptions): NewNamespace {
  return resolve(newNamespaceSchema, options, 'The namespace’s options are');
}

function resolve<T>(schema: z.ZodType<T>, options: unknown, subject: string): T {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `${issue.path.map(String).join('.') || 'options'}: ${issue.message}`,
  );
  throw new SandboxError('invalid_options', `${subject} not valid. ${faults.join('; ')}`);
}
