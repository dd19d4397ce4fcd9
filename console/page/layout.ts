import { type Content, html, type Markup } from './html.ts';

export const STYLESHEET_PATH = '/console/style.css';

const PLACES = [
  { path: '/', label: 'Kickoffs' },
  { path: '/inbox', label: 'Inbox' },
] as const;

export interface PageOptions {
  title: string;
  /** The place in the navigation that is shown as the current one. */
  place?: (typeof PLACES)[number]['path'];
  /** Where workflows are shown; adds a link. */
  temporalUi?: string | undefined;
}

/** A whole page; `body` begins with the only `h1`. */
export function page({ title, place, temporalUi }: PageOptions, body: Content): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Kickoff</title>
<link rel="stylesheet" href="${STYLESHEET_PATH}">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<nav aria-label="Main">
<ul>
${PLACES.map(({ path, label }) => html`<li><a href="${path}"${path === place && html` aria-current="page"`}>${label}</a></li>\n`)}${temporalUi !== undefined && html`<li><a href="${temporalUi}" rel="noreferrer">Temporal UI</a></li>\n`}</ul>
</nav>
</header>
<main id="content">
${body}
</main>
</body>
</html>
`;
}

/** A page that only says something: what is not there, what cannot be meant, what went wrong. */
export function messagePage(title: string, sentence: string): Markup {
  return page({ title }, html`<h1>${title}</h1>\n<p>${sentence}</p>\n<p><a href="/">All kickoffs</a></p>`);
}
