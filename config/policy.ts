import { z } from 'zod';

const text = (limit: number, fallback: string) => z.string().min(1).max(limit).default(fallback);
const days = (fallback: number, max = 365) => z.number().positive().max(max).default(fallback);

/** Names a step's result in the ledger, in templates and in `retryStep`. */
const stepId = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,40}$/, 'lower-case letters, digits, - and _, starting with a letter');

/** How long a step that fails is repeated by itself before a person is told. Left out: two days. */
export const stepRetrySchema = z.strictObject({
  /** Not after so many hours from the first attempt. */
  forHours: z.number().positive().max(720).optional(),
  /** Seconds before the second attempt; each later wait is twice the one before. */
  firstSeconds: z.number().positive().max(3600).optional(),
  /** The longest wait, in minutes. */
  mostMinutes: z.number().positive().max(1440).optional(),
  /** At most so many attempts, the first included. */
  attempts: z.number().int().min(1).max(10_000).optional(),
});

const stepBase = {
  id: stepId,
  /** `wait`: the kickoff waits for a person to retry or skip; `warn`: it is shown and the kickoff goes on. */
  onFailure: z.enum(['wait', 'warn']).default('warn'),
  /** Steps of the same list that come first; without it a step runs beside the others. */
  after: z.array(stepId).min(1).max(49).optional(),
  retry: stepRetrySchema.optional(),
  /**
   * Whether what it made is undone, or flagged where that cannot be, when the meeting falls through. Left out: yes for steps
   * of `on_booked`, no for all others.
   */
  undo: z.boolean().optional(),
};

const shortText = z.string().min(1).max(255);
const longText = z.string().min(1).max(5000);
/** JSON whose texts may hold templates. */
const templatedJson: z.ZodType<TemplatedJson> = z
  .lazy(() =>
    z.union([
      z.string().max(20_000),
      z.number(),
      z.boolean(),
      z.null(),
      z.array(templatedJson).max(200),
      z.record(z.string().max(200), templatedJson),
    ]),
  )
  .meta({ id: 'json' });
export type TemplatedJson = string | number | boolean | null | TemplatedJson[] | { [name: string]: TemplatedJson };

const headerName = z.string().regex(/^[A-Za-z0-9-]{1,100}$/);
/** The name stands here and travels with the policy; the value never does. */
const headerVariable = z
  .string()
  .regex(/^STEP_HEADER_[A-Z0-9_]{1,60}$/, 'must name a variable of the environment that begins with STEP_HEADER_');

const httpCall = {
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
  url: z.string().min(1).max(2000),
  headers: z.record(headerName, z.string().max(2000)).optional(),
  /** Headers whose values the worker has in its environment: header → variable. */
  secretHeaders: z.record(headerName, headerVariable).optional(),
  body: templatedJson.optional(),
};

/** One onboarding step. Texts take `{{deal.name}}`, `{{deal.account.name}}`, `{{meeting.requestId}}`, `{{steps.<id>.url}}`, … */
export const stepSchema = z
  .discriminatedUnion('kind', [
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
    /** By the incoming webhook `SLACK_WEBHOOK_URL`. */
    z.strictObject({ ...stepBase, kind: z.literal('slack'), text: z.string().min(1).max(3000) }),
    /** By Slack's `chat.postMessage`, with `SLACK_BOT_TOKEN`; results `ts` and `channel`. */
    z.strictObject({
      ...stepBase,
      kind: z.literal('slack_message'),
      /** A channel's id, or a user's. */
      channel: z.string().min(1).max(200),
      text: z.string().min(1).max(3000),
      /** The `ts` of a message to answer in its thread: `{{steps.announce.ids.ts}}`. */
      thread: z.string().min(1).max(200).optional(),
    }),
    /** By SMTP, with `SMTP_URL`, from `mail.from`; result `messageId`. */
    z.strictObject({
      ...stepBase,
      kind: z.literal('email'),
      /** Addresses, or a template that gives one or several, separated by commas. */
      to: z.array(z.string().min(1).max(500)).min(1).max(50),
      cc: z.array(z.string().min(1).max(500)).max(50).optional(),
      replyTo: z.string().min(1).max(320).optional(),
      subject: shortText,
      text: z.string().min(1).max(20_000),
    }),
    /** At Linear, with `LINEAR_API_KEY`; results `projectId`, and `issue_1` … in the order of `issues`. */
    z.strictObject({
      ...stepBase,
      kind: z.literal('linear_project'),
      /** The team's key (`IMP`) or id. */
      team: z.string().min(1).max(100),
      name: shortText,
      description: z.string().max(255).optional(),
      /** A longer text, Markdown. */
      content: z.string().max(20_000).optional(),
      /** The id of one of your project templates. */
      template: z.string().min(1).max(100).optional(),
      /** E-mail addresses of Linear's users. */
      lead: z.string().min(1).max(320).optional(),
      issues: z
        .array(
          z.strictObject({
            title: shortText,
            description: longText.optional(),
            /** Days after the step on which it is due. */
            dueInDays: z.number().int().min(0).max(3650).optional(),
            assignee: z.string().min(1).max(320).optional(),
            template: z.string().min(1).max(100).optional(),
          }),
        )
        .max(50)
        .optional(),
    }),
    /** Any system that takes JSON; signed with `STEP_SIGNING_SECRETS`, under an `Idempotency-Key`. */
    z.strictObject({
      ...stepBase,
      kind: z.literal('http'),
      ...httpCall,
      /** What is kept of the answer, by name: a JSON pointer (RFC 6901) into its body. `url` is the link that people see. */
      keep: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,40}$/), z.string().regex(/^(\/.{0,200})?$/)).optional(),
      /** The call that takes it back; its texts may name this step's own results as `{{result.ids.<name>}}`. */
      undoWith: z.strictObject(httpCall).optional(),
    }),
    /** A workflow of your own, as a child; results `workflowId`, `runId`, and what it returns, where that is an object of texts. */
    z.strictObject({
      ...stepBase,
      kind: z.literal('workflow'),
      type: z.string().min(1).max(200),
      taskQueue: z.string().min(1).max(200),
      input: templatedJson.optional(),
      /** `started`: the step is done when it runs; `ended`: when it has returned. */
      until: z.enum(['started', 'ended']).default('ended'),
      timeoutHours: z.number().positive().max(8784).optional(),
    }),
    /** A kind of your own, from a file that `stepKinds` names. */
    z.strictObject({
      ...stepBase,
      kind: z.literal('own'),
      /** The kind's own name. */
      use: z.string().min(1).max(100),
      with: z.record(z.string().max(100), templatedJson).optional(),
    }),
  ])
  // Stands in the JSON Schema once, and not in each list.
  .meta({ id: 'step' });
