import type { Visit } from '../visit.ts';
import { type Content, html, type Markup } from './html.ts';
import { isolated } from './link.ts';

export const STYLESHEET_PATH = '/console/style.css';
export const SCRIPT_PATH = '/console/console.js';

const PLACES = [
  { path: '/', label: 'Overview' },
  { path: '/kickoffs', label: 'Kickoffs' },
  { path: '/leads', label: 'Leads', isShown: (visit: Visit) => visit.hasLeads },
  { path: '/registry', label: 'Registry' },
  { path: '/inbox', label: 'Inbox' },
  { path: '/backfills', label: 'Backfills' },
  { path: '/audit', label: 'Audit log' },
  { path: '/sandbox', label: 'Sandbox', isShown: (visit: Visit) => visit.hasSandbox },
] as const;

export interface PageOptions {
  title: string;
  /** The place in the navigation that is shown as the current one. */
  place?: (typeof PLACES)[number]['path'] | '/start';
  /** What the page follows while it is open, see `live/`; undefined: it stays as it is. */
  live?: string | undefined;
}

/** A whole page for somebody who is signed in; `body` begins with the only `h1`. */
export function page(visit: Visit, { title, place, live }: PageOptions, body: Content): Markup {
  return document(
    title,
    html`<header>
<a class="brand" href="/">Kickoff</a>
${places(visit, place)}
${menu(visit)}
</header>
<main id="content"${live !== undefined && html` data-live="${live}"`}>
${answerBanner(visit)}${visit.may === 'only look: read-only' && html`<p class="notice still">The console is switched to read-only: nothing can be changed here.</p>`}
${body}
</main>
<footer>
<p class="quiet" id="zone-said" data-part>Times are in ${visit.zone}. <a href="/zone">Another zone</a></p>
<p class="quiet" id="live-state" role="status"></p>
</footer>`,
  );
}

function places(visit: Visit, place: PageOptions['place']): Markup {
  const current = (path: string) => path === place && html` aria-current="page"`;
  const shown = PLACES.filter((each) => !('isShown' in each) || each.isShown(visit));
  return html`<nav aria-label="Main">
<ul>
${shown.map(({ path, label }) => html`<li><a href="${path}"${current(path)}>${label}</a></li>\n`)}${visit.may === 'act' && html`<li><a href="/start"${current('/start')}>Start one</a></li>\n`}${visit.temporalUi !== undefined && html`<li><a href="${visit.temporalUi}" rel="noreferrer">Temporal UI</a></li>\n`}</ul>
</nav>`;
}

/** Who looks, and the way out. */
function menu({ viewer, csrfToken }: Visit): Markup {
  return html`<details class="menu">
<summary>${isolated(viewer.name)}</summary>
<div>
<p>Signed in as ${isolated(viewer.name)}, ${viewer.role}.</p>
<form method="post" action="/sign-out">
<input type="hidden" name="csrf" value="${csrfToken}">
<button type="submit">Sign out</button>
</form>
</div>
</details>`;
}

/** A page for somebody who is not signed in. */
export function barePage(title: string, body: Content): Markup {
  return document(title, html`<main id="content" class="narrow">\n${body}\n</main>`);
}

/** A page that only says something: what is not there, what cannot be meant, what went wrong. */
export function messagePage(visit: Visit | undefined, title: string, sentence: string): Markup {
  const body = html`<h1>${title}</h1>\n<p>${sentence}</p>\n<p><a href="/">To the overview</a></p>`;
  return visit === undefined ? barePage(title, body) : page(visit, { title }, body);
}

function document(title: string, body: Content): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Kickoff</title>
<link rel="stylesheet" href="${STYLESHEET_PATH}">
<script type="module" src="${SCRIPT_PATH}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${body}
</body>
</html>
`;
}

const TONES = { done: 'good', refused: 'alert', failed: 'alert' } as const;

/** What became of the action that led here. */
function answerBanner({ answer }: Visit): Markup | undefined {
  if (answer === undefined) return undefined;
  const tone = answer.outcome === undefined ? 'busy' : TONES[answer.outcome];
  return html`<p class="answer ${tone}" role="status" tabindex="-1">${answer.sentence}</p>\n`;
}
