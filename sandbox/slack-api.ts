import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { httpStatusOf } from './http/error-status.ts';
import { notesOf } from './http/notes.ts';
import { headerOf, jsonOf, NotJson, paramOf } from './http/read.ts';
import { bearerOf, sandboxedOf, UnknownNamespace } from './http/sandboxed-of.ts';
import { keepSlackMessage } from './slack.ts';
import { type PostedMessage, postedMessageSchema } from './state/schema.ts';
import type { Workspace } from './workspace.ts';

/** The token that `startSandbox` hands out; any other bot token will do as well. */
export const SLACK_BOT_TOKEN = 'xoxb-sandbox';

/** What Slack takes where a call does not say how many, and at most. */
const PAGE = 100;
const MOST = 999;

/** A form has only texts; a call in JSON may have others, which count as they are written. */
const argumentsSchema = z.record(
  z.string(),
  z.unknown().transform((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
);
type Arguments = Record<string, string | undefined>;
const metadataSchema = z.looseObject({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) });

/** What Slack answers with status 200 and `ok: false`. */
class SlackRefusal extends Error {}

/** As much of Slack's Web API as a bot's messages need, in its words. Source: api.slack.com/methods. */
export async function slackWebApi(app: FastifyInstance): Promise<void> {
  app.setErrorHandler(async (error: unknown, request, reply) => {
    if (error instanceof SlackRefusal) return reply.send({ ok: false, error: error.message });
    if (error instanceof UnknownNamespace) return reply.send({ ok: false, error: 'invalid_auth' });
    if (error instanceof NotJson) return reply.send({ ok: false, error: 'invalid_json' });
    const status = httpStatusOf(error) ?? 500;
    if (status === 500) sandboxedOf(request).workspace.log.error({ err: error }, 'the sandbox failed at a Slack call');
    return reply.code(status).send({ ok: false, error: status === 500 ? 'internal_error' : 'invalid_form_data' });
  });

  for (const method of ['POST', 'GET'] as const) {
    app.route({
      method,
      url: '/:method',
      handler: async (request, reply) => {
        const { token: ofBody, ...given } = argumentsOf(request);
        const token = bearerOf(request) ?? ofBody;
        if (token === undefined) throw new SlackRefusal('not_authed');
        if (!/^xoxb-./.test(token)) throw new SlackRefusal('invalid_auth');
        const name = paramOf(request, 'method');
        const answer = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
        if (answer === undefined) throw new SlackRefusal('unknown_method');
        return reply.send({ ok: true, ...answer(given, sandboxedOf(request).workspace, request.url) });
      },
    });
  }
}

type Method = (given: Arguments, workspace: Workspace, path: string) => object;

const METHODS: Record<string, Method> = {
  'chat.postMessage': (given, workspace, path) => {
    const message: PostedMessage = {
      channel: conversationOf(given.channel),
      // Real time, as that of signatures: who looks for a message compares it with its own clock.
      ts: `${Math.floor(workspace.real() / 1000)}.${String(workspace.count('slack_ts') % 1_000_000).padStart(6, '0')}`,
      ...(given.thread_ts === undefined ? {} : { thread_ts: given.thread_ts }),
      ...metadataOf(given),
    };
    const text = textOf(given);
    keepSlackMessage(workspace, { path, text, payload: given, posted: message });
    return { channel: message.channel, ts: message.ts, message: shown(message, text) };
  },
  'chat.update': (given, workspace, path) => {
    const { ts, channel } = given;
    const found = workspace.state.slack.find(({ posted }) => posted?.channel === channel && posted?.ts === ts);
    if (found?.posted === undefined) throw new SlackRefusal('message_not_found');
    found.text = textOf(given);
    Object.assign(found.posted, metadataOf(given));
    workspace.emit({ type: 'slack', at: workspace.isoNow(), path, text: found.text });
    return { channel, ts, text: found.text };
  },
  'chat.getPermalink': ({ channel, message_ts: ts }, workspace) => {
    if (!postedIn(workspace, channel).some(({ posted }) => posted.ts === ts))
      throw new SlackRefusal('message_not_found');
    return { channel, permalink: `https://sandbox.slack.com/archives/${channel}/p${ts?.replace('.', '')}` };
  },
  'conversations.open': ({ users }) => ({ channel: { id: conversationOf(users) } }),
  'conversations.history': (given, workspace) =>
    pageOf(
      given,
      postedIn(workspace, conversationOf(given.channel)).filter(({ posted }) => posted.thread_ts === undefined),
    ),
  'conversations.replies': (given, workspace) => {
    const all = postedIn(workspace, conversationOf(given.channel));
    const thread = all.filter(({ posted: { ts, thread_ts } }) => ts === given.ts || thread_ts === given.ts);
    if (thread.length === 0) throw new SlackRefusal('thread_not_found');
    // Unlike a channel's history, a thread is told from its beginning.
    return pageOf(given, thread.reverse());
  },
};

interface Posted {
  text: string;
  posted: PostedMessage;
}

/** The newest first. */
function postedIn({ state }: Workspace, channel: string | undefined): Posted[] {
  return state.slack
    .flatMap(({ text, posted }) => (posted?.channel === channel && posted !== undefined ? [{ text, posted }] : []))
    .reverse();
}

function pageOf({ oldest = '0', limit, cursor, include_all_metadata: all }: Arguments, found: Posted[]): object {
  const from = cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64').toString('utf8').replace('next:', ''));
  if (!Number.isInteger(from)) throw new SlackRefusal('invalid_cursor');
  const size = Math.min(Math.max(Number(limit ?? PAGE) || PAGE, 1), MOST);
  const wanted = found.filter(({ posted }) => Number(posted.ts) > Number(oldest));
  const hasMore = from + size < wanted.length;
  return {
    messages: wanted.slice(from, from + size).map(({ posted, text }) => {
      const { metadata, ...message } = shown(posted, text);
      return all === 'true' && metadata !== undefined ? { ...message, metadata } : message;
    }),
    has_more: hasMore,
    response_metadata: { next_cursor: hasMore ? Buffer.from(`next:${from + size}`).toString('base64') : '' },
  };
}

function shown({ channel: _channel, ...message }: PostedMessage, text: string) {
  return { type: 'message', bot_id: 'B00000000', text, ...message };
}

/** @throws SlackRefusal `no_text` */
function textOf({ text = '', blocks, attachments }: Arguments): string {
  if (text === '' && blocks === undefined && attachments === undefined) throw new SlackRefusal('no_text');
  return text;
}

/** @throws SlackRefusal `invalid_metadata_format` */
function metadataOf({ metadata }: Arguments): Pick<PostedMessage, 'metadata'> {
  if (metadata === undefined) return {};
  try {
    return { metadata: postedMessageSchema.shape.metadata.parse(metadataSchema.parse(JSON.parse(metadata))) };
  } catch {
    throw new SlackRefusal('invalid_metadata_format');
  }
}

/** A conversation's id; a user's messages are in a conversation with an id of its own. @throws SlackRefusal */
function conversationOf(channel: string | undefined): string {
  if (channel === undefined || !/^[CGDUW][A-Z0-9]+$/.test(channel)) throw new SlackRefusal('channel_not_found');
  return channel.replace(/^[UW]/, 'D');
}

/** Slack takes a form, JSON, and a query. @throws NotJson */
function argumentsOf(request: FastifyRequest): Arguments {
  const query = argumentsSchema.parse(request.query ?? {});
  const type = headerOf(request, 'content-type') ?? '';
  const isForm = type.startsWith('application/x-www-form-urlencoded') && typeof request.body === 'string';
  const body = isForm ? Object.fromEntries(new URLSearchParams(String(request.body))) : jsonOf(request);
  const { token, ...rest } = { ...query, ...(argumentsSchema.safeParse(body).data ?? {}) };
  notesOf(request).body = rest;
  return { ...rest, ...(token === undefined ? {} : { token }) };
}
