import { expect, it } from 'vitest';
import { running } from './running.ts';

it.each([
  ['a text', '{"text":"Kickoff booked"}', 'application/json', 200, 'ok'],
  ['blocks alone', '{"blocks":[{"type":"section"}]}', 'application/json', 200, 'ok'],
  [
    'a form',
    `payload=${encodeURIComponent('{"text":"Kickoff booked"}')}`,
    'application/x-www-form-urlencoded',
    200,
    'ok',
  ],
  ['no text', '{"username":"kickoff"}', 'application/json', 400, 'no_text'],
  ['an empty text', '{"text":""}', 'application/json', 400, 'no_text'],
  ['broken JSON', '{"text":', 'application/json', 400, 'invalid_payload'],
  ['a list', '[]', 'application/json', 400, 'invalid_payload'],
  ['a number for a text', '{"text":5}', 'application/json', 400, 'invalid_payload'],
  ['no body', '', 'application/json', 400, 'invalid_payload'],
])('Slack’s webhook answers to %s as Slack does', async (_name, body, type, status, text) => {
  const sandbox = await running();
  const answer = await fetch(sandbox.slackWebhookUrl, { method: 'POST', headers: { 'content-type': type }, body });
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    status,
    expect.stringContaining('text/plain'),
    text,
  ]);
  const { messages } = (await sandbox.control('GET /slack')).body;
  expect(messages).toHaveLength(status === 200 ? 1 : 0);
  expect(sandbox.events.filter((event) => event.type === 'slack')).toHaveLength(status === 200 ? 1 : 0);
});
