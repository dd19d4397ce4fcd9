import { once } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Plain JavaScript in a text: a worker's file would have another name in the build than in the sources. */
const PROGRAM = `
const { workerData } = require('node:worker_threads');
import(workerData.module).then(async ({ PGlite }) => {
  const pglite = await PGlite.create(workerData.folder);
  await pglite.close();
});
`;

/**
 * Makes a new, empty PGlite database in `folder`, in a thread of its own: it takes seconds of computing, during which this
 * one can show progress, and half a gigabyte of memory that goes back with the thread.
 */
export async function createPglite(folder: string): Promise<void> {
  const module = pathToFileURL(createRequire(import.meta.url).resolve('@electric-sql/pglite')).href;
  const worker = new Worker(PROGRAM, { eval: true, workerData: { module, folder }, execArgv: [] });
  // `once` rejects when the worker throws.
  const [code] = await once(worker, 'exit');
  if (code !== 0) throw new Error(`making the database ended with code ${code}`);
}
