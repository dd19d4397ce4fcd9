import { Readable } from 'node:stream';
import { z } from 'zod';
import { accountsOf, countStakeholders } from '../../registry/index.ts';
import type { AddPages } from '../context.ts';
import { BadAddress } from '../page/address.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';
import { accountPage } from './account-page.ts';
import { accountsPage } from './accounts-page.ts';
import { accountFilter, personFilter, registryFilter } from './address.ts';
import { addCheck } from './check/pages.ts';
import { type ExportFormat, exportFileName, exportInParts } from './export.ts';
import { addImport, today } from './import/pages.ts';
import { personPage } from './person-page.ts';
import { readAccount } from './read-account.ts';
import { readAccounts } from './read-accounts.ts';
import { readPerson } from './read-person.ts';

/** `/registry` and what is below it. */
export const addRegistry: AddPages = (app, context) => {
  const { database, assembly } = context;

  app.get('/registry', async (request, reply) => {
    const filter = registryFilter(request.query);
    const policy = assembly.get('');
    if (policy === undefined) throw new Error('the main kickoff has an assembly policy');
    const list = await readAccounts(database, policy, filter, today(context));
    return send(reply, accountsPage(request.visit, list, filter));
  });

  app.get('/registry/account', async (request, reply) => {
    const filter = accountFilter(request.query);
    const details = await readAccount(database, filter);
    if (details === undefined) {
      const sentence = 'Neither the registry nor any kickoff names an account with this id.';
      return send(reply.code(404), messagePage(request.visit, 'No such account', sentence));
    }
    return send(reply, accountPage(request.visit, context, details, filter, today(context)));
  });

  app.get('/registry/person', async (request, reply) => {
    const filter = personFilter(request.query);
    const person = await readPerson(database, filter);
    if (person === undefined) {
      const sentence = 'Neither the registry nor any kickoff names this address.';
      return send(reply.code(404), messagePage(request.visit, 'Nobody with this address', sentence));
    }
    return send(reply, personPage(request.visit, person, filter, today(context)));
  });

  const exportAs = (format: ExportFormat, type: string) =>
    app.get(`/registry/export.${format}`, async (request, reply) => {
      const account = exportedAccount(request.query);
      if (account !== undefined && !(await isKnown(account))) {
        const sentence = 'The registry knows no account with this id.';
        return send(reply.code(404), messagePage(request.visit, 'No such account', sentence));
      }
      return reply
        .type(`${type}; charset=utf-8`)
        .header('content-disposition', `attachment; filename="${exportFileName(format, account)}"`)
        .send(Readable.from(exportInParts(database, format, account)));
    });
  exportAs('csv', 'text/csv');
  exportAs('yaml', 'application/yaml');

  async function isKnown(account: string): Promise<boolean> {
    return (await accountsOf(database.db, [account])).length > 0 || (await countStakeholders(database.db, account)) > 0;
  }

  addImport(app, context);
  addCheck(app, context);
};

const exportSchema = z.object({
  account: z
    .string()
    .max(200)
    .regex(/^[^\0]*$/)
    .optional(),
});

/** @throws {BadAddress} */
function exportedAccount(query: unknown): string | undefined {
  const parsed = exportSchema.safeParse(query);
  if (!parsed.success) throw new BadAddress('Name at most one account to export.');
  return parsed.data.account === '' ? undefined : parsed.data.account;
}
