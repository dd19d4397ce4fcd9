import { takeForms } from '../action/pages.ts';
import { textIn, textsOf } from '../action/posted.ts';
import type { AddPages } from '../context.ts';
import { send } from '../send.ts';
import { HAND_OVERS_PATH, isAddress } from './actions.ts';
import { lookAtOrganizer, runningHandOvers } from './read.ts';
import { handOversPage } from './view.ts';

/** `/hand-overs`. A look is posted because an address is personal data and has no business in an address; it does nothing. */
export const addHandOvers: AddPages = (app, { client }) => {
  app.register(async (forms) => {
    await takeForms(forms);
    forms.get(HAND_OVERS_PATH, async (request, reply) =>
      send(reply, handOversPage(request.visit, { running: await runningHandOvers(client) })),
    );
    forms.post(HAND_OVERS_PATH, async (request, reply) => {
      const email = textIn(textsOf(request.body), 'email').toLowerCase();
      const isRight = isAddress(email);
      const [running, found] = await Promise.all([
        runningHandOvers(client),
        isRight ? lookAtOrganizer(client, email) : undefined,
      ]);
      const faults = isRight ? {} : { email: email === '' ? 'Say whom.' : `“${email}” is no e-mail address.` };
      return send(
        isRight ? reply : reply.code(422),
        handOversPage(request.visit, { running, look: { email, found, faults } }),
      );
    });
  });
};
