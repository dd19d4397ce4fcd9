import type { Stakeholder } from './model.ts';

/** What rows call the kickoff without a name. */
const MAIN_WORKSTREAM = 'main';

/** As the configuration, deal events and dispatches have it. */
export const WORKSTREAM_PATTERN = /^[a-z0-9][a-z0-9_-]{0,40}$/;

/** Whether a row counts for a deal's main kickoff, or for that of a workstream. */
export function isForWorkstream({ workstreams = [] }: Stakeholder, workstream = ''): boolean {
  return workstreams.length === 0 || workstreams.includes(workstream === '' ? MAIN_WORKSTREAM : workstream);
}

/** "workstreams data and main", "workstream data" */
export function workstreamsInWords(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length <= 1 ? `workstream ${last}` : `workstreams ${names.slice(0, -1).join(', ')} and ${last}`;
}
