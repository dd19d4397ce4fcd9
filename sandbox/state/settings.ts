import { z } from 'zod';
import { REQUESTS_PER_MINUTE } from '../../skipup/schemas.ts';

/** What SkipUp's documentation leaves open, and a few knobs. Each can be changed while the sandbox runs. */
export const settingsSchema = z.strictObject({
  /** Calls per minute and key; 0 means no limit. */
  rateLimitPerMinute: z.int().min(0),
  /** A known idempotency key with another body. */
  idempotencyConflict: z.enum(['refuse', 'replay']),
  /** What "10 failed deliveries in 24 hours" counts. */
  autoDisableCounts: z.enum(['deliveries', 'attempts']),
  autoDisableAfter: z.int().min(1),
  /** Whether webhooks go to private addresses, too: for receivers in containers. Those of this machine are always open. */
  allowPrivateAddresses: z.boolean(),
  /** Whether each attempt is signed with its own time, or all with the first one's. */
  signEachAttempt: z.boolean(),
  /** Hours of silence before SkipUp asks again. */
  followUpAfterHours: z.number().positive(),
  /** After so many follow-ups SkipUp waits in silence. */
  maxFollowUps: z.int().min(0),
  /** SkipUp may resume a paused request by itself when a participant replies. */
  autoResumeOnReply: z.boolean(),
  /** Searches that the CRM answers in a second of real time; 0 means no limit. */
  crmSearchesPerSecond: z.int().min(0),
  /** Whether the CRM's webhook hears of every property that a program writes, or of changes of stage alone. */
  crmTellsEveryProperty: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Some settings to be changed. */
export const settingsChangeSchema = settingsSchema.partial();
export type SettingsChange = z.infer<typeof settingsChangeSchema>;

export const DEFAULT_SETTINGS: Settings = {
  rateLimitPerMinute: REQUESTS_PER_MINUTE,
  idempotencyConflict: 'refuse',
  autoDisableCounts: 'deliveries',
  autoDisableAfter: 10,
  allowPrivateAddresses: false,
  signEachAttempt: true,
  followUpAfterHours: 24,
  maxFollowUps: 4,
  autoResumeOnReply: false,
  crmSearchesPerSecond: 5,
  crmTellsEveryProperty: false,
};

/** Settings with the given ones changed. */
export function changeSettings(settings: Settings, change: SettingsChange): Settings {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return settingsSchema.parse({ ...settings, ...Object.fromEntries(given) });
}

/** The settings of a state that was written down: one that was not known then has its default. */
export const storedSettingsSchema = settingsChangeSchema.transform((stored) =>
  changeSettings(DEFAULT_SETTINGS, stored),
);
