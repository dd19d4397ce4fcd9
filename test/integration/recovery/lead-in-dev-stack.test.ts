import { beforeAll, expect, it, vi } from 'vitest';
import { SAMPLE_LEAD_ID, sampleLead } from '../../../sandbox/index.ts';
import { type RecoveryPhase, recoveryStatus } from '../../../workflows/messages.ts';
import type { TestStack } from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';
import { PATIENCE, type Post } from './recovering.ts';

/** Ten minutes pass in a second: a lead has three seconds to book by itself. */
const SCALE = 600;
const HALF_HOUR_MS = 30 * 60_000;
const OTHER_LEAD_ID = '40102';

interface Contact {
  properties: Record<string, string>;
  notes: { properties: { hs_note_body: string } }[];
}

describeStack(
  'a lead in the stack of kickoff dev, with a fast clock',
  (stack) => {
    const contact = (id: string) => stack().control<Contact>('GET', `/crm/contacts/${id}`);
    let recovered: string;
    let bookedByItself: string;

    beforeAll(async () => {
      const { email: _email, ...other } = sampleLead;
      await stack().control('PUT', `/crm/contacts/${OTHER_LEAD_ID}`, { ...other, email: 'robin@initech.example' });
      // Both fill in the form; one books at once, and nobody is told of it.
      await stack().control('POST', `/crm/contacts/${SAMPLE_LEAD_ID}/submit`);
      const { formTrigger: secret } = stack().secrets;
      await stack().control('POST', `/crm/contacts/${OTHER_LEAD_ID}/submit`, { via: 'own', secret });
      await stack().control('POST', `/crm/contacts/${OTHER_LEAD_ID}/meeting`, { title: 'Discovery', notify: false });
      recovered = await takenUp(stack(), SAMPLE_LEAD_ID);
      bookedByItself = await takenUp(stack(), OTHER_LEAD_ID);
    });

    it('is written to half an hour after its form, not before, and books', async () => {
      const submittedAt = (await contact(SAMPLE_LEAD_ID)).properties.recent_conversion_date ?? '';
      await inPhase(stack(), recovered, 'scheduling');
      const [post, ...more] = await requestsOf(stack(), recovered);
      expect(more).toEqual([]);
      expect(post).toMatchObject({
        idempotencyKey: recovered,
        status: 202,
        body: { participants: [{ email: sampleLead.email }], include_introduction: true },
      });
      expect(Date.parse(post?.at ?? '') - Date.parse(submittedAt)).toBeGreaterThanOrEqual(HALF_HOUR_MS);
      // Days of SkipUp's conversation at once.
      await stack().control('POST', '/clock', { advance: '4d' });
      await inPhase(stack(), recovered, 'booked');
      await vi.waitFor(async () => {
        const { properties } = await contact(SAMPLE_LEAD_ID);
        expect(properties.kickoff_lead_status).toBe('Meeting Scheduled');
      }, PATIENCE);
      const told = stack().events.flatMap(({ event }) =>
        'workflowId' in event && event.workflowId === recovered ? [event.type] : [],
      );
      expect(told.slice(0, 4)).toEqual(['delivered', 'recovery_started', 'checked', 'requested']);
    });

    it('is not written to when it has booked by itself meanwhile: the CRM is asked', async () => {
      const handle = stack().services.temporal.client.workflow.getHandle<() => Promise<unknown>>(bookedByItself);
      expect(await handle.result()).toMatchObject({ phase: 'booked_elsewhere' });
      expect(await requestsOf(stack(), bookedByItself)).toEqual([]);
      const { notes } = await contact(OTHER_LEAD_ID);
      expect(notes.map(({ properties }) => properties.hs_note_body)).toEqual([
        expect.stringMatching(/^No recovery needed: .*Discovery/),
      ]);
    });
  },
  { scale: SCALE },
);

/** The workflow of a lead's recovery, once it has one. */
async function takenUp(stack: TestStack, leadId: string): Promise<string> {
  return await vi.waitFor(() => {
    for (const { event } of stack.events) {
      if (event.type === 'recovery_started' && event.leadId === leadId) return event.workflowId;
    }
    throw new Error(`lead ${leadId} has no recovery yet`);
  }, PATIENCE);
}

async function inPhase(stack: TestStack, workflowId: string, phase: RecoveryPhase): Promise<void> {
  const handle = stack.services.temporal.client.workflow.getHandle(workflowId);
  await vi.waitFor(async () => expect((await handle.query(recoveryStatus)).phase).toBe(phase), PATIENCE);
}

/** The calls that made requests for a recovery, with the sandbox's time, which is the recovery's. */
async function requestsOf(stack: TestStack, workflowId: string): Promise<(Post & { at: string })[]> {
  const { entries } = await stack.control<{ entries: (Post & { at: string })[] }>(
    'GET',
    '/journal?type=api&limit=1000',
  );
  return entries.filter(({ idempotencyKey }) => idempotencyKey === workflowId);
}
