import type { OrganizedMeeting } from '../contract.ts';

/** So many are named; of more the rest is counted. */
const NAMED = 30;

/** What the manager reads. */
export function noticeText(notice: {
  email: string;
  meetings: readonly OrganizedMeeting[];
  link: string | undefined;
}): string {
  const { email, meetings, link } = notice;
  const rest = meetings.length - NAMED;
  return [
    `${email} organizes ${meetings.length} ${meetings.length === 1 ? 'meeting' : 'meetings'} that somebody else has to organize:`,
    ...meetings.slice(0, NAMED).map(({ account, phase }) => `- ${account} (${phase})`),
    ...(rest > 0 ? [`- … and ${rest} more`] : []),
    'Hand all of them over with one command:',
    `kickoff hand-over ${email} --to <colleague’s e-mail>`,
    ...(link === undefined ? [] : [link]),
  ].join('\n');
}
