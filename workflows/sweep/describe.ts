/** What a sweep found in words, for whoever opens it in the Temporal UI. */
import type { EndpointState, SweepReport, SweptDeliveries, SweptRequests } from '../messages.ts';

const ENDPOINT: Record<EndpointState, string> = {
  not_configured: 'No public address is configured: deliveries are not looked at.',
  missing: 'SkipUp has no webhook endpoint for the public address.',
  on: 'The webhook endpoint is on.',
  off_by_person: 'The webhook endpoint was switched off by a person.',
  off: 'SkipUp has switched the webhook endpoint off.',
  brought_back: 'SkipUp had switched the webhook endpoint off; its test came through, and it is on again.',
};

/** As the Markdown that the Temporal UI shows under "current details". */
export function details({ deliveries, requests, problems }: SweepReport): string {
  return [
    `**${headline({ deliveries, requests })}**`,
    ...problems.map((problem) => `- ${problem}`),
    ...(deliveries === undefined ? [] : aboutDeliveries(deliveries)),
    ...(requests === undefined ? [] : aboutRequests(requests)),
  ].join('\n');
}

function headline({
  deliveries,
  requests,
}: {
  deliveries: SweptDeliveries | undefined;
  requests: SweptRequests | undefined;
}): string {
  if (deliveries === undefined && requests === undefined) return 'Nothing could be looked at.';
  const takenIn = (deliveries?.takenIn ?? 0) + (requests?.takenIn ?? 0);
  if (takenIn === 0) return 'Nothing was missing.';
  return takenIn === 1 ? 'One event was missing and is taken in.' : `${takenIn} events were missing and are taken in.`;
}

function aboutDeliveries({ endpoint, takenIn, known, advice }: SweptDeliveries): string[] {
  return [
    `- ${ENDPOINT[endpoint]}`,
    ...(advice === undefined ? [] : [`- ${advice}`]),
    ...(takenIn + known === 0 ? [] : [`- Failed deliveries: ${takenIn} taken in, ${known} known already.`]),
  ];
}

function aboutRequests(requests: SweptRequests): string[] {
  const { compared, takenIn, noticed, underWay, gone, contradictions, unknownOrganizers, notes } = requests;
  return [
    `- ${compared} open meeting ${compared === 1 ? 'request' : 'requests'} compared, noticed and taken in: ${takenIn}, on their way: ${underWay}.`,
    ...noticed.map(({ workflowId, requestId, event }) => `  - \`${workflowId}\`: ${event} (\`${requestId}\`)`),
    ...(gone.length === 0 ? [] : [`- Not at SkipUp any more: ${gone.map((id) => `\`${id}\``).join(', ')}`]),
    ...contradictions.map(
      ({ requestId, known, atSkipUp }) => `- \`${requestId}\` is ${known} here and ${atSkipUp} at SkipUp: look at it.`,
    ),
    ...unknownOrganizers.map(
      ({ email, kickoffs, accounts, isFallback }) =>
        `- ${email} cannot organize, being no active member of the SkipUp workspace: ${[
          ...kickoffs.map((id) => `\`${id}\``),
          ...accounts.map((id) => `account ${id}`),
          ...(isFallback ? ['the configured fallback'] : []),
        ].join(', ')}`,
    ),
    ...notes.map((note) => `- ${note}`),
  ];
}
