import { html, type Markup } from '../page/html.ts';
import { isolated, workflowLink } from '../page/link.ts';

/** What something was done to, where the console shows it. */
export function targetLink(action: string, target: string): Markup | undefined {
  if (target === '') return undefined;
  const [part] = action.split('.', 1);
  switch (part) {
    case 'kickoff':
    case 'lead':
      return workflowLink(target);
    case 'inbox':
      return html`<a href="/inbox">${isolated(target)}</a>`;
    case 'backfill':
      return html`<a href="/backfills">${isolated(target)}</a>`;
    case 'bulk':
      // The bulk action itself names the kickoffs by their filter; what is done about it later names it by its id.
      return target.startsWith('/kickoffs?')
        ? html`<a href="${target}">the kickoffs of a filter</a>`
        : html`<a href="${bulkRunPath(target)}">a bulk action</a>`;
    default:
      return isolated(target);
  }
}

/** Where the console shows how far a bulk action is. */
export function bulkRunPath(bulk: string): string {
  return `/bulk/runs/${encodeURIComponent(bulk)}`;
}
