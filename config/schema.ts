import { z } from 'zod';
import { assemblySchema } from './assembly.ts';
import { consoleSchema } from './console.ts';
import { kickoffPolicySchema, recoveryPolicySchema } from './policy.ts';
import { workstreamsSchema } from './workstreams.ts';

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' });
const seconds = (fallback: number, max: number) => z.number().int().min(0).max(max).default(fallback);
const count = (fallback: number, max: number) => z.number().int().min(1).max(max).default(fallback);

const skipupSchema = z.strictObject({
  tolerance: z
    .strictObject({
      pastSeconds: seconds(7200, 86_400).describe(
        'How old a webhook’s signature may be. SkipUp repeats for about 90 minutes.',
      ),
      futureSeconds: seconds(300, 3600).describe('How far ahead of this machine’s clock a signature may be.'),
    })
    .prefault({})
    .describe('Ages at which a webhook’s signature is still accepted.'),
  requestsPerMinute: count(120, 100_000).describe(
    'Calls to SkipUp in any minute, by all workers and the sweep together. SkipUp allows 120 per key; lower it when others use the key too.',
  ),
});

const sweepSchema = z.strictObject({
  everyMinutes: z
    .number()
    .int()
    .min(0)
    .max(1440)
    .default(5)
    .describe(
      'How often the sweep looks for what lost webhooks would have said. 0: never; a Schedule that is there already stays until `kickoff schedules apply --prune`.',
    ),
  requestsPerMinute: count(24, 100_000).describe('How many of those the sweep may make.'),
});

const catchUpSchema = z.strictObject({
  everyMinutes: z
    .number()
    .int()
    .min(0)
    .max(1440)
    .default(15)
    .describe(
      'How often the CRMs are asked for deals that were won and told nobody. 0: never; a Schedule that is there already stays until `kickoff schedules apply --prune`.',
    ),
  overlapMinutes: z
    .number()
    .int()
    .min(0)
    .max(1440)
    .default(30)
    .describe('How far each look goes back before the last one: a CRM’s search runs behind its deals.'),
});

const backfillScheduleSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'must be lower-case letters, digits and -')
    .describe('Part of the Schedule’s id, kickoff-backfill-<name>.'),
  of: z
    .enum(['deals', 'leads'])
    .default('deals')
    .describe('Kickoffs for won deals, or recoveries for leads that have filled in a form; these need `recovery`.'),
  crm: z.enum(['hubspot', 'salesforce', 'pipedrive']).describe('Whose deals or leads.'),
  everyHours: count(24, 8784).describe('How often.'),
  closedWithinDays: count(7, 3650).describe('Deals closed, or forms filled in, in so many days before.'),
  pipelines: z.array(z.string().min(1)).min(1).optional().describe('The CRM’s ids. Left out: those of the CRM.'),
  limit: count(1000, 1_000_000).optional().describe('At most so many are started each time. Left out: no limit.'),
});

const backfillSchema = z.strictObject({
  perMinute: count(120, 100_000).describe(
    'Kickoffs of historical deals started per minute, at most. SkipUp’s own limit holds them back in any case.',
  ),
  inFlight: count(20, 1000).describe(
    'So many may be on their way to SkipUp at one time; more wait, so that live deals find the way free.',
  ),
  schedules: z
    .array(backfillScheduleSchema)
    .max(50)
    .default([])
    .describe('Backfills that come by the clock. One taken out stays until `kickoff schedules apply --prune`.'),
});

const pipelines = z
  .array(z.string().min(1))
  .min(1)
  .optional()
  .describe('Internal ids of the pipelines whose deals get a kickoff. Left out: every pipeline.');

