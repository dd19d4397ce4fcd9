import { type CatchUpReport, type CaughtUp, WORKFLOW_TYPES } from '../../workflows/messages.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError } from '../errors.ts';
import { runByHand } from '../run-by-hand.ts';
import { withTemporal } from '../with-temporal.ts';

/** Asks the CRMs once, now, and says what was found. Beside the Schedule's own looks it is harmless. */
export async function catchUp(context: CommandContext, options: { config?: string }): Promise<void> {
  await withTemporal(context, options, async ({ client }) => {
    const report = await runByHand<CatchUpReport>(client, WORKFLOW_TYPES.catchUp);
    context.output.emit({ type: 'caught-up', ...report }, linesOf(report).join('\n'));
    if (report.problems.length > 0) throw new CliError(report.problems.join('\n'));
  });
}

/** The report in words, a line each. */
export function linesOf({ crms, problems }: CatchUpReport): string[] {
  if (crms.length === 0 && problems.length === 0) return ['no CRM is configured that can be asked'];
  return crms.flatMap(linesAbout);
}

function linesAbout({ crm, from, until, scanned, takenIn, deals, lost }: CaughtUp): string[] {
  const unnamed = takenIn - deals.length;
  return [
    `${crm}: ${scanned} won deal${scanned === 1 ? '' : 's'} changed from ${from} to ${until}; ${takenIn} taken in that no webhook had told`,
    ...deals.map(({ dealId, name, wonAt }) => `  ${dealId}${name === undefined ? '' : ` (${name})`}: won ${wonAt}`),
    ...(unnamed === 0 ? [] : [`  and ${unnamed} more`]),
    ...lost.map(({ dealId, stage }) => `  ${dealId} is not won any more: ${stage ?? 'gone'}`),
  ];
}
