import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { httpStatusOf } from './http/error-status.ts';
import { notesOf } from './http/notes.ts';
import { headerOf, jsonOf, NotJson } from './http/read.ts';
import { sandboxedOf, UnknownNamespace } from './http/sandboxed-of.ts';
import type { SlackMessage } from './state/schema.ts';
import type { Workspace } from './workspace.ts';

const MESSAGES_KEPT = 1000;

/** The webhook's path, below `/slack`; any other workspace, app or token will do as well. */
export const SLACK_PATH = '/services/T00000000/B00000000/sandboxsandboxsandbox';

const messageSchema = z.looseObject({
  text: z.string().optional(),
  blocks: z.array(z.looseObject({})).optional(),
  attachments: z.array(z.looseObject({})).optional(),
});

/** An incoming webhook as Slack has it: a message in, `ok` out, errors as bare words. */
export async function slackWebhook(app: FastifyInstance): Promise<void> {
  app.setErrorHandler(async (error: unknown, request, reply) => {
    if (error instanceof UnknownNamespace) return reply.code(404).type('text/plain').send('no_service');
    const status = error instanceof NotJson ? 400 : (httpStatusOf(error) ?? 500);
    const { log } = sandboxedOf(request).workspace;
    if (status === 500) log.error({ err: error }, 'the sandbox failed to take a Slack message');
    return reply
      .code(status)
      .type('text/plain')
      .send(status === 500 ? 'internal_error' : 'invalid_payload');
  });
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).type('text/plain').send('no_service'));

  app.post('/services/:workspace/:app/:token', async (request, reply) => {
    reply.type('text/plain');
    const parsed = messageSchema.safeParse(payloadOf(request));
    if (!parsed.success) return reply.code(400).send('invalid_payload');
    const { text = '', blocks = [], attachments = [] } = parsed.data;
    if (text === '' && blocks.length === 0 && attachments.length === 0) return reply.code(400).send('no_text');
    const { workspace } = sandboxedOf(request);
    keepSlackMessage(workspace, { path: request.url, text, payload: parsed.data });
    return reply.send('ok');
  });
}

/** Keeps a message, however it came, and says that it did. */
export function keepSlackMessage(workspace: Workspace, message: Omit<SlackMessage, 'seq' | 'at'>): void {
  const { slack } = workspace.state;
  const at = workspace.isoNow();
  slack.push({ seq: workspace.count('slack'), at, ...message });
  if (slack.length > MESSAGES_KEPT) slack.shift();
  workspace.emit({ type: 'slack', at, path: message.path, text: message.text });
}

/** Slack takes JSON, and a form whose field `payload` is JSON. @throws NotJson */
function payloadOf(request: Parameters<typeof jsonOf>[0]): unknown {
  const type = headerOf(request, 'content-type') ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) return jsonOf(request);
  const text = typeof request.body === 'string' ? new URLSearchParams(request.body).get('payload') : null;
  try {
    const parsed: unknown = JSON.parse(text ?? '');
    notesOf(request).body = parsed;
    return parsed;
  } catch (cause) {
    throw new NotJson('The payload is not valid JSON.', { cause });
  }
}
