import { addressOptOut, findRecovery } from '../../database/index.ts';
import { setOptedOutEverywhere } from '../../registry/index.ts';
import type { Action } from '../action/action.ts';
import type { ConsoleContext } from '../context.ts';
import { leadRecord, leadTitle } from '../ledger/lead-record.ts';
import { leadPath } from '../page/link.ts';
import { OPT_IN, OPT_OUT } from './names.ts';

const SOURCE = 'console';

/** Nobody writes to a lead's address again, whoever it belongs to; or it may be written to again. */
export function optOutActions({ database: { db } }: ConsoleContext): Action[] {
  const prepared = async (on: string, wanted: 'out' | 'in') => {
    const row = on.includes('\0') ? undefined : await findRecovery(db, on);
    if (row === undefined) return undefined;
    const why = await addressOptOut(db, row.email);
    const impossible =
      wanted === 'out'
        ? why !== undefined && `${row.email} has opted out already: ${why}.`
        : why === undefined && `${row.email} has not opted out.`;
    return {
      title: leadTitle(row, leadRecord(row)),
      about:
        wanted === 'out'
          ? `Nobody writes to ${row.email} again: neither about this form nor about a kickoff. A request that runs is not ended by it: cancel the recovery.`
          : `${row.email} may be written to again.`,
      back: leadPath(on),
      ...(impossible !== false && { impossible }),
    };
  };
  const set = async (on: string, optedOut: boolean, by: string, reason: string) => {
    const row = await findRecovery(db, on);
    if (row === undefined) return 'There is no such lead.';
    const change = { email: row.email, optedOut, ...(optedOut && { reason }) };
    const isNews = await setOptedOutEverywhere(db, change, { by, source: SOURCE });
    if (optedOut) return isNews ? `${row.email} is not written to again.` : `${row.email} had opted out already.`;
    return isNews ? `${row.email} may be written to again.` : `${row.email} was not opted out.`;
  };
  return [
    {
      ...OPT_OUT,
      reason: 'required',
      prepare: async (on) => await prepared(on, 'out'),
      perform: async (on, _posted, { by, reason }) => await set(on, true, by.name, reason),
    },
    {
      ...OPT_IN,
      reason: 'required',
      prepare: async (on) => await prepared(on, 'in'),
      perform: async (on, _posted, { by, reason }) => await set(on, false, by.name, reason),
    },
  ];
}
