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

/** Where the console shows a lead's recovery. */
export function leadPath(workflowId: string): string {
  return `/leads/${encodeURIComponent(workflowId)}`;
}

/** A workflow where the console shows it, else its id alone. */
export function workflowLink(workflowId: string): Markup {
  const name = isolated(workflowId);
  if (workflowId.startsWith('kickoff:')) return html`<a href="${kickoffPath(workflowId)}">${name}</a>`;
  if (workflowId.startsWith('lead:')) return html`<a href="${leadPath(workflowId)}">${name}</a>`;
  return html`<code>${name}</code>`;
}

/** Where the Temporal UI shows a workflow. */
export function temporalPath(temporalUi: string, workflowId: string): string {
  return `${temporalUi}/workflows/${encodeURIComponent(workflowId)}`;
}

/** A name from outside, kept from turning the text around it (right-to-left marks). */
export function isolated(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

function isWebAddress(address: string): boolean {
  return URL.canParse(address) && ['http:', 'https:'].includes(new URL(address).protocol);
}
