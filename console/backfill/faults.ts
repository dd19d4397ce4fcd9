import type { Faults } from '../action/action.ts';

/** The workflow's fields, and those of the form. */
const PLACES: Record<string, string> = {
  of: 'of',
  crm: 'crm',
  closedAfter: 'from',
  submittedAfter: 'from',
  closedBefore: 'to',
  submittedBefore: 'to',
  pipelines: 'pipelines',
  limit: 'limit',
  dryRun: 'dry_run',
  perMinute: 'rate',
};

/**
 * The faults in the sentence with which a backfill refuses its input, each beside its field of the form.
 *
 * @param sentence `The input is not right. crm: …; limit: …. A right one: {…}`
 */
export function backfillFaults(sentence: string): Faults {
  const [list = ''] = sentence.replace(/^The input is not right\. /, '').split(/\.? A right one: /);
  const faults: Record<string, string> = {};
  for (const problem of list.split('; ')) {
    const [, field = '', message] = /^(\w+)(?:\.\d+)?: (.*)$/s.exec(problem) ?? [];
    const place = PLACES[field] ?? '';
    const words = message === undefined || place === '' ? problem : capitalised(message);
    faults[place] = faults[place] === undefined ? words : `${faults[place]} ${words}`;
  }
  return faults;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
