import { z } from 'zod';
import { type Database, findMeetingRequest } from '../../database/index.ts';
import type { SandboxControl } from './control.ts';

const code = z.number().nullish();
const entry = { seq: z.number(), at: z.string() };

/** Of the journal's entries as much as is shown. Calls, and what a later version tells, are `other`. */
const entrySchema = z.union([
  z.discriminatedUnion('type', [
    z.looseObject({ ...entry, type: z.literal('conversation'), from: z.string(), text: z.string() }),
    z.looseObject({ ...entry, type: z.literal('meeting_request'), change: z.string(), status: z.string() }),
    z.looseObject({
      ...entry,
      type: z.literal('delivery'),
      event: z.string(),
      outcome: z.string(),
      attempt: z.number(),
      responseCode: code,
      error: z.string().optional(),
    }),
    z.looseObject({ ...entry, type: z.literal('endpoint_disabled'), reason: z.string() }),
    z.looseObject({ ...entry, type: z.literal('crm'), text: z.string() }),
    z.looseObject({
      ...entry,
      type: z.literal('crm_webhook'),
      outcome: z.string(),
      responseCode: code,
      error: z.string().optional(),
    }),
    z.looseObject({ ...entry, type: z.literal('slack'), text: z.string() }),
  ]),
  z.object(entry).transform((other) => ({ ...other, type: 'other' as const })),
]);
export type SandboxEntry = z.infer<typeof entrySchema>;

const clockSchema = z.looseObject({
  now: z.string(),
  scale: z.number(),
  frozen: z.boolean(),
  waitingTasks: z.number(),
  nextTaskAt: z.string().nullable(),
});
export type SandboxClock = z.infer<typeof clockSchema>;

const requestSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  title: z.string().nullish(),
  slot: z.object({ start: z.string() }).nullish(),
  participants: z.array(z.looseObject({ replied_at: z.string().nullish() })).default([]),
});

const stateSchema = z.looseObject({
  clock: clockSchema,
  meeting_requests: z.array(requestSchema),
  journal: z.number(),
});
const journalSchema = z.looseObject({ entries: z.array(entrySchema) });
const faultSchema = z.looseObject({
  id: z.string(),
  fault: z.string(),
  hits: z.number(),
  next: z.number().optional(),
  probability: z.number().optional(),
  path: z.string().optional(),
});
const faultsSchema = z.looseObject({ faults: z.array(faultSchema) });
export type SandboxFault = z.infer<typeof faultSchema>;

export interface SandboxRequest extends z.infer<typeof requestSchema> {
  /** The kickoff or recovery that made it. */
  workflowId: string | undefined;
}

export interface SandboxState {
  clock: SandboxClock;
  /** The newest first. */
  requests: SandboxRequest[];
  /** The newest first. */
  entries: SandboxEntry[];
  faults: SandboxFault[];
}

const REQUESTS = 10;
/** So many of the journal's entries are looked at; most are calls. */
const LOOKED_AT = 400;
const ENTRIES = 60;

/** How the sandbox stands. @throws Error when it does not answer, or is of another version */
export async function readSandbox(sandbox: SandboxControl, { db }: Database): Promise<SandboxState> {
  const [state, { faults }] = await Promise.all([
    sandbox.call('GET', '/state').then((answer) => stateSchema.parse(answer)),
    sandbox.call('GET', '/faults').then((answer) => faultsSchema.parse(answer)),
  ]);
  const after = Math.max(0, state.journal - LOOKED_AT);
  const { entries } = journalSchema.parse(await sandbox.call('GET', `/journal?after=${after}`));
  const newest = state.meeting_requests.slice(-REQUESTS).reverse();
  const requests = await Promise.all(
    newest.map(async (request) => ({
      ...request,
      workflowId: (await findMeetingRequest(db, request.id))?.workflow_id,
    })),
  );
  const shown = entries.filter(({ type }) => type !== 'other').slice(-ENTRIES);
  return { clock: state.clock, requests, entries: shown.reverse(), faults };
}

export async function readClock(sandbox: SandboxControl): Promise<SandboxClock> {
  return clockSchema.parse(await sandbox.call('GET', '/clock'));
}
