import { kickoffTitle } from '../ledger/kickoff-record.ts';
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

/** All about one kickoff: what it waits for first, then its story, its people, and everything that happened. */
export function kickoffPage(visit: Visit, details: KickoffDetails): Markup {
  const { row, record, status } = details;
  const title = kickoffTitle(row, record);
  const steps = stepViews(details.steps, row.revision, status);
  return page(
    visit,
    { title, live: `kickoff:${row.workflow_id}` },
    html`<p class="crumbs"><a href="/kickoffs">Kickoffs</a></p>
<h1>${isolated(title)}</h1>
${nowPart(visit, details, steps)}${storyPart(visit, storyOf(details, steps))}${factsPart(visit, details)}${peoplePart(visit, details)}${whyPart(visit, details)}${meetingPart(visit, details)}${stepsPart(visit, row.workflow_id, steps)}${timelinePart(visit, timelineOf(visit, details, steps), details.hasOlderEvents)}`,
  );
}
