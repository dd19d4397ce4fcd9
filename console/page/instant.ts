import { html, type Markup } from './html.ts';
import { UTC_FORMATTER, zoneAbbreviation, zoneFormatter } from './zone.ts';

/**
 * An instant, with its zone said in short; the foot of each page has its whole name. A day (`2026-02-10`) is in no zone and stays as it is.
 *
 * @param zone IANA, mostly `visit.zone`, in which its viewer reads; UTC when unknown
 */
export function instant(at: Date | string, zone: string): Markup {
  if (typeof at === 'string' && /^\d{4}-\d\d-\d\d$/.test(at)) return html`<time datetime="${at}">${at}</time>`;
  const date = new Date(at);
  // What cannot be read as an instant is shown as it is.
  if (Number.isNaN(date.getTime())) return html`${String(at)}`;
  const local = zoneFormatter(zone);
  const text =
    local === undefined ? `${UTC_FORMATTER.format(date)} UTC` : `${local.format(date)} ${zoneAbbreviation(date, zone)}`;
  return html`<time datetime="${date.toISOString()}">${text}</time>`;
}
