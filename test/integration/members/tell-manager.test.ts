import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HandOverDependencies, handOverActivities } from '../../../activities/hand-over/index.ts';
import { kickoffPolicySchema } from '../../../config/policy.ts';

const mails: { to: string[]; text: string }[] = [];
const posts: string[] = [];
const answers = { mail: true, slack: 200 };

const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, { envelope }, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      if (!answers.mail) return done(Object.assign(new Error('no such user'), { responseCode: 550 }));
      mails.push({ to: envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString() });
      done();
    });
  },
});
const slack = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    posts.push(Buffer.concat(chunks).toString());
    response.writeHead(answers.slack).end('ok');
  });
});
const portOf = (address: AddressInfo | string | null) => (typeof address === 'object' ? address?.port : undefined);

beforeAll(async () => {
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
  await new Promise((resolve) => slack.close(resolve));
});
beforeEach(() => {
  mails.length = 0;
  posts.length = 0;
  Object.assign(answers, { mail: true, slack: 200 });
});

const meetings = [{ workflowId: 'kickoff:1', account: 'Acme & Sons', phase: 'scheduling' }];

async function tell(more: { mail?: boolean; slack?: boolean; manager?: string }): Promise<string> {
  const warnings: string[] = [];
  const dependencies: Omit<HandOverDependencies, 'database' | 'workflows' | 'findMembership'> = {
    policy: kickoffPolicySchema.parse(more.manager === undefined ? {} : { manager: more.manager }),
    mail:
      more.mail === true
        ? { smtpUrl: `smtp://127.0.0.1:${portOf(smtp.server.address())}`, from: 'Kickoff <kickoff@vendor.example>' }
        : {},
    ...(more.slack === true && { slackWebhookUrl: `http://127.0.0.1:${portOf(slack.address())}/hook` }),
  };
  const unused = () => {
    throw new Error('not asked here');
  };
  const { tellManager } = handOverActivities({
    ...dependencies,
    database: {
      get db() {
        return unused();
      },
    },
    workflows: { getHandle: unused },
    findMembership: unused,
  });
  const logger = new DefaultLogger('WARN', ({ message }) => warnings.push(message));
  const said = await new MockActivityEnvironment({}, { logger }).run(tellManager, {
    email: 'ada@vendor.example',
    meetings,
    workflowId: 'hand-over:1',
  });
  return [said, ...warnings].join(' | ');
}

const manager = 'boss@vendor.example';

describe('the manager of an organizer who has left', () => {
  it('is told by mail and by Slack, with what to do', async () => {
    expect(await tell({ mail: true, slack: true, manager })).toBe(`Told ${manager} by mail and the Slack channel.`);
    expect(mails).toMatchObject([
      { to: [manager], text: expect.stringContaining('kickoff hand-over ada@vendor.example') },
    ]);
    expect(mails[0]?.text).toMatch(/^Subject: 1 kickoff needs another organizer\r?$/m);
    expect(posts).toEqual([expect.stringContaining('Acme &amp; Sons (scheduling)')]);
  });

  it.each<[string, Parameters<typeof tell>[0], RegExp]>([
    ['only by Slack where no manager is configured', { mail: true, slack: true }, /^Told the Slack channel\.$/],
    ['only by mail where there is no Slack', { mail: true, manager }, /^Told boss@vendor.example by mail\.$/],
    [
      'by nothing: that is said, and logged',
      { manager },
      /^Nobody could be told: set kickoff\.manager.* \| nobody could/,
    ],
  ])('is told %s', async (_what, more, said) => {
    expect(await tell(more)).toMatch(said);
  });

  it('is told by the one way that works, and why the other did not', async () => {
    answers.mail = false;
    expect(await tell({ mail: true, slack: true, manager })).toBe(
      'Told the Slack channel. The mail server answered 550.',
    );
    expect(posts).toHaveLength(1);
  });

  it('is not told when no way works: that is tried again, or left', async () => {
    answers.slack = 503;
    await expect(tell({ slack: true })).rejects.toMatchObject({ type: 'Slack', nonRetryable: false });
    answers.mail = false;
    await expect(tell({ mail: true, manager })).rejects.toMatchObject({ type: 'Mail', nonRetryable: true });
  });
});