const hubspotSchema = z.strictObject({
  baseUrl: httpUrl.default('https://api.hubapi.com').describe('HubSpot’s API.'),
  apiVersion: z
    .string()
    .regex(/^\d{4}-\d{2}$/, 'must be a dated version such as 2026-03')
    .default('2026-03')
    .describe('The dated version in HubSpot’s paths.'),
  statusProperty: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,99}$/, 'must be a property’s internal name')
    .default('kickoff_status')
    .describe('The deal property that `crm_status` steps write; make it in HubSpot first.'),
  leadStatusProperty: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,99}$/, 'must be a property’s internal name')
    .default('kickoff_lead_status')
    .describe('The contact property that a recovery’s `crm_status` steps write; make it in HubSpot first.'),
  signatures: z
    .array(z.enum(['v3', 'v2', 'v1']))
    .min(1)
    .default(['v3'])
    .describe(
      'Signature versions that are accepted. Older than v3 has no protection against repeats; a workflow’s “Send a webhook” may have v2 alone.',
    ),
  pipelines,
  portalId: z
    .string()
    .regex(/^\d{1,15}$/, 'must be the portal’s number')
    .optional()
    .describe('The portal’s number, for links to deals.'),
});

const salesforceSchema = z.strictObject({
  loginUrl: httpUrl
    .default('https://login.salesforce.com')
    .describe('Where the app signs in: your My Domain address, https://<company>.my.salesforce.com.'),
  organizationId: z
    .string()
    .regex(/^00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/, 'must be an organization id: 15 or 18 characters from 00D on')
    .optional()
    .describe('Outbound messages of any other organization are refused. Left out: not looked at.'),
  statusField: z
    .string()
    .regex(/^[A-Za-z]\w{0,79}$/, 'must be a field’s API name')
    .default('Kickoff_Status__c')
    .describe('The opportunity’s field that `crm_status` steps write; make it in Salesforce first.'),
  leadStatusField: z
    .string()
    .regex(/^[A-Za-z]\w{0,79}$/, 'must be a field’s API name')
    .default('Kickoff_Status__c')
    .describe('The field of leads and contacts that a recovery’s `crm_status` steps write; make it on both first.'),
  leadSources: z
    .array(z.string().min(1).max(255))
    .min(1)
    .max(50)
    .default(['Web'])
    .describe('Leads of these sources have filled in a form, for a backfill of leads. Web-to-lead sets it.'),
});

const pipedriveSchema = z.strictObject({
  baseUrl: httpUrl
    .default('https://api.pipedrive.com')
    .describe('Pipedrive’s API; https://<company>.pipedrive.com also gives links to deals.'),
  statusField: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('The deal’s own field that `crm_status` steps write, by name or key. Left out: they write a note.'),
  leadStatusField: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('The person’s own field that a recovery’s `crm_status` steps write. Left out: they write a note.'),
  meetingTypes: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(50)
    .default(['meeting'])
    .describe('Activities of these types (their keys) are meetings, for lead recovery.'),
  pipelines,
});

const genericSchema = z.strictObject({
  writeBackUrl: httpUrl.optional().describe('Where status, notes and tasks are posted as JSON. Left out: nowhere.'),
});

/**
 * `kickoff.config.yaml`: everything that is not a secret and not an address of this one process.
 * Every option has a default; an empty file is a good file.
 */
