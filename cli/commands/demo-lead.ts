import { SAMPLE_LEAD_ID, sampleLead } from '../../sandbox/index.ts';
import type { CommandContext } from '../command-context.ts';
import { demonstrate } from '../demonstration.ts';

/**
 * Shows one whole recovery: HubSpot's signed word of a form, half an hour to book by oneself, the question to the CRM, the
 * request, a follow-up, SkipUp's webhooks, the statuses.
 */
export async function demonstrateLead(context: CommandContext, options: { keep?: boolean }): Promise<void> {
  await demonstrate(
    context,
    {
      what: 'recovery',
      introduction:
        'One lead who fills in a form and books nothing, to the day after its window. It has half an hour to book by itself; a second is a day.',
      // She answers when she is reminded: so the other sequences are paused.
      fixture: { everybody: { needsFollowUps: 0 }, people: { [sampleLead.email]: { needsFollowUps: 1 } } },
      beginning: 'submitted',
      trigger: {
        path: `/crm/contacts/${SAMPLE_LEAD_ID}/submit`,
        body: {
          via: 'workflow',
          answers: { 'Company size': '50–200', Interest: 'vendor onboarding; a decision is due this quarter' },
        },
      },
      started: 'recovery_started',
      lastStep: 'slack_lead_booked',
      rest: 'The lead is recovered. Its recovery stays for a late cancellation until its window has passed …',
      good: 'booked',
      times: [
        ['formToAsked', 'form → CRM asked', 'submitted', 'checked', 'half an hour of waiting in it'],
        ['formToRequest', 'form → request sent', 'submitted', 'requested'],
        ['requestToBooking', 'request → booked', 'requested', 'meeting_request.booked', 'a second is a day here'],
        ['bookingToSteps', 'booked → first step done', 'meeting_request.booked', 'step:on_booked'],
        ['formToEnd', 'form → recovery closed', 'submitted', 'ended'],
      ],
    },
    options,
  );
}
