import { expect, it, onTestFinished } from 'vitest';
import { openPglite } from '../../harness/pglite.ts';
import { openConsole } from './console.ts';

async function brokenDatabase() {
  const database = await openPglite();
  onTestFinished(() => database.close());
  await database.db.schema.dropTable('steps').execute();
  return database;
}

it('answers a page that says so, and logs why, when the database does not answer as it should', async () => {
  const logged: { fields: object; message: string }[] = [];
  const get = await openConsole(await brokenDatabase(), {
    logger: {
      error: (fields, message) => logged.push({ fields, message }),
      warn: () => undefined,
      info: () => undefined,
    },
  });
  const page = await get('/');
  expect(page.status).toBe(500);
  expect(page.text).toContain('<h1>This page could not be made</h1>');
  expect(page.text).not.toContain('relation');
  expect(logged).toEqual([
    {
      fields: { err: expect.objectContaining({ message: expect.stringContaining('steps') }) },
      message: 'a page of the console could not be made',
    },
  ]);
});
