/** What catching up has found in words, for whoever opens it in the Temporal UI. */
import type { CatchUpReport, CaughtUp } from '../messages.ts';

/** As the Markdown that the Temporal UI shows under "current details". */
export function details({ crms, problems }: CatchUpReport): string {
  return [
    `**${headline({ crms, problems })}**`,
    ...problems.map((problem) => `- ${problem}`),
    ...crms.flatMap(aboutCrm),
  ].join('\n');
}

function headline({ crms, problems }: CatchUpReport): string {
  if (crms.length === 0) {
    return problems.length === 0 ? 'No CRM is configured that can be asked.' : 'No CRM could be asked.';
  }
  const takenIn = crms.reduce((sum, crm) => sum + crm.takenIn, 0);
  const lost = crms.reduce((sum, crm) => sum + crm.lost.length, 0);
  const won =
    takenIn === 1
      ? 'One won deal had told nobody and is taken in.'
      : `${takenIn} won deals had told nobody and are taken in.`;
  if (takenIn + lost === 0) return 'Nothing was missing.';
  return [...(takenIn === 0 ? [] : [won]), ...(lost === 0 ? [] : [`Not won any more: ${lost}.`])].join(' ');
}

function aboutCrm({ crm, from, until, scanned, takenIn, deals, lost }: CaughtUp): string[] {
  const unnamed = takenIn - deals.length;
  return [
    `- ${crm}, changes from ${from} to ${until}: ${scanned} won ${scanned === 1 ? 'deal' : 'deals'}, taken in: ${takenIn}.`,
    ...deals.map(
      ({ dealId, name, wonAt }) => `  - \`${dealId}\`${name === undefined ? '' : ` ${plain(name)}`}, won ${wonAt}`,
    ),
    ...(unnamed === 0 ? [] : [`  - and ${unnamed} more`]),
    ...lost.map(
      ({ dealId, stage }) => `  - \`${dealId}\` is not won any more: ${stage === undefined ? 'gone' : plain(stage)}`,
    ),
  ];
}

/** A name is anybody's text: nothing in it is to be taken for Markdown. */
function plain(text: string): string {
  return text.replace(/[\s\p{C}]+/gu, ' ').replace(/[\\`*_{}[\]<>()#|~!]/g, '\\$&');
}