export const fileSchema = z.strictObject({
  kickoff: kickoffPolicySchema
    .prefault({})
    .describe('How a kickoff is run. A running kickoff keeps what it began with.'),
  recovery: recoveryPolicySchema
    .optional()
    .describe('Leads that have filled in a form and booked nothing are asked for a meeting. Left out: they are not.'),
  slack: z
    .strictObject({ baseUrl: httpUrl.default('https://slack.com/api/').describe('Slack’s Web API.') })
    .prefault({})
    .describe('Slack, for slack_message steps.'),
  mail: z
    .strictObject({
      from: z
        .string()
        .min(3)
        .max(320)
        .optional()
        .describe('Sender of email steps: Onboarding <onboarding@example.com>.'),
    })
    .prefault({})
    .describe('Mail, for email steps.'),
  linear: z
    .strictObject({ baseUrl: httpUrl.default('https://api.linear.app/graphql').describe('Linear’s GraphQL API.') })
    .prefault({})
    .describe('Linear, for linear_project steps.'),
  stepCalls: z
    .strictObject({
      allowPrivate: z
        .array(z.string().min(1).max(255))
        .max(100)
        .default([])
        .describe(
          'Hosts (name or name:port) of your own network that http steps may call. Every other address must be a public one, by https.',
        ),
      timeoutSeconds: z
        .number()
        .int()
        .min(1)
        .max(120)
        .default(15)
        .describe('How long one call of an http step may take.'),
    })
    .prefault({})
    .describe('The calls of http steps.'),
  stepKinds: z
    .array(z.string().min(1).max(500))
    .max(50)
    .default([])
    .describe('Files with step kinds of your own, relative to this file; docs/steps.md shows one.'),
  assembly: assemblySchema.prefault({}).describe('Who is invited, and what is missing.'),
  workstreams: workstreamsSchema
    .default({})
    .describe('Further kickoffs of a deal by name, each with its own people and rules; docs/registry.md tells how.'),
  skipup: skipupSchema.prefault({}).describe('SkipUp’s API and webhooks.'),
  sweep: sweepSchema
    .prefault({})
    .describe('The net below the webhooks: SkipUp’s list and failed deliveries are read, and what is new is taken in.'),
  catchUp: catchUpSchema
    .prefault({})
    .describe('The net below the CRMs’ webhooks: deals that were won and told nobody are taken in.'),
  backfill: backfillSchema.prefault({}).describe('Kickoffs for deals that closed before Kickoff came.'),
  crm: z
    .strictObject({
      hubspot: hubspotSchema.optional().describe('Deals come from HubSpot.'),
      salesforce: salesforceSchema.optional().describe('Deals are Salesforce’s opportunities.'),
      pipedrive: pipedriveSchema.optional().describe('Deals come from Pipedrive.'),
      generic: genericSchema.optional().describe('Deals are posted to /triggers/deal, signed or with a token.'),
    })
    .prefault({})
    .describe('The CRMs that deals come from.'),
  server: z
    .strictObject({
      host: z.string().min(1).max(255).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in a container.'),
      bodyBytes: z.number().int().min(1024).max(10_485_760).default(262_144).describe('Largest body accepted, bytes.'),
      requestMs: z
        .number()
        .int()
        .min(100)
        .max(60_000)
        .default(8000)
        .describe('A request that has not come in whole by then is refused. SkipUp waits 10 s, HubSpot 5 s.'),
    })
    .prefault({})
    .describe('The HTTP server (`kickoff serve`).'),
  worker: z
    .strictObject({
      maxCachedWorkflows: count(1000, 100_000).describe('Waiting kickoffs kept in memory, about 245 kB each.'),
      maxConcurrentWorkflowTasks: z.number().int().min(2).max(1000).default(40).describe('Workflow tasks at one time.'),
      maxConcurrentActivities: count(100, 1000).describe('Activities at one time, on each task queue.'),
      maxConcurrentLocalActivities: count(100, 1000).describe('Local activities at one time.'),
      shutdownGraceSeconds: z
        .number()
        .int()
        .min(1)
        .max(600)
        .default(25)
        .describe('How long running activities may take to end. Keep it under the container’s stop grace period.'),
      metricsPort: z
        .number()
        .int()
        .min(1)
        .max(65_535)
        .optional()
        .describe('Prometheus metrics of the Temporal worker. Left out: none.'),
    })
    .prefault({})
    .describe('The Temporal worker (`kickoff worker`).'),
  inbox: z
    .strictObject({
      unmatchedHoldHours: z
        .number()
        .positive()
        .max(720)
        .default(24)
        .describe('How long a webhook waits for the kickoff that it belongs to. An endpoint sees the whole workspace.'),
      pollMs: z.number().int().min(10).max(60_000).default(500).describe('How often the relay looks for due rows.'),
    })
    .prefault({})
    .describe('What came in and is on its way to a kickoff.'),
  console: consoleSchema.prefault({}).describe('The web pages, and who may sign in; docs/console.md tells more.'),
  temporalUiUrl: httpUrl.optional().describe('The Temporal UI, for links.'),
});

export type FileConfig = z.infer<typeof fileSchema>;
