import { kickoffTitle } from '../ledger/kickoff-record.ts';
import { addressOf } from '../page/address.ts';
import { html, type Markup } from '../page/html.ts';
import { page } from '../page/layout.ts';
import { isolated } from '../page/link.ts';
import type { Visit } from '../visit.ts';
import { factsPart } from './facts.ts';
import { meetingPart } from './meeting.ts';
import { nowPart } from './now.ts';
import { peoplePart } from './people.ts';
import type { KickoffDetails } from './read.ts';
import { stepViews } from './step-views.ts';
import { stepsPart } from './steps.ts';
import { storyOf } from './story.ts';
import { storyPart } from './story-view.ts';
import { timelineOf } from './timeline.ts';
import { timelinePart } from './timeline-view.ts';
import { whyPart } from './why.ts';

/** The page is long, and its timeline, which many come for, is the last of it. */
const ON_THIS_PAGE = html`<nav class="on-page" aria-label="On this page">
<ul>
<li><a href="#people">Participants</a></li>
<li><a href="#why">Why these people</a></li>
<li><a href="#meeting">Meeting request</a></li>
<li><a href="#steps">Steps</a></li>
<li><a href="#timeline">Timeline</a></li>
</ul>
</nav>
`;

/** All about one kickoff: what it waits for first, then its story, its people, and everything that happened. */
export function kickoffPage(visit: Visit, details: KickoffDetails): Markup {
  const { row, record, status } = details;
  const title = kickoffTitle(row, record);
  const steps = stepViews(details.steps, row.revision, status);
  const older = details.hasOlderEvents ? addressOf('/inbox', { q: row.workflow_id }) : undefined;
  return page(
    visit,
    { title, live: `kickoff:${row.workflow_id}` },
    html`<p class="crumbs"><a href="/kickoffs">Kickoffs</a></p>
<h1>${isolated(title)}</h1>
${nowPart(visit, details, steps)}${storyPart(visit, storyOf(details, steps))}${ON_THIS_PAGE}${factsPart(visit, details)}${peoplePart(visit, details)}${whyPart(visit, details)}${meetingPart(visit, details)}${stepsPart(visit, row.workflow_id, steps)}${timelinePart(visit, timelineOf(visit, details, steps), older)}`,
  );
}
