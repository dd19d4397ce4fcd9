import { nearestName } from './nearest-name.ts';

/** activities/steps/template.ts fills placeholders as they are read here. */
const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_.-]{1,100})\s*\}\}/g;
const BRACES = /\{\{[^{}]{0,200}\}\}/g;

/** What a text may name: by name, what is below; `true` where that is a text or a number, `'any'` where names are yours. */
interface Names {
  [name: string]: true | 'any' | Names;
}

const PERSON: Names = { email: true, name: true, timezone: true };
const INVITED: Names = { ...PERSON, side: true, roles: true, attendance: true, from: true };

/** Of every meeting. */
const MEETING: Names = {
  vendor: true,
  organizer: { ...PERSON, from: true },
  participants: INVITED,
  participantNames: true,
  sides: { customer: INVITED, vendor: INVITED, partner: INVITED },
  roles: 'any',
  meeting: {
    key: true,
    requestId: true,
    status: true,
    followUps: true,
    bookedAt: true,
    calendarEventId: true,
    timeframe: { start: true, end: true },
  },
  needs: true,
  reason: true,
  steps: 'any',
  manager: true,
  left: true,
  links: { kickoff: true },
};

const DEAL: Names = {
  id: true,
  crm: true,
  name: true,
  account: { id: true, name: true },
  isWon: true,
  stage: true,
  pipeline: true,
  amount: true,
  currency: true,
  closedAt: true,
  owner: PERSON,
  url: true,
  contacts: { ...PERSON, id: true, labels: true, isPrimary: true, optedOut: true },
  mergedIds: true,
};

const LEAD: Names = {
  id: true,
  crm: true,
  ...PERSON,
  company: true,
  jobTitle: true,
  owner: PERSON,
  optedOut: true,
  url: true,
};

const FORM: Names = { name: true, submittedAt: true, submittedOn: true, page: true, answers: true, answer: 'any' };

/** What the texts of a pipeline may name. `texts` are those for SkipUp, made before anything has been done. */
export const TEMPLATE_NAMES = {
  kickoff: {
    steps: {
      ...MEETING,
      deal: DEAL,
      escalation: { level: true, to: true, followUps: true, since: true },
    },
    texts: { vendor: true, deal: DEAL, organizer: { ...PERSON, from: true }, participants: INVITED },
  },
  recovery: {
    steps: { ...MEETING, lead: LEAD, form: FORM },
    texts: { vendor: true, lead: LEAD, form: FORM, organizer: { ...PERSON, from: true }, participants: INVITED },
  },
} as const satisfies Record<string, Record<string, Names>>;

/** The paths that a text names in `{{…}}`. */
export function pathsIn(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, path]) => path ?? '');
}

/** In words: what is wrong with a text's placeholders, whatever steps there are. */
export function faultsOfTemplate(template: string, names: Names): string[] {
  const malformed = [...template.matchAll(BRACES)]
    .map(([found]) => found)
    .filter((found) => pathsIn(found).length === 0)
    .map((found) => `${found} is no placeholder; write {{deal.account.name}}, say`);
  return [...malformed, ...pathsIn(template).flatMap((path) => faultOfPath(path, names))];
}

function faultOfPath(path: string, names: Names): string[] {
  let known: Names = names;
  const above: string[] = [];
  for (const part of path.split('.')) {
    // The place in a list.
    if (above.length > 0 && /^\d{1,3}$/.test(part)) continue;
    const below = Object.hasOwn(known, part) ? known[part] : undefined;
    if (below === undefined) return [unknown(path, part, above, known)];
    if (below === 'any') return [];
    above.push(part);
    known = below === true ? {} : below;
  }
  return [];
}

function unknown(path: string, part: string, above: readonly string[], known: Names): string {
  const names = Object.keys(known);
  const where = above.length === 0 ? 'texts' : above.join('.');
  if (names.length === 0) return `{{${path}}}: there is nothing below ${where}`;
  const nearest = nearestName(part, names);
  const hint = nearest === undefined ? `; there is ${names.join(', ')}` : `; did you mean ${nearest}?`;
  return above.length === 0
    ? `{{${path}}}: these texts know no ${part}${hint}`
    : `{{${path}}}: ${where} has no ${part}${hint}`;
}
