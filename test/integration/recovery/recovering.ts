import type { WorkflowHandle } from '@temporalio/client';
import { vi } from 'vitest';
import { type RecoveryPolicy, recoveryPolicySchema } from '../../../config/policy.ts';
import type { CrmLeads, FormSubmission, Lead } from '../../../crm/index.ts';
import { type RecoveryStartRequest, recoveryStarter, type StartRecovery } from '../../../temporal/index.ts';
import {
  type RecoveryOrigin,
  type RecoveryPhase,
  type RecoveryStatus,
  recoveryStatus,
} from '../../../workflows/messages.ts';
import type { TestStack } from '../../harness/stack.ts';

export const REP = 'jordan.lee@yourcompany.example';
export const PATIENCE = { timeout: 20_000, interval: 30 };

/** The CRM's side: statuses as they are written, meetings and opt-outs as the test says. In memory; HubSpot's place. */
export interface LeadCrm extends CrmLeads {
  statuses: Map<string, string[]>;
  /** By lead, the meeting it has in words. */
  meetings: Map<string, string>;
  optedOut: Set<string>;
  leads: Map<string, Lead>;
}

export function leadCrm(): LeadCrm {
  const leads = new Map<string, Lead>();
  const statuses = new Map<string, string[]>();
  const meetings = new Map<string, string>();
  const optedOut = new Set<string>();
  return {
    leads,
    statuses,
    meetings,
    optedOut,
    async readLead({ id = '' }) {
      const lead = leads.get(id);
      if (lead === undefined) throw new Error(`there is no lead ${id}`);
      return { ...lead, optedOut: optedOut.has(id) };
    },
    findMeeting: async ({ id }) => meetings.get(id),
    async writeBack(leadId, { status }) {
      if (status !== undefined) statuses.set(leadId, [...(statuses.get(leadId) ?? []), status]);
      return {};
    },
  };
}

/** The four statuses of SkipUp's guide, and what else a team does. */
export const POLICY = recoveryPolicySchema.parse({
  vendor: 'YourProduct',
  leadDays: 1,
  windowDays: 10,
  steps: {
    on_requested: [{ id: 'requested', kind: 'crm_status', status: 'Meeting Requested' }],
    on_follow_up: [{ id: 'followed_up', kind: 'crm_status', status: 'Follow-up Sent' }],
    on_booked: [{ id: 'booked', kind: 'crm_status', status: 'Meeting Scheduled' }],
    on_cancelled: [{ id: 'cancelled', kind: 'crm_status', status: 'Re-enter Nurture' }],
    on_booked_elsewhere: [{ id: 'elsewhere', kind: 'crm_status', status: 'Booked by itself' }],
    on_expired: [{ id: 'expired', kind: 'crm_status', status: 'Re-enter Nurture' }],
    on_attention: [{ id: 'attention', kind: 'crm_task', subject: 'Look: {{needs}}' }],
  },
});

let counter = 0;

/** What a test does with leads. */
export function recovering(stack: () => TestStack, options: { policy?: Partial<RecoveryPolicy> } = {}) {
  const crm = leadCrm();
  const policy = { ...POLICY, ...options.policy };
  /** Puts the leads' CRM in HubSpot's place; the workers look it up at every call. */
  const takePlace = () => {
    const { crms } = stack().services;
    if (crms.hubspot !== undefined) crms.hubspot = { ...crms.hubspot, leads: crm };
  };

  function newLead(changes: Partial<Lead> = {}): Lead {
    counter += 1;
    const lead: Lead = {
      id: `9f2k${counter}`,
      crm: 'hubspot',
      email: `sarah.chen${counter}@acme.example`,
      name: 'Sarah Chen',
      company: 'Acme Corp',
      jobTitle: 'VP of Operations',
      timezone: 'America/Los_Angeles',
      owner: { email: REP },
      optedOut: false,
      ...changes,
    };
    crm.leads.set(lead.id, lead);
    return lead;
  }

  const form: FormSubmission = {
    name: 'Demo request',
    submittedAt: '2026-02-08T10:00:00.000Z',
    answers: { 'Company size': '50-200 employees', 'Primary interest': 'automating vendor onboarding workflows' },
  };

  function starter(more: Partial<RecoveryPolicy> = {}): StartRecovery {
    takePlace();
    const { temporal, database } = stack().services;
    return recoveryStarter({ client: temporal.client, database, policy: { ...policy, ...more } });
  }

  function origin(reference: string, kind: RecoveryOrigin['kind'] = 'form'): RecoveryOrigin {
    return { kind, reference, receivedAt: new Date().toISOString() };
  }

  function requestFor(lead: Lead, more: Partial<RecoveryStartRequest> = {}): RecoveryStartRequest {
    counter += 1;
    return { lead, form, origin: origin(`submission-${counter}`), ...more };
  }

  /** A lead that is taken up, in a phase; without its time to book by itself unless the test gives it. */
  async function begun(
    phase: RecoveryPhase = 'scheduling',
    more: { lead?: Partial<Lead>; request?: Partial<RecoveryStartRequest>; policy?: Partial<RecoveryPolicy> } = {},
  ): Promise<{ lead: Lead; workflowId: string; status: RecoveryStatus }> {
    const lead = newLead(more.lead);
    const { workflowId } = await starter(more.policy)(requestFor(lead, { waitMinutes: 0, ...more.request }));
    return { lead, workflowId, status: await inPhase(workflowId, phase) };
  }

  const handleOf = (workflowId: string): WorkflowHandle =>
    stack().services.temporal.client.workflow.getHandle(workflowId);

  const statusOf = (workflowId: string) => handleOf(workflowId).query(recoveryStatus);

  async function inPhase(workflowId: string, phase: RecoveryPhase): Promise<RecoveryStatus> {
    return await vi.waitFor(async () => {
      const known = await statusOf(workflowId);
      if (known.phase !== phase) throw new Error(`${workflowId} is ${known.phase}, not yet ${phase}: ${known.needs}`);
      return known;
    }, PATIENCE);
  }

  /** Waits until the lead's statuses in the CRM are these, in this order. */
  async function statusesOf(lead: Lead, wanted: string[]): Promise<void> {
    await vi.waitFor(() => {
      const written = crm.statuses.get(lead.id) ?? [];
      if (written.join() !== wanted.join()) throw new Error(`lead ${lead.id} has ${written.join(', ')}`);
    }, PATIENCE);
  }

  /** What SkipUp, or a person there, does with the lead's request. */
  async function atSkipUp(workflowId: string, event: string, more: object = {}): Promise<void> {
    const { request } = await statusOf(workflowId);
    await stack().control('POST', `/meeting_requests/${request?.id}/events`, { event, ...more });
  }

  /** The calls that made requests under keys of this recovery, as they were on the wire. */
  async function postsOf(workflowId: string): Promise<Post[]> {
    const { entries } = await stack().control<{ entries: Post[] }>('GET', '/journal?type=api&limit=1000');
    const keyed = workflowId.replace(/:[^:]*$/, ':');
    return entries.filter(({ idempotencyKey }) => idempotencyKey?.startsWith(keyed) === true);
  }

  return {
    crm,
    policy,
    form,
    newLead,
    starter,
    origin,
    requestFor,
    begun,
    handleOf,
    statusOf,
    inPhase,
    statusesOf,
    atSkipUp,
    postsOf,
  };
}

export interface Post {
  method: string;
  path: string;
  status: number | null;
  faults?: string[];
  idempotencyKey?: string;
  body?: unknown;
}
