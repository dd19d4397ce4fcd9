import { html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import type { Visit } from '../visit.ts';
import type { Chapter, ChapterState } from './story.ts';

const STATES: Record<ChapterState, string> = {
  done: 'done',
  now: 'now',
  person: 'needs a person',
  paused: 'paused',
  later: 'not yet',
  stopped: 'ended here',
  never: 'not reached',
};

/** The way of a kickoff, with where it is on it. The state is said in words; the colours only repeat it. */
export function storyPart(visit: Visit, chapters: readonly Chapter[]): Markup {
  return html`<section data-part id="story" aria-label="How far it has come">
<ol class="story">
${chapters.map((chapter) => chapterItem(visit, chapter))}</ol>
</section>
`;
}

function chapterItem(visit: Visit, { label, state, words }: Chapter): Markup {
  const isHere = state === 'now' || state === 'person' || state === 'paused' || state === 'stopped';
  return html`<li class="${state}"${isHere && html` aria-current="step"`}><strong>${label}</strong> <span class="state">${STATES[state]}</span>${words.length > 0 && html` <span class="quiet">${words.map((word) => (word instanceof Date ? instant(word, visit.zone) : word))}</span>`}</li>
`;
}
