import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import type { Action } from '../../../console/action/action.ts';
import { addActions } from '../../../console/action/pages.ts';
import type { ConsoleContext } from '../../../console/context.ts';
import type { Visit } from '../../../console/visit.ts';
import type { Database } from '../../../database/index.ts';

/** What a browser is told. */
export interface Told {
  status: number;
  text: string;
  /** Where it is sent to. */
  location: string;
}

export interface Acting {
  get(path: string): Promise<Told>;
  /** Sends a form, as somebody whose session's token is `token`; what is undefined is left out. */
  post(path: string, form: Record<string, string | undefined>, init?: RequestInit): Promise<Told>;
  /** What a form carries that is as it should be. */
  form(on: string, more?: Record<string, string | undefined>): Record<string, string | undefined>;
  visit: Visit;
  /** Ends the server, as a shutdown does. */
  close(): Promise<void>;
}

/** Actions alone, without the sign-in: whoever looks is `visit`. */
export async function openActions(
  database: Database,
  actions: readonly Action[],
  more: Partial<Visit> = {},
): Promise<Acting> {
  const visit: Visit = {
    viewer: { subject: 'account:ada', name: 'Ada', role: 'operator' },
    may: 'act',
    csrfToken: 'token-of-the-session',
    zone: 'Europe/London',
    hasSandbox: false,
    hasLeads: false,
    ...more,
  };
  const app = Fastify();
  app.decorateRequest('visit');
  app.addHook('onRequest', async (request) => {
    request.visit = { ...visit };
  });
  app.get('/', async (request) => request.visit.answer ?? {});
  const unused = <T>() => new Proxy({}, {}) as T;
  const context = { ...unused<ConsoleContext>(), database, logger: pino({ level: 'silent' }), now: () => new Date() };
  addActions(app, context, actions);
  onTestFinished(() => app.close());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const told = async (path: string, init: RequestInit = {}): Promise<Told> => {
    const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init });
    return {
      status: response.status,
      text: await response.text(),
      location: response.headers.get('location') ?? '',
    };
  };
  return {
    visit,
    close: () => app.close(),
    get: (path) => told(path),
    post: (path, form, init) =>
      told(path, {
        method: 'POST',
        body: new URLSearchParams(
          Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined),
        ),
        ...init,
      }),
    form: (on, others) => ({
      csrf: visit.csrfToken,
      attempt: randomUUID(),
      on,
      reason: 'because',
      ...others,
    }),
  };
}
