import type { EscalationStatus } from '../../workflows/messages.ts';
import type { KickoffDetails } from './read.ts';
import type { TimelineEntry } from './timeline-entry.ts';

/** Who was told that nobody books. Only the workflow knows; when it was is read off the steps or follow-ups that did it. */
export function escalationEntries(details: KickoffDetails): TimelineEntry[] {
  return (details.status?.escalations ?? []).flatMap((escalation) => {
    const at = instantOf(details, escalation);
    if (at === undefined) return [];
    const { level, to, followUps, asked, revision } = escalation;
    const who = level === 'csm' ? 'the CSM' : 'the manager';
    return [
      {
        at,
        kind: 'Kickoff',
        what: `Nobody books: ${who}${to === undefined ? '' : ` (${to})`} was told after ${followUps} follow-ups`,
        ...(asked.length > 0 && { words: [`Asked were ${asked.join(', ')}`] }),
        ...(revision !== details.row.revision && { revision }),
      },
    ];
  });
}

function instantOf({ steps, requests, events }: KickoffDetails, told: EscalationStatus): Date | undefined {
  const step = steps.find(
    ({ occurrence, revision }) => revision === told.revision && occurrence === `${told.revision}.${told.level}`,
  );
  if (step !== undefined) return step.started_at;
  const request = requests.findLast(({ revision }) => revision === told.revision);
  const followUps = events.filter(
    ({ subject, event_type: type }) =>
      subject !== null && subject === request?.request_id && type === 'meeting_request.follow_up_sent',
  );
  const at = followUps[told.followUps - 1]?.received_at ?? request?.follow_up_times.toSorted()[told.followUps - 1];
  return at === undefined ? undefined : new Date(at);
}
