import { memberLookup, membershipGaps } from '../../activities/index.ts';
import type { Config } from '../../config/index.ts';
import type { Crm } from '../../crm/index.ts';
import { type Database, dealsOfAccount } from '../../database/index.ts';
import {
  accountsOf,
  accountsTouched,
  applyCrm,
  assemble,
  compareCrm,
  type Gap,
  isNothing,
  type Organizer,
  optedOutAmong,
  type PersonTrail,
  stakeholdersFor,
  stakeholdersOfAccounts,
} from '../../registry/index.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import { printable } from '../printable.ts';
import { changer, tellKickoffs, withDatabase } from '../registry-change.ts';
import { showDifferences } from '../registry-preview.ts';
import { assemblyPolicyOf, crmsOf, rulesInWords, skipupClientOf } from '../services.ts';

/** Whom a deal would invite, and for each person why they are in or out. */
export async function registryCheck(
  context: CommandContext,
  options: { config?: string; deal: string; crm?: string; workstream?: string },
): Promise<void> {
  await withDatabase(context, options, async (database, config) => {
    const { workstream } = options;
    const known = Object.keys(config.workstreams);
    if (workstream !== undefined && known.length > 0 && !known.includes(workstream)) {
      throw new CliError(`There is no workstream ${workstream}; configured: ${known.join(', ')}.`, {
        exitCode: EXIT.usage,
      });
    }
    const crm = crmOf(config, options.crm);
    const deal = await crm.readDeal(options.deal, context.signal);
    const contacts = deal.contacts ?? (await crm.listStakeholders(deal, context.signal));
    const rows = await stakeholdersFor(database.db, { accountId: deal.account.id, dealId: deal.id });
    const [account] = await accountsOf(database.db, [deal.account.id]);
    const today = new Date().toISOString();
    const people = { deal, rows, contacts, policy: assemblyPolicyOf(config, workstream) };
    const optedOutEmails = await optedOutAmong(database.db, people);
    const assembly = assemble({ ...people, account, workstream, optedOutEmails, today });
    const rules = workstream === undefined ? undefined : rulesInWords(config, workstream);
    const gaps = [...(await organizerGaps(config, database, assembly.organizer)), ...assembly.gaps];
    const of = { deal: deal.id, account: account ?? { id: deal.account.id }, workstream, rules };
    context.output.emit(
      { type: 'assembly', ...of, ...assembly, gaps },
      [
        printable(`${deal.name}: organizer ${assembly.organizer?.email ?? 'nobody'}`),
        ...(rules === undefined ? [] : [rules]),
        ...assembly.why.flatMap(trailLines),
        ...gaps.map((gap) => printable(`${gap.severity === 'block' ? '!' : '?'} ${gap.message}`)),
      ].join('\n'),
    );
  });
}

/** SkipUp is given so long to say whether somebody is a member, in milliseconds. */
const MEMBERSHIP_MS = 10_000;

/** Whether the organizer is a member of the SkipUp workspace, where its key is set; SkipUp need not be there. */
async function organizerGaps(config: Config, database: Database, organizer: Organizer | undefined): Promise<Gap[]> {
  const { apiKey } = config.skipup;
  if (apiKey === undefined || organizer === undefined) return [];
  const client = skipupClientOf({ ...config, skipup: { ...config.skipup, apiKey } });
  try {
    const findMembership = memberLookup({ client, database });
    return membershipGaps(organizer, await findMembership(organizer.email, { withinMs: MEMBERSHIP_MS }));
  } finally {
    await client.close();
  }
}

const MARKS = { organizer: '★', participant: '✔', excluded: '✖', replaced: '✖', not_of_deal: '·' } as const;

function trailLines(trail: PersonTrail): string[] {
  return [
    `${MARKS[trail.outcome]} ${trail.email ?? trail.name ?? 'somebody'} · ${trail.reason}`,
    ...(trail.timezoneFrom === undefined ? [] : [`    time zone: ${trail.timezoneFrom}`]),
    ...trail.entries.map(({ from, part, says }) => `    ${from} ${part}: ${says}`),
  ].map(printable);
}

/** The CRM that is named, or the only one there is. */
function crmOf(config: Config, name: string | undefined): Crm {
  const crms = crmsOf(config);
  const names = Object.values(crms).map((crm) => crm.name);
  // Deals of the generic trigger come whole; there is nothing to read them from.
  const readable = names.filter((one) => one !== 'generic');
  const wanted = name ?? (readable.length === 1 ? readable[0] : undefined);
  const crm = Object.values(crms).find((one) => one.name === wanted);
  if (crm !== undefined) return crm;
  const message =
    readable.length === 0
      ? 'No CRM is configured that deals can be read from.'
      : name === undefined
        ? `Say which CRM the deal is in: --crm ${readable.join(' or --crm ')}.`
        : `No CRM named ${name} is configured; there is ${readable.join(', ')}.`;
  throw new CliError(message, { exitCode: EXIT.usage });
}

/** Takes the labelled contacts of a deal, or of an account's deals, into the registry; shows first what that changes. */
export async function registrySync(
  context: CommandContext,
  options: { config?: string; deal?: string; account?: string; crm?: string; dryRun?: boolean; by?: string },
): Promise<void> {
  const { deal: dealId, account } = options;
  if ((dealId === undefined) === (account === undefined)) {
    throw new CliError('Give either --deal or --account.', { exitCode: EXIT.usage });
  }
  await withDatabase(context, options, async (database, config) => {
    const deals =
      dealId === undefined
        ? await dealsOfAccount(database.db, account ?? '')
        : [{ crm: crmOf(config, options.crm).name, dealId }];
    if (deals.length === 0) throw new CliError(`No deal of account ${account} has had a kickoff: give --deal.`);
    for (const one of deals) await syncDeal(context, options, { database, config, ...one });
  });
}

async function syncDeal(
  context: CommandContext,
  options: { dryRun?: boolean; by?: string },
  { database, config, ...from }: { database: Database; config: Config; crm: string; dealId: string },
): Promise<void> {
  const crm = crmOf(config, from.crm);
  const deal = await crm.readDeal(from.dealId, context.signal);
  const contacts = deal.contacts ?? (await crm.listStakeholders(deal, context.signal));
  const { roleOfLabel } = assemblyPolicyOf(config);
  const sync = { crm: crm.name, deal, contacts, roleOfLabel, today: new Date().toISOString().slice(0, 10) };
  const differences = compareCrm(await stakeholdersOfAccounts(database.db, [deal.account.id]), sync);
  context.output.emit(
    { type: 'deal', deal: deal.id, crm: crm.name, name: deal.name },
    printable(`${deal.name} (${deal.id})`),
  );
  showDifferences(context.output, differences);
  if (options.dryRun === true || isNothing(differences)) return;
  const summary = await applyCrm(database.db, sync, changer(options.by));
  context.output.emit({ type: 'synced', deal: deal.id, ...summary }, 'Taken over.');
  await tellKickoffs(context, config, database, accountsTouched(differences));
}
