import type { DispatchInput } from '../../workflows/messages.ts';
import type { Faults, Posted } from '../action/action.ts';
import { textIn } from '../action/posted.ts';
import { dealOfForm } from './deal-form.ts';

/** Which kickoff somebody asks for, and what is wrong with it already. */
export interface Asked {
  /** Which of the page's forms it came from. */
  by: 'id' | 'form' | 'json';
  input: DispatchInput;
  faults: Faults;
  /** See `DealForm`. */
  rows: readonly number[];
}

/** Of pasted JSON, in characters: fifty people with their addresses need a tenth of it. */
export const LONGEST_JSON = 60_000;
/** As the workflow takes it. */
const LONGEST_ID = 128;

/** What the page was asked for; undefined when it was only opened. */
export function askedOf(posted: Posted): Asked | undefined {
  const workstream = textIn(posted, 'workstream');
  const named = workstream === '' ? {} : { workstream };
  if (typeof posted.json === 'string') return { ...jsonOf(posted.json, named), by: 'json', rows: [] };
  if (posted.id !== undefined) {
    const { deal, faults, rows } = dealOfForm(posted);
    return { by: 'form', input: { deal, ...named }, faults, rows };
  }
  if (posted.deal === undefined) return undefined;
  const dealId = textIn(posted, 'deal');
  const crm = textIn(posted, 'crm');
  const faults: Faults =
    dealId === '' || dealId.length > LONGEST_ID ? { deal: `A deal’s id has 1 to ${LONGEST_ID} characters.` } : {};
  return { by: 'id', input: { dealId, ...(crm === '' ? {} : { crm }), ...named }, faults, rows: [] };
}

/** A deal, or the input that the Temporal UI takes, `{"deal": {…}}`. */
function jsonOf(text: string, named: { workstream?: string }): Pick<Asked, 'input' | 'faults'> {
  const wrong = (json: string) => ({ input: {}, faults: { json } });
  if (text.trim() === '') return wrong('Paste a deal, {"id": …}, or {"deal": {"id": …}}.');
  if (text.length > LONGEST_JSON) return wrong(`It has ${text.length} characters; at most ${LONGEST_JSON} are taken.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return wrong(`This is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return wrong('This is no object: a deal begins with {.');
  }
  if ('dealId' in value && typeof value.dealId !== 'string') return wrong('dealId: must be a text, in quotes.');
  // Whoever pastes says neither whether nor in whose name it is done: that is the page's and the sign-in's.
  const {
    dryRun: _dryRun,
    requestedBy: _requestedBy,
    ...input
  }: DispatchInput = isInput(value) ? value : { deal: value };
  return { input: { ...input, ...named }, faults: {} };
}

/** As far as it matters here: the workflow checks it. */
function isInput(value: object): value is DispatchInput {
  return 'deal' in value || 'dealId' in value;
}
