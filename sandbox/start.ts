import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { ResetRequest } from './control/index.ts';
import { CrmNotices } from './crm/notices.ts';
import { SandboxError } from './errors.ts';
import { acmeOrganizer } from './fixtures/acme.ts';
import { Poster } from './http/post.ts';
import { createServer } from './http/server.ts';
import { MeetingRequests } from './meeting/meeting-requests.ts';
import type { ResolvedOptions, SandboxOptions } from './options.ts';
import { resolveOptions } from './options.ts';
import type { Sandboxed } from './sandboxed.ts';
import { SLACK_PATH } from './slack.ts';
import { readState, StateFile } from './state/file.ts';
import { applyOptions, freshState } from './state/fresh.ts';
import { Deliveries } from './webhooks/deliveries.ts';
import { Workspace } from './workspace.ts';

/** A running sandbox. */
export interface Sandbox {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Where SkipUp's API answers. */
  readonly apiBaseUrl: string;
  /** What stands in for `https://api.hubapi.com`. */
  readonly hubspotBaseUrl: string;
  readonly slackWebhookUrl: string;
  /** The key with every scope. */
  readonly apiKey: string;
  /** An active member's e-mail. */
  readonly organizer: string;
  readonly seed: string;
  readonly hubspot: { readonly accessToken: string; readonly clientSecret: string };
  /** Ends everything that is under way and writes the state file for the last time. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts SkipUp, a small CRM and a Slack webhook on one port of this machine, for development and tests. The sandbox is
 * steered over HTTP, under `/_sandbox`.
 *
 * @example
 * const sandbox = await startSandbox({ seed: 'demo', clock: { anchor: new Date().toISOString(), scale: 7200 } });
 * // … calls to sandbox.apiBaseUrl with sandbox.apiKey …
 * await sandbox.close();
 *
 * @throws SandboxError `invalid_options`, `state_unreadable`, `address_in_use`, `cannot_listen`
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { logger = pino({ level: 'silent' }), onEvent, ...rest } = options;
  const resolved = resolveOptions(rest);
  const real = Date.now;
  const loaded = resolved.stateFile === undefined ? undefined : await readState(resolved.stateFile);
  if (loaded !== undefined) applyOptions(loaded, resolved, real());
  const state = loaded ?? freshState(resolved, real());

  let file: StateFile | undefined;
  const workspace = new Workspace(state, { logger, onEvent, real, onChange: () => file?.changed() });
  const poster = new Poster();
  const sandboxed = assemble(workspace, poster);
  const app = createServer(sandboxed, (request) => reset(workspace, resolved, request));
  const url = await listen(app, resolved).catch(async (error: unknown) => {
    await poster.close();
    throw error;
  });
  if (resolved.stateFile !== undefined) {
    const onError = (err: unknown) => logger.error({ err }, 'the sandbox could not write its state file');
    file = new StateFile(resolved.stateFile, () => workspace.snapshot(), onError);
    file.changed();
  }
  sandboxed.deliveries.recover();
  sandboxed.notices.recover();
  workspace.agenda.start();
  logger.info({ url, seed: state.seed, restored: loaded !== undefined }, 'sandbox is up');

  let closing: Promise<void> | undefined;
  const close = async () => {
    workspace.agenda.stop();
    await Promise.all([app.close(), poster.close()]);
    await workspace.agenda.settled();
    await file?.close();
    logger.info({ url }, 'sandbox is down');
  };
  return {
    url,
    apiBaseUrl: `${url}/api/v1`,
    hubspotBaseUrl: `${url}/hubspot`,
    slackWebhookUrl: `${url}/slack${SLACK_PATH}`,
    apiKey: mainKey(workspace),
    organizer: organizerOf(workspace),
    seed: state.seed,
    hubspot: { accessToken: state.crm.accessToken, clientSecret: state.crm.clientSecret },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Puts the parts together and says what each task does. */
function assemble(workspace: Workspace, poster: Poster): Sandboxed {
  const deliveries = new Deliveries(workspace, poster);
  const meetings = new MeetingRequests(workspace, (payload) => deliveries.announce(payload));
  const notices = new CrmNotices(workspace, poster);
  workspace.runTasksWith((task) => {
    switch (task.kind) {
      case 'deliver':
        return deliveries.attempt(task.deliveryId).finally(() => workspace.changed());
      case 'crm_notice':
        return notices.attempt(task.noticeId).finally(() => workspace.changed());
      default:
        meetings.conversation.run(task);
        return undefined;
    }
  });
  return { workspace, meetings, deliveries, notices };
}

/** Starts again from nothing, with the same secrets; the same seed, too, unless another is asked for. */
function reset(workspace: Workspace, options: ResolvedOptions, { seed, keepClock }: ResetRequest): void {
  const { accessToken, clientSecret } = workspace.state.crm;
  const again: ResolvedOptions = {
    ...options,
    seed: seed ?? workspace.state.seed,
    apiKey: mainKey(workspace),
    hubspot: { ...options.hubspot, accessToken, clientSecret },
  };
  const fresh = freshState(again, workspace.real());
  workspace.replace(keepClock ? { ...fresh, clock: workspace.clock.state } : fresh);
  workspace.log.warn({ seed: fresh.seed }, 'sandbox was reset');
}

function mainKey({ state }: Workspace): string {
  return state.keys.get(state.mainKeyId)?.key ?? '';
}

function organizerOf({ state }: Workspace): string {
  const active = [...state.members.values()].filter((member) => member.deactivatedAt === null);
  return active.find((member) => member.email === acmeOrganizer.email)?.email ?? active[0]?.email ?? '';
}

async function listen(app: FastifyInstance, { host, port }: ResolvedOptions): Promise<string> {
  try {
    const address = await app.listen({ host, port });
    // Listening everywhere, it is called where everybody can reach it: on this machine.
    return address.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//127.0.0.1:');
  } catch (cause) {
    await app.close();
    const taken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    if (taken)
      throw new SandboxError('address_in_use', `Port ${port} is in use. Choose another, or 0 for any free one.`, {
        cause,
      });
    throw new SandboxError('cannot_listen', `The sandbox cannot listen on ${host}:${port}. Check host and port.`, {
      cause,
    });
  }
}
