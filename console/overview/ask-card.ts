import type { KickoffRow, StepRow } from '../../database/index.ts';
import { actionButton } from '../action/button.ts';
import { KICKOFF_ACTIONS, type KickoffCommand } from '../kickoff/commands/names.ts';
import { prose } from '../kickoff/prose.ts';
import { kickoffRecord, kickoffTitle } from '../ledger/kickoff-record.ts';
import { leadRecord } from '../ledger/lead-record.ts';
import { addressOf } from '../page/address.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { isolated, kickoffPath, leadPath } from '../page/link.ts';
import type { Visit } from '../visit.ts';
import { inboxChip, SOURCE_WORDS } from '../words/inbox.ts';
import { since as lastingSince } from '../words/lasting.ts';
import { phaseChip } from '../words/phase.ts';
import { recoveryChip } from '../words/recovery.ts';
import { stepKind, stepList } from '../words/steps.ts';
import type { Ask } from './asks.ts';

/** One thing that waits for a person: what it is, since when, what it needs, and what settles it. */
export function askCard(visit: Visit, ask: Ask, now: Date): Markup {
  switch (ask.kind) {
    case 'kickoff': {
      const { row, needs, failed } = ask;
      const record = kickoffRecord(row);
      return card(visit, ask, now, {
        title: html`<a href="${kickoffPath(row.workflow_id)}">${isolated(kickoffTitle(row, record))}</a>`,
        chip: phaseChip(row.phase),
        needs: [
          ...needs.map((need) => prose(need, visit.zone)),
          ...failed.map((step) => stepNeed(visit, step, 'kickoff')),
        ],
        buttons: kickoffButtons(visit, row, needs),
      });
    }
    case 'lead': {
      const { row, needs, failed } = ask;
      const { lead } = leadRecord(row);
      const name = isolated(lead.name ?? lead.email ?? row.lead_id);
      return card(visit, ask, now, {
        title: html`<a href="${leadPath(row.workflow_id)}">Lead ${name}${lead.company !== undefined && html`, ${isolated(lead.company)}`}</a>`,
        chip: recoveryChip(row.phase),
        needs: [
          ...needs.map((need) => prose(need, visit.zone)),
          ...failed.map((step) => stepNeed(visit, step, 'lead')),
        ],
        buttons: [
          row.phase === 'needs_attention' &&
            actionButton(visit, { name: 'lead.proceed', label: 'Go on' }, row.workflow_id),
        ],
      });
    }
    case 'event': {
      const { row } = ask;
      return card(visit, ask, now, {
        title: html`<a href="/inbox/${row.id}">${SOURCE_WORDS[row.source]}: ${row.event_type}</a>`,
        chip: inboxChip(row.status),
        needs: [html`It could not be delivered: ${row.reason ?? 'no reason was recorded'}`],
        buttons: [actionButton(visit, { name: 'inbox.replay', label: 'Replay' }, String(row.id))],
      });
    }
  }
}

interface Card {
  title: Content;
  chip: Markup;
  needs: readonly Content[];
  buttons: readonly Content[];
}

function card(visit: Visit, { since }: Ask, now: Date, { title, chip, needs, buttons }: Card): Markup {
  const shown = buttons.filter((button) => button !== undefined && button !== false);
  return html`<li>
<h3>${title}</h3>
<p>${chip} <span class="quiet">for ${lastingSince(since, now)}, since ${instant(since, visit.zone)}</span></p>
${needs.length > 0 && html`<ul>\n${needs.map((need) => html`<li>${need}</li>\n`)}</ul>`}
${shown.length > 0 && html`<p class="actions">${shown.map((button) => html`${button} `)}</p>`}
</li>
`;
}

/** A failed step, with the two ways to settle it. */
function stepNeed(visit: Visit, step: StepRow, of: 'kickoff' | 'lead'): Markup {
  const { workflow_id: on, step_id: id } = step;
  const button = (command: 'retryStep' | 'skipStep') =>
    actionButton(visit, { ...KICKOFF_ACTIONS[command], name: `${of}.${command}` }, on, { id });
  const what = `${stepKind(step.kind)}, ${stepList(step.list)}`;
  return html`Step <code>${id}</code> (${what}) failed: ${step.error ?? 'no reason was recorded'} ${visit.may === 'act' && html`<span class="actions">${button('retryStep')} ${button('skipStep')}</span>`}`;
}

/** Gaps that are the registry's to fill, and those that another organizer fills. */
const ORGANIZER_GAPS = new Set(['no_organizer', 'organizer_not_member', 'organizer_unchecked']);

/** What settles it: what its needs name, what its gaps are about, and to go on, which is always possible where it waits. */
function kickoffButtons(visit: Visit, row: KickoffRow, needs: readonly string[]): Content[] {
  const { gaps } = kickoffRecord(row);
  const blocking = gaps.filter(({ severity }) => severity === 'block').map(({ code = '' }) => code);
  const isWaiting = row.phase === 'needs_attention';
  const isNamed = (command: KickoffCommand) => needs.some((need) => need.includes(`\`${command}`));
  const organizerIsMissing = isWaiting && blocking.some((code) => ORGANIZER_GAPS.has(code));
  const registryLacks = isWaiting && blocking.some((code) => !ORGANIZER_GAPS.has(code));
  const commands: KickoffCommand[] = [
    ...(organizerIsMissing || isNamed('changeOrganizer') ? (['changeOrganizer'] as const) : []),
    ...(isWaiting || isNamed('proceed') ? (['proceed'] as const) : []),
    ...(isNamed('replaceParticipants') ? (['replaceParticipants'] as const) : []),
    ...(isNamed('cancel') ? (['cancel'] as const) : []),
  ];
  return [
    visit.may === 'act' &&
      registryLacks &&
      html`<a class="button" href="${addressOf('/registry/account', { id: row.account_id })}">The account’s people</a>`,
    ...commands.map((command) => actionButton(visit, KICKOFF_ACTIONS[command], row.workflow_id)),
  ];
}
