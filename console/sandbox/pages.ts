import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';
import { readSandbox } from './read.ts';
import { sandboxPage } from './view.ts';

/** `/sandbox`, in `kickoff dev` alone. */
export const addSandbox: AddPages = (app, { sandbox, database, logger }) => {
  app.get('/sandbox', async (request, reply) => {
    const { visit } = request;
    if (sandbox === undefined) {
      const sentence = 'Only kickoff dev has a sandbox on a page. Another one is steered by kickoff sandbox.';
      return send(reply.code(404), messagePage(visit, 'There is no sandbox here', sentence));
    }
    const state = await readSandbox(sandbox, database).catch((err: unknown) => {
      logger.warn({ err }, 'the sandbox does not answer');
      return undefined;
    });
    return send(reply, sandboxPage(visit, sandbox, state));
  });
};
