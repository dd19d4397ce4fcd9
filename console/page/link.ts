import { type Content, html, type Markup } from './html.ts';

/**
 * A link to an address that came from outside (a CRM's, a step's). Anything but http and https stays text: a `javascript:`
 * address must never become clickable.
 */
export function outsideLink(address: string, label: Content): Markup {
  return isWebAddress(address) ? html`<a href="${address}" rel="noreferrer">${label}</a>` : html`${label}`;
}

/** Where the console shows a kickoff. */
export function kickoffPath(workflowId: string): string {
  return `/kickoffs/${encodeURIComponent(workflowId)}`;
}

/** A name from outside, kept from turning the text around it (right-to-left marks). */
export function isolated(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

function isWebAddress(address: string): boolean {
  return URL.canParse(address) && ['http:', 'https:'].includes(new URL(address).protocol);
}
