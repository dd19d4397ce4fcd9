import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { slackMessageKind } from '../../../activities/steps/slack-message.ts';
import { stepSchema } from '../../../config/policy.ts';
import { contextOf } from '../activities/steps/context-of.ts';
import { type Running, running } from './running.ts';

const bodySchema = z.looseObject({
  ts: z.string().optional(),
  messages: z.array(z.looseObject({ text: z.string() })).optional(),
  response_metadata: z.looseObject({ next_cursor: z.string() }).optional(),
});

async function call(sandbox: Running, method: string, body: object, token: string | undefined = 'xoxb-any') {
  const answer = await fetch(`${sandbox.slackBaseUrl}${method}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: bodySchema.parse(await answer.json()) };
}

describe('Slack’s Web API in the sandbox', () => {
  it('takes slack_message steps: a message, its repetition, and its end', async () => {
    const sandbox = await running();
    const kind = slackMessageKind({ slackBotToken: sandbox.slackBotToken, slackBaseUrl: sandbox.slackBaseUrl });
    const step = stepSchema.parse({ id: 's', kind: 'slack_message', channel: 'C0123', text: 'Booked: {{deal.name}}' });
    if (step.kind !== 'slack_message') throw new Error('another kind');
    const begunAt = new Date();
    const outcome = await kind.run(step, contextOf({ begunAt }));
    expect(outcome.url).toBe(`https://sandbox.slack.com/archives/C0123/p${outcome.ids.ts?.replace('.', '')}`);
    expect(await kind.run(step, contextOf({ begunAt, attempt: 2 }))).toEqual(outcome);
    expect(await kind.undo?.(step, outcome, contextOf({ begunAt, attempt: 2 }))).toMatchObject({ state: 'undone' });
    const { messages } = (await sandbox.control('GET /slack')).body;
    expect(messages).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/^~Booked: .*~\n\*Called off\*/) }),
    ]);
    expect(JSON.stringify(messages)).not.toContain('xoxb-');
    const told = sandbox.events.flatMap((event) => (event.type === 'slack' ? [event.path] : []));
    expect(told).toEqual(['/slack/api/chat.postMessage', '/slack/api/chat.update']);
  });

  it('takes messages to a person and in a thread, which the channel’s history does not show', async () => {
    const sandbox = await running();
    const first = (await call(sandbox, 'chat.postMessage', { channel: 'U0123', text: 'one' })).body;
    expect(first).toMatchObject({ ok: true, channel: 'D0123', ts: expect.stringMatching(/^\d+\.\d{6}$/) });
    await call(sandbox, 'chat.postMessage', { channel: 'D0123', text: 'two', thread_ts: first.ts });
    await call(sandbox, 'chat.postMessage', { channel: 'D0123', text: 'three' });
    const textsOf = async (method: string, more: object) => {
      const { messages } = (await call(sandbox, method, { channel: 'D0123', ...more })).body;
      return messages?.map(({ text }) => text);
    };
    expect(await textsOf('conversations.history', {})).toEqual(['three', 'one']);
    expect(await textsOf('conversations.replies', { ts: first.ts })).toEqual(['one', 'two']);
    const page = (await call(sandbox, 'conversations.history', { channel: 'D0123', limit: 1 })).body;
    expect(page).toMatchObject({ has_more: true });
    expect(await textsOf('conversations.history', { cursor: page.response_metadata?.next_cursor })).toEqual(['one']);
  });

  it('shows metadata only to whoever asks for it', async () => {
    const sandbox = await running();
    const metadata = { event_type: 'kickoff_step', event_payload: { marker: 'm' } };
    await call(sandbox, 'chat.postMessage', { channel: 'C1', text: 'one', metadata });
    const without = await call(sandbox, 'conversations.history', { channel: 'C1' });
    expect(without.body.messages?.[0]).not.toHaveProperty('metadata');
    const all = await call(sandbox, 'conversations.history', { channel: 'C1', include_all_metadata: true });
    expect(all.body.messages?.[0]).toMatchObject({ text: 'one', metadata });
  });

  it.each([
    ['chat.postMessage', { channel: 'C1', text: 'x' }, '', 'not_authed'],
    ['chat.postMessage', { channel: 'C1', text: 'x' }, 'xoxp-a-person', 'invalid_auth'],
    ['chat.postMessage', { channel: 'general', text: 'x' }, undefined, 'channel_not_found'],
    ['chat.postMessage', { channel: 'C1' }, undefined, 'no_text'],
    ['chat.postMessage', { channel: 'C1', text: 'x', metadata: 'x' }, undefined, 'invalid_metadata_format'],
    ['chat.update', { channel: 'C1', ts: '1.000000', text: 'x' }, undefined, 'message_not_found'],
    ['conversations.replies', { channel: 'C1', ts: '1.000000' }, undefined, 'thread_not_found'],
    ['chat.delete', {}, undefined, 'unknown_method'],
    ['toString', {}, undefined, 'unknown_method'],
  ])('%s %j with token %s is refused in Slack’s words: %s', async (method, body, token, error) => {
    const sandbox = await running();
    expect(await call(sandbox, method, body, token)).toEqual({ status: 200, body: { ok: false, error } });
    expect((await sandbox.control('GET /slack')).body.messages).toEqual([]);
  });

  it('is of the namespace in its path', async () => {
    const sandbox = await running();
    const one = sandbox.namespace({ name: 'one' });
    const said = await fetch(`${one.slackBaseUrl}chat.postMessage?channel=C1&text=x`, {
      headers: { authorization: `Bearer ${one.slackBotToken}` },
    });
    expect(await said.json()).toMatchObject({ ok: true });
    expect((await sandbox.control('GET /slack')).body.messages).toEqual([]);
    expect((await sandbox.control('GET /namespaces/one/slack')).body.messages).toHaveLength(1);
    const gone = await fetch(`${one.slackBaseUrl.replace('/one/', '/nobody/')}chat.postMessage`, { method: 'POST' });
    expect(await gone.json()).toEqual({ ok: false, error: 'invalid_auth' });
  });
});
