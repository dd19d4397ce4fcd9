/** What there is in the database for the pages that are about one thing. */
export interface ConsoleThings {
  /** Workflow ids. */
  kickoff: string;
  lead?: string | undefined;
  /** Number of a row of the inbox. */
  event: number;
}

/** Every page of the console that an operator can open, for the tests that look at all of them. */
export function consolePaths({ kickoff, lead, event }: ConsoleThings): string[] {
  const on = encodeURIComponent(kickoff);
  return [
    '/',
    '/kickoffs',
    '/kickoffs?q=nobody-has-this-name',
    `/kickoffs/${on}`,
    '/leads',
    ...(lead === undefined ? [] : [`/leads/${encodeURIComponent(lead)}`]),
    '/registry',
    '/inbox',
    `/inbox/${event}`,
    '/webhooks',
    '/backfills',
    '/audit',
    '/hand-overs',
    '/start',
    '/zone',
    `/actions/kickoff.cancel?on=${on}`,
    '/kickoffs/unknown',
  ];
}

/** Pages for those who are not signed in. */
export const PUBLIC_PATHS = ['/sign-in', '/signed-out'] as const;
