import type { MeetingRequestRow } from '../../database/index.ts';
import type { KickoffStatus } from '../../workflows/messages.ts';
import { HAND_OVERS_PATH } from '../hand-over/actions.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { isolated, kickoffPath, outsideLink, temporalPath } from '../page/link.ts';
import { facts } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { commandLine } from '../words/command.ts';
import { crmName } from '../words/crm.ts';
import { isTransition, originWords } from '../words/origin.ts';
import { phaseChip } from '../words/phase.ts';
import { isOver } from './now.ts';
import { part } from './part.ts';
import type { KickoffDetails } from './read.ts';
import { accountPath } from './registry-link.ts';

/** What it is about, whom it belongs to, and where else it can be seen. */
export function factsPart(visit: Visit, details: KickoffDetails): Markup {
  const { row, record, others, status } = details;
  const { zone } = visit;
  const { deal, origin } = record;
  const name = isolated(deal.name ?? row.deal_id);
  return part(
    'facts',
    'Deal and workflow',
    html`${facts([
      ['Account', html`<a href="${accountPath(row.account_id)}">${isolated(row.account_name)}</a>`],
      [
        'Deal',
        html`${deal.url === undefined ? name : outsideLink(deal.url, name)} <span class="quiet">${row.deal_id} in ${crmName(row.crm)}</span>`,
      ],
      ['Closed', deal.closedAt !== undefined && instant(deal.closedAt, zone)],
      ['Amount', deal.amount !== undefined && amountWords(deal.amount, deal.currency)],
      ['Stage', deal.stage],
      [
        'Organizer',
        html`${organizerWords(details)}${visit.may === 'act' && !isOver(row) && html`<br><a href="${HAND_OVERS_PATH}">They have left? Hand over</a>`}`,
      ],
      ['Workstream', row.workstream],
      [
        'Other workstreams',
        others.length > 0 &&
          html`${others.map((other) => html`<a href="${kickoffPath(other.workflow_id)}">${other.workstream === '' ? 'main' : isolated(other.workstream)}</a> ${phaseChip(other.phase)} `)}`,
      ],
      [
        'Started by',
        html`${originWords(origin)}${isTransition(origin) && origin.reference !== '' && html`<br><code>${origin.reference}</code>`}`,
      ],
      ['Revision', row.revision],
      ['Begun', instant(row.created_at, zone)],
      ['Changed', instant(row.updated_at, zone)],
      ['Deal not won since', row.deal_lost_at !== null && instant(row.deal_lost_at, zone)],
      ['Closes by itself', row.closes_at !== null && instant(row.closes_at, zone)],
      ['Workflow', workflow(visit, row.workflow_id)],
    ])}
<details id="terminal">
<summary>From the terminal</summary>
<ul>
${terminalCommands(details, status).map((line) => html`<li><code>${line}</code></li>\n`)}</ul>
</details>`,
  );
}

/** Who invites; after a change that SkipUp told of, who does so now. */
function organizerWords({ record: { organizer }, requests, row }: KickoffDetails): Content {
  if (organizer === undefined) return 'not known yet';
  const { email, name, timezone, from } = organizer;
  const known = [timezone, from].filter((one) => one !== undefined).join(', ');
  const now = currentOrganizer(requests, row.revision);
  return html`${isolated(name ?? email)} ${name !== undefined && html`<br>${isolated(email)} `}${known !== '' && html`<br><span class="quiet">${known}</span>`}${now !== undefined && now !== email && html`<br>Now ${isolated(now)}`}`;
}

function currentOrganizer(requests: readonly MeetingRequestRow[], revision: number): string | undefined {
  return requests.findLast((request) => request.revision === revision)?.organizer_email ?? undefined;
}

function workflow({ temporalUi }: Visit, workflowId: string): Markup {
  const id = html`<code>${workflowId}</code>`;
  return temporalUi === undefined
    ? id
    : outsideLink(temporalPath(temporalUi, workflowId), html`${id} in the Temporal UI`);
}

function amountWords(amount: number, currency: string | undefined): string {
  const number = amount.toLocaleString('en-GB', { maximumFractionDigits: 2 });
  return currency === undefined ? number : `${number} ${currency}`;
}

/** The updates that have a command of their own, and what it asks for. */
const AS_COMMAND: Record<string, readonly [command: string, more: string]> = {
  proceed: ['proceed', ''],
  pause: ['pause', ''],
  resume: ['resume', ''],
  retryStep: ['retry-step', ' --step …'],
  skipStep: ['skip-step', ' --step … --reason …'],
  cancel: ['cancel', ' --reason …'],
};

function terminalCommands({ row }: KickoffDetails, status: KickoffStatus | undefined): string[] {
  const possible = (status?.commands ?? []).flatMap(({ name }) => (AS_COMMAND[name] ? [AS_COMMAND[name]] : []));
  return [commandLine('status', row), ...possible.map(([command, more]) => `${commandLine(command, row)}${more}`)];
}
