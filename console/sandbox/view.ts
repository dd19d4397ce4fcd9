import { actionForm } from '../action/form.ts';
import { html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, outsideLink, workflowLink } from '../page/link.ts';
import { facts, table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { faultFields, SANDBOX } from './actions.ts';
import type { SandboxControl } from './control.ts';
import type { SandboxClock, SandboxEntry, SandboxFault, SandboxRequest, SandboxState } from './read.ts';
import { ADVANCES, entryWords, faultTarget, REQUEST_EVENTS } from './words.ts';

/** `/sandbox`. @param state undefined: it does not answer */
export function sandboxPage(visit: Visit, { url }: SandboxControl, state: SandboxState | undefined): Markup {
  return page(
    visit,
    { title: 'Sandbox', place: '/sandbox', live: 'sandbox' },
    html`<h1>Sandbox</h1>
<p>SkipUp, a CRM and Slack, for trying things out: the people in it are made up, and no mail leaves this machine. Its API: ${outsideLink(`${url}/docs`, url)}</p>
${start(visit)}
${state === undefined ? html`<p class="notice still" role="status">The sandbox does not answer. Look into the terminal in which <code>kickoff dev</code> runs.</p>` : parts(visit, state)}`,
  );
}

function start(visit: Visit): Markup | undefined {
  if (visit.may !== 'act') return undefined;
  return html`<section aria-labelledby="start-heading">
<h2 id="start-heading">Make something happen</h2>
<div class="actions">
${actionForm(visit, { action: 'sandbox.closeDeal', on: SANDBOX }, html`<button type="submit" class="primary">Close the sample deal</button>`)}
${visit.hasLeads && actionForm(visit, { action: 'sandbox.submitForm', on: SANDBOX }, html`<button type="submit">Have the sample lead fill in a form</button>`)}
</div>
</section>`;
}

function parts(visit: Visit, { clock, requests, entries, faults }: SandboxState): Markup {
  return html`<section data-part id="clock" aria-labelledby="clock-heading">
<h2 id="clock-heading">Clock</h2>
${clockPart(visit, clock)}
</section>
<section data-part id="requests" aria-labelledby="requests-heading">
<h2 id="requests-heading">Meeting requests</h2>
${requests.length === 0 ? html`<p>There is none yet: close the sample deal.</p>` : requestTable(visit, requests)}
</section>
<section data-part id="conversation" aria-labelledby="conversation-heading">
<h2 id="conversation-heading">What happens, newest first</h2>
${conversation(visit, entries)}
</section>
<section data-part id="faults" aria-labelledby="faults-heading">
<h2 id="faults-heading">Faults in force</h2>
${faults.length === 0 ? html`<p>None: everything goes right.</p>` : faultTable(visit, faults)}
</section>
${visit.may === 'act' && newFault(visit)}`;
}

function clockPart(visit: Visit, { now, scale, frozen, waitingTasks, nextTaskAt }: SandboxClock): Markup {
  return html`${facts([
    ['In the sandbox it is', instant(now, visit.zone)],
    ['Speed', frozen ? 'it stands still' : scale === 1 ? 'as everywhere' : `${scale} seconds in one`],
    ['Next thing', nextTaskAt === null ? 'nothing waits' : instant(nextTaskAt, visit.zone)],
    ['Waiting', waitingTasks],
  ])}
${
  visit.may === 'act' &&
  html`<p>Move it on; what falls due on the way is done. Kickoff’s own timers do not move.</p>
${actionForm(
  visit,
  { action: 'sandbox.advance', on: SANDBOX },
  html`<div class="actions">${Object.entries(ADVANCES).map(([value, label]) => html`<button type="submit" name="by" value="${value}">${label}</button>\n`)}${nextTaskAt !== null && html`<button type="submit" name="by" value="next">To the next thing</button>`}</div>`,
)}`
}`;
}

function requestTable(visit: Visit, requests: readonly SandboxRequest[]): Markup {
  const columns = ['Request', 'State', 'Answers', 'Meeting', 'Of', ...(visit.may === 'act' ? ['Let happen'] : [])];
  return table(
    'Meeting requests, newest first',
    columns,
    requests.map((request) => [
      isolated(request.id),
      request.status,
      `${request.participants.filter(({ replied_at: at }) => at != null).length} of ${request.participants.length}`,
      request.slot != null && instant(request.slot.start, visit.zone),
      request.workflowId !== undefined && workflowLink(request.workflowId),
      ...(visit.may === 'act' ? [eventButtons(visit, request)] : []),
    ]),
  );
}

function eventButtons(visit: Visit, { id, status }: SandboxRequest): Markup | undefined {
  const possible = Object.entries(REQUEST_EVENTS).filter(([event]) => POSSIBLE[status]?.includes(event) ?? true);
  if (possible.length === 0) return undefined;
  return actionForm(
    visit,
    { action: 'sandbox.event', on: id },
    html`<div class="actions">${possible.map(([event, label]) => html`<button type="submit" name="event" value="${event}">${label}</button>\n`)}</div>`,
  );
}

/** What the sandbox would refuse anyway is not offered. */
const POSSIBLE: Record<string, readonly string[]> = {
  active: ['booked', 'follow_up_sent', 'paused', 'cancelled'],
  paused: ['booked', 'resumed', 'cancelled'],
  booked: ['cancelled'],
  cancelled: [],
};

function conversation(visit: Visit, entries: readonly SandboxEntry[]): Markup {
  const lines = entries.flatMap((entry) => {
    const words = entryWords(entry);
    return words === undefined ? [] : [{ entry, ...words }];
  });
  if (lines.length === 0) return html`<p>Nothing has happened yet.</p>`;
  return html`<ol class="timeline">
${lines.map(({ entry, who, what }) => html`<li>${instant(entry.at, visit.zone)} <p><strong>${isolated(who)}</strong>: ${isolated(what)}</p></li>\n`)}</ol>`;
}

function faultTable(visit: Visit, faults: readonly SandboxFault[]): Markup {
  return table(
    'Faults, and how often they have struck',
    ['Fault', 'Reach', 'Struck', ...(visit.may === 'act' ? ['Back'] : [])],
    faults.map((fault) => [
      fault.fault.replaceAll('_', ' '),
      reachWords(fault),
      fault.hits === 1 ? 'once' : `${fault.hits} times`,
      ...(visit.may === 'act'
        ? [
            actionForm(
              visit,
              { action: 'sandbox.removeFault', on: fault.id },
              html`<button type="submit">Take back</button>`,
            ),
          ]
        : []),
    ]),
  );
}

function reachWords({ next, probability, hits, path }: SandboxFault): string {
  const whose = path === undefined ? '' : `${faultTarget(path)}: `;
  const often = next === undefined ? 'until it is taken back' : `${Math.max(0, next - hits)} of ${next} times to go`;
  return `${whose}${often}${probability === undefined ? '' : `, in ${Math.round(probability * 100)} of a hundred`}`;
}

function newFault(visit: Visit): Markup {
  return html`<section aria-labelledby="new-fault-heading">
<h2 id="new-fault-heading">Let something go wrong</h2>
${actionForm(visit, { action: 'sandbox.addFault', on: SANDBOX }, html`${faultFields({})}\n<p><button type="submit">Let it go wrong</button></p>`)}
<p class="quiet">More of them, with paths and events: <code>kickoff sandbox faults add</code></p>
</section>`;
}
