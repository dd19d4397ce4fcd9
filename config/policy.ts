import { z } from 'zod';

const text = (limit: number, fallback: string) => z.string().min(1).max(limit).default(fallback);
const days = (fallback: number, max = 365) => z.number().positive().max(max).default(fallback);

const stepBase = {
  id: z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/, 'lower-case letters, digits, - and _, starting with a letter'),
  /** `wait`: the kickoff waits for a person to retry or skip; `warn`: it is shown and the kickoff goes on. */
  onFailure: z.enum(['wait', 'warn']).default('warn'),
};

/** One onboarding step. Texts take `{{deal.name}}`, `{{deal.account.name}}`, `{{meeting.requestId}}`, … */
export const stepSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...stepBase,
    kind: z.literal('crm_status'),
    status: z.string().min(1).max(200),
    /** Further properties of the deal, by the CRM's own name of each: ids and links, as texts with `{{…}}`. */
    properties: z.record(z.string().min(1).max(100), z.string().min(1).max(5000)).optional(),
  }),
  z.strictObject({ ...stepBase, kind: z.literal('crm_note'), text: z.string().min(1).max(5000) }),
  z.strictObject({
    ...stepBase,
    kind: z.literal('crm_task'),
    subject: z.string().min(1).max(255),
    body: z.string().max(5000).optional(),
  }),
  z.strictObject({ ...stepBase, kind: z.literal('slack'), text: z.string().min(1).max(3000) }),
]);
export type Step = z.infer<typeof stepSchema>;

export const STEP_LISTS = [
  'on_won',
  'on_requested',
  'on_follow_up',
  'on_booked',
  'on_organizer_changed',
  'on_cancelled',
  'on_expired',
  'on_attention',
] as const;
export type StepList = (typeof STEP_LISTS)[number];

const stepList = z.array(stepSchema).max(50).default([]);

/**
 * How a kickoff is run. It travels in the workflow's input, so that a running kickoff keeps the rules it started with.
 * It holds no secret.
 */
export const kickoffPolicySchema = z.strictObject({
  /** Your company's name, for the texts. */
  vendor: z.string().min(1).max(100).default('our team'),
  title: text(255, 'Implementation kickoff: {{deal.account.name}} + {{vendor}}'),
  purpose: text(500, 'Kick off the implementation with all stakeholders'),
  description: z.string().max(3000).default('{{deal.account.name}} has signed ({{deal.name}}).'),
  durationMinutes: z.number().int().min(5).max(480).default(60),
  includeIntroduction: z.boolean().default(true),
  /** The window that SkipUp may book in: it starts `leadDays` from now and lasts `windowDays`. */
  leadDays: z.number().int().min(0).max(90).default(2),
  windowDays: z.number().int().min(1).max(90).default(10),
  /** Both are counted in working days where the account's country, or `country`, is known; else in calendar days. */
  workingDays: z.boolean().default(true),
  /** The vendor's country: ISO 3166-1 alpha-2, or ISO 3166-2 for a part of one. */
  country: z
    .string()
    .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'must be a country like DE, or a part of one like US-CA')
    .optional(),
  /** How long after the window's end a booked kickoff still listens for a late cancellation. */
  lateCancelDays: days(1, 60),
  /** A kickoff that waits for a person reminds after so many days, and again. */
  remindAfterDays: days(2, 30),
  /** A kickoff that waits for a person gives up (phase `failed`, said everywhere) after so many days. */
  giveUpAfterDays: days(60),
  /** The deal is reopened or lost while its kickoff runs: `ask` the CSM, or `cancel` the kickoff. */
  whenDealIsLost: z.enum(['ask', 'cancel']).default('ask'),
  steps: z
    .strictObject({
      on_won: stepList,
      on_requested: stepList,
      on_follow_up: stepList,
      on_booked: stepList,
      on_organizer_changed: stepList,
      on_cancelled: stepList,
      on_expired: stepList,
      on_attention: stepList,
    })
    .prefault({}),
});
export type KickoffPolicy = z.infer<typeof kickoffPolicySchema>;

/**
 * A clock that runs faster than the wall's: at `anchor` both show the same instant, from there it runs `scale` times as fast.
 * For demonstrations and tests; production has none.
 */
export const virtualClockSchema = z.strictObject({
  anchor: z.iso.datetime(),
  scale: z.number().positive().max(10_000_000),
});
export type VirtualClock = z.infer<typeof virtualClockSchema>;