export type Step = z.infer<typeof stepSchema>;
export type StepRetry = z.infer<typeof stepRetrySchema>;

export const KICKOFF_LISTS = [
  'on_won',
  'on_requested',
  'on_follow_up',
  /** So many follow-ups and no booking: the CSM, later the manager. */
  'on_ghosted',
  'on_booked',
  'on_organizer_changed',
  'on_cancelled',
  'on_expired',
  'on_attention',
] as const;
export const RECOVERY_LISTS = [
  'on_requested',
  'on_follow_up',
  'on_booked',
  'on_booked_elsewhere',
  'on_cancelled',
  'on_expired',
  'on_attention',
] as const;
export type StepList = (typeof KICKOFF_LISTS)[number] | (typeof RECOVERY_LISTS)[number];

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
  /** A booked meeting that is cancelled at SkipUp: the kickoff closes, waits for the CSM, or is scheduled anew by itself. */
  whenBookingIsCancelled: z.enum(['close', 'wait', 'reschedule']).default('wait'),
  /** How often `reschedule` does so before it waits. */
  rescheduleTimes: z.number().int().min(1).max(10).default(1),
  /** The window passes without a booking: the kickoff closes, its window is extended by SkipUp's context, or a person takes over. */
  whenWindowPasses: z.enum(['close', 'extend', 'hand_over']).default('close'),
  /** How often `extend` does so before it hands over. */
  extendTimes: z.number().int().min(1).max(10).default(1),
  /** So many days before the window's end the CSM is reminded that nothing is booked. Left out: not. */
  remindBeforeDays: z.number().positive().max(60).optional(),
  /** After so many follow-ups without a booking the CSM is told; 0: never. */
  ghostedAfterFollowUps: z.number().int().min(0).max(50).default(3),
  /** And after so many the CSM's manager; 0: never. */
  managerAfterFollowUps: z.number().int().min(0).max(50).default(5),
  /** The CSMs' manager, who is told of ghosted kickoffs and of organizers who have left. */
  manager: z.email().optional(),
  /** Other managers, by the CSM's e-mail address. */
  managerOf: z.record(z.email(), z.email()).optional(),
  steps: z
    .strictObject({
      on_won: stepList,
      on_requested: stepList,
      on_follow_up: stepList,
      on_ghosted: stepList,
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
 * How a lead is recovered that has filled in a form and booked nothing. It travels in the workflow's input. It holds no
 * secret. Source: SkipUp's guide to lead recovery pipelines.
 */
export const recoveryPolicySchema = z.strictObject({
  vendor: z.string().min(1).max(100).default('our team'),
  title: text(255, 'Demo: {{vendor}} for {{lead.company}}'),
  purpose: text(500, 'Product demo requested via website form'),
  description: z
    .string()
    .max(3000)
    .default(
      '{{lead.name}} ({{lead.jobTitle}}, {{lead.company}}) submitted {{form.name}} on {{form.submittedOn}}. {{form.answers}}',
    ),
  durationMinutes: z.number().int().min(5).max(480).default(30),
  /** SkipUp's guide: essential for leads who did not begin the conversation. */
  includeIntroduction: z.boolean().default(true),
  /** How long a lead has to book by itself. */
  waitMinutes: z.number().int().min(15).max(60).default(30),
  leadDays: z.number().int().min(0).max(90).default(1),
  windowDays: z.number().int().min(1).max(90).default(10),
  workingDays: z.boolean().default(true),
  country: z
    .string()
    .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'must be a country like DE, or a part of one like US-CA')
    .optional(),
  lateCancelDays: days(1, 60),
  remindAfterDays: days(2, 30),
  giveUpAfterDays: days(14),
  /** A lead is written to so often in all; at most once a day in any case. */
  attempts: z.number().int().min(1).max(20).default(2),
  steps: z
    .strictObject({
      on_requested: stepList,
      on_follow_up: stepList,
      on_booked: stepList,
      on_booked_elsewhere: stepList,
      on_cancelled: stepList,
      on_expired: stepList,
      on_attention: stepList,
    })
    .prefault({}),
});
export type RecoveryPolicy = z.infer<typeof recoveryPolicySchema>;

/**
 * A clock that runs faster than the wall's: at `anchor` both show the same instant, from there it runs `scale` times as fast.
 * For demonstrations and tests; production has none.
 */
export const virtualClockSchema = z.strictObject({
  anchor: z.iso.datetime(),
  scale: z.number().positive().max(10_000_000),
});
export type VirtualClock = z.infer<typeof virtualClockSchema>;
