import { Context, log } from '@temporalio/activity';
import type { KickoffPolicy } from '../../config/policy.ts';
import { type Database, organizedMeetings } from '../../database/index.ts';
import type { HandOverActivities, OrganizedMeeting } from '../contract.ts';
import { type Mail, sendMail } from '../mail.ts';
import type { FindMembership } from '../members.ts';
import { postToSlack } from '../steps/post-to-slack.ts';
import { workflowUrl } from '../workflow-url.ts';
import { managerOf } from './manager-of.ts';
import { nameOrganizer, type RunningWorkflows } from './name-organizer.ts';
import { noticeText } from './notice.ts';
import { requireMember } from './require-member.ts';

export interface HandOverDependencies {
  database: Database;
  /** Temporal's workflows: the kickoffs that are handed over. */
  workflows: RunningWorkflows;
  policy: KickoffPolicy;
  /** Both of SMTP are needed for a mail. */
  mail: { smtpUrl?: string | undefined; from?: string | undefined };
  /** A secret. */
  slackWebhookUrl?: string | undefined;
  /** `http://host:port/namespaces/<namespace>`, for links. */
  temporalUiUrl?: string | undefined;
  findMembership: FindMembership;
}

/** So many are handed over at one time; each is a call to SkipUp, which has its own pace. */
const AT_ONCE = 4;

/** What the hand-over of one person's kickoffs and recoveries asks of ledger, Temporal, mail and Slack. */
export function handOverActivities(dependencies: HandOverDependencies): HandOverActivities {
  const { database, workflows, policy, mail, slackWebhookUrl, temporalUiUrl, findMembership } = dependencies;
  return {
    listOrganized: ({ email }) => organizedMeetings(database.db, email),

    async tellManager({ email, meetings, workflowId }) {
      const manager = managerOf(email, policy);
      const link = temporalUiUrl === undefined ? undefined : workflowUrl(temporalUiUrl, workflowId);
      const text = noticeText({ email, meetings, link });
      const { smtpUrl, from } = mail;
      const ways: { name: string; tell: () => Promise<void> }[] = [];
      if (manager !== undefined && smtpUrl !== undefined && from !== undefined) {
        const tell = () => sendMail({ smtpUrl, from }, letter(manager, meetings, text));
        ways.push({ name: `${manager} by mail`, tell });
      }
      if (slackWebhookUrl !== undefined) {
        ways.push({ name: 'the Slack channel', tell: () => postToSlack(slackWebhookUrl, text) });
      }
      if (ways.length > 0) return await toldBy(ways);
      log.warn('nobody could be told that an organizer has left: neither mail nor Slack is configured', {
        meetings: meetings.length,
        hasManager: manager !== undefined,
      });
      return 'Nobody could be told: set kickoff.manager, SMTP_URL and mail.from, or SLACK_WEBHOOK_URL.';
    },

    async handOver({ workflowIds, to }) {
      const context = Context.current();
      const heartbeat = setInterval(() => context.heartbeat(), 5_000);
      try {
        await requireMember(findMembership, to);
        const results: Awaited<ReturnType<HandOverActivities['handOver']>> = [];
        for (let at = 0; at < workflowIds.length; at += AT_ONCE) {
          context.cancellationSignal.throwIfAborted();
          const some = workflowIds.slice(at, at + AT_ONCE);
          results.push(...(await Promise.all(some.map((id) => nameOrganizer(workflows, id, to)))));
        }
        return results;
      } finally {
        clearInterval(heartbeat);
      }
    },
  };
}

function letter(to: string, meetings: readonly OrganizedMeeting[], text: string): Mail {
  const count = meetings.length;
  return { to, subject: `${count} ${count === 1 ? 'kickoff needs' : 'kickoffs need'} another organizer`, text };
}

/** One way that works is enough: repeating both for the other's sake would tell the same people twice. */
async function toldBy(ways: readonly { name: string; tell: () => Promise<void> }[]): Promise<string> {
  const results = await Promise.allSettled(ways.map(({ tell }) => tell()));
  const told = ways.filter((_way, index) => results[index]?.status === 'fulfilled').map(({ name }) => name);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (told.length === 0) throw failures[0];
  const failed = failures.map((error) => ` ${error instanceof Error ? error.message : String(error)}`);
  return `Told ${told.join(' and ')}.${failed.join('')}`;
}
