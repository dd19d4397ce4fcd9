import { type SweepReport, WORKFLOW_TYPES } from '../../workflows/messages.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError } from '../errors.ts';
import { runByHand } from '../run-by-hand.ts';
import { withTemporal } from '../with-temporal.ts';

/** Sweeps once, now, and says what was found. Beside the Schedule's own sweeps it is harmless. */
export async function sweep(context: CommandContext, options: { config?: string }): Promise<void> {
  await withTemporal(context, options, async ({ client }) => {
    const report = await runByHand<SweepReport>(client, WORKFLOW_TYPES.sweep);
    context.output.emit({ type: 'swept', ...report }, linesOf(report).join('\n'));
    if (report.problems.length > 0) throw new CliError(report.problems.join('\n'));
  });
}

function linesOf({ deliveries, requests }: SweepReport): string[] {
  return [
    ...(requests === undefined
      ? []
      : [
          `${count(requests.compared, 'open meeting request')} compared; ${count(requests.takenIn, 'event')} taken in that no webhook had told`,
          ...requests.noticed.map(({ workflowId, event, requestId }) => `  ${workflowId}: ${event} (${requestId})`),
          ...requests.gone.map((id) => `  ${id} is not at SkipUp any more`),
          ...requests.contradictions.map(
            ({ requestId, known, atSkipUp }) => `  ${requestId} is ${known} here and ${atSkipUp} at SkipUp: look at it`,
          ),
          ...requests.unknownOrganizers.map(
            ({ email, kickoffs, accounts, isFallback }) =>
              `  ${email} is no active SkipUp member and cannot organize: ${[...kickoffs, ...accounts.map((id) => `account ${id}`), ...(isFallback ? ['fallbackOrganizer'] : [])].join(', ')}`,
          ),
          ...requests.notes.map((note) => `  ${note}`),
        ]),
    ...(deliveries === undefined
      ? []
      : [
          `webhook endpoint: ${deliveries.endpoint.replaceAll('_', ' ')}; ${count(deliveries.takenIn, 'failed webhook')} taken in`,
          ...(deliveries.advice === undefined ? [] : [`  ${deliveries.advice}`]),
        ]),
  ];
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
