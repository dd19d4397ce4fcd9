import { ACME_DEAL_ID } from '../../sandbox/index.ts';
import { kickoffWorkflowId } from '../../workflows/messages.ts';
import type { CommandContext } from '../command-context.ts';
import { demonstrate } from '../demonstration.ts';
import { demonstrateLead } from './demo-lead.ts';

/**
 * Shows one whole kickoff, on real parts with a fast clock: HubSpot's signed event for the deal of Acme Corp, the people,
 * the request, SkipUp's webhooks, the onboarding steps. Or, with `lead`, a lead's recovery. Leaves nothing behind.
 */
export async function demo(context: CommandContext, options: { keep?: boolean; lead?: boolean }): Promise<void> {
  if (options.lead === true) return await demonstrateLead(context, options);
  await demonstrate(
    context,
    {
      what: 'kickoff',
      introduction: 'One kickoff, from the deal’s close to the day after its window. A second is a day.',
      // The plain course of things: everybody answers when first asked, none before the working day begins.
      fixture: { everybody: { needsFollowUps: 0 } },
      workflowId: kickoffWorkflowId(ACME_DEAL_ID),
      beginning: 'closed',
      trigger: { path: `/crm/deals/${ACME_DEAL_ID}/close` },
      started: 'kickoff_started',
      lastStep: 'task_agenda',
      rest: 'The onboarding steps have run. The kickoff stays for a late cancellation until its window has passed …',
      good: 'done',
      times: [
        ['closeToPeople', 'deal closed → people known', 'closed', 'resolved'],
        ['closeToRequest', 'deal closed → request sent', 'closed', 'requested'],
        ['requestToBooking', 'request → booked', 'requested', 'meeting_request.booked', 'a second is a day here'],
        ['bookingToSteps', 'booked → first step done', 'meeting_request.booked', 'step:on_booked'],
        ['closeToEnd', 'deal closed → kickoff closed', 'closed', 'ended'],
      ],
    },
    options,
  );
}
