import { describe, expect, it } from 'vitest';
import {
  attachRequestId,
  beginMeetingRequest,
  claimRecovery,
  type Database,
  insertInbox,
  markDelivered,
  markRecoveryStarted,
  recordRecovery,
} from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { openConsole, TEMPORAL_UI } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

eachDatabase('the console', (open) => {
  describe('leads', () => {
    async function seedLead(
      database: Database,
      leadId: string,
      record: Partial<Parameters<typeof recordRecovery>[1]> = {},
    ) {
      const workflowId = `lead:${leadId}:recovery:2026-02-10`;
      const name = `${HOSTILE} Chen`;
      const lead = { id: leadId, crm: 'hubspot', email: `${leadId}@globex.example`, name, company: 'Globex' };
      const submission = { kind: 'form', reference: `s-${leadId}`, receivedAt: '2026-02-10T09:00:00Z' };
      const form = { name: 'Demo request', submittedAt: '2026-02-10T09:00:00Z', answers: {} };
      const claim = { workflowId, crm: 'hubspot', leadId, attempt: 1, email: lead.email, lead, form };
      await claimRecovery(database.db, { ...claim, origin: submission });
      await markRecoveryStarted(database.db, workflowId);
      await recordRecovery(database.db, { workflowId, phase: 'needs_attention', needs: [], ...record });
      return workflowId;
    }

    it('have their rows in the inbox, which lead to the Temporal UI: no page of a kickoff has them', async () => {
      const database = await open();
      const workflowId = await seedLead(database, '40101');
      const idempotencyKey = workflowId;
      await beginMeetingRequest(database.db, {
        workflowId,
        revision: 1,
        idempotencyKey,
        organizerEmail: 'cs@vendor.example',
        participantEmails: ['40101@globex.example'],
        timeframeStart: '2026-02-12T14:00:00Z',
        timeframeEnd: '2026-02-22T04:59:59Z',
        firstTriedAt: '2026-02-10T09:30:05Z',
      });
      await attachRequestId(database.db, { idempotencyKey, requestId: 'mr_lead', status: 'active' });
      const { ids } = await insertInbox(database.db, [
        { source: 'form', dedupeKey: 'f', eventType: 'workflow.webhook', subject: '40101', payload: {} },
        { source: 'skipup', dedupeKey: 'b', eventType: 'meeting_request.booked', subject: 'mr_lead', payload: {} },
      ]);
      for (const id of ids) await markDelivered(database.db, id, workflowId);
      const get = await openConsole(database);
      const inbox = (await get('/inbox')).text;
      expect(inbox).toContain('Form trigger');
      const link = `<a href="${TEMPORAL_UI}/workflows/${encodeURIComponent(workflowId)}" rel="noreferrer">`;
      expect(inbox.split(link)).toHaveLength(3);
      expect(inbox).not.toContain('href="/kickoffs/lead');
      const nowhere = await (await openConsole(database, {}))('/inbox');
      expect(nowhere.text).toContain(`<code><bdi>${workflowId}</bdi></code>`);
      const page = await get(`/kickoffs/${encodeURIComponent(workflowId)}`);
      expect(page.status).toBe(404);
      expect(page.text).toContain('kickoff leads show');
    });
  });
});
