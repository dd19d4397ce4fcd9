import { apiKeyIn, isAccessToken } from './credentials.ts';
import { CrmNotices } from './crm/notices.ts';
import { ControlError } from './errors.ts';
import { Poster } from './http/post.ts';
import { MeetingRequests } from './meeting/meeting-requests.ts';
import type { NamespaceOptions, NewNamespace } from './options.ts';
import type { Sandboxed } from './sandboxed.ts';
import { Snapshots } from './snapshots.ts';
import { freshState } from './state/fresh.ts';
import type { WritableNamespace } from './state/lines.ts';
import type { State } from './state/schema.ts';
import { Deliveries } from './webhooks/deliveries.ts';
import type { WorkspaceParts } from './workspace.ts';
import { Workspace } from './workspace.ts';

/** The namespace that is always there: the one that `startSandbox` and every call without a name mean. */
export const MAIN = 'main';

/** What `reset` starts again with. */
export interface ResetRequest {
  seed?: string | undefined;
  keepClock: boolean;
}

export interface NamespacesParts extends Omit<WorkspaceParts, 'onEvent'> {
  /** Hears of everything that happens, and in which namespace. */
  onEvent: ((event: Parameters<NonNullable<WorkspaceParts['onEvent']>>[0], namespace: string) => void) | undefined;
}

interface Opened extends Sandboxed {
  /** What it was made with, for a reset. */
  options: NamespaceOptions;
  poster: Poster;
  snapshots: Snapshots;
}

/** Sandboxes side by side in one process. They share the port and nothing else. */
export class Namespaces {
  readonly #parts: NamespacesParts;
  readonly #all = new Map<string, Opened>();

  constructor(parts: NamespacesParts) {
    this.#parts = parts;
  }

  get main(): Sandboxed {
    return this.#opened(MAIN);
  }

  get(name: string): Sandboxed | undefined {
    return this.#all.get(name);
  }

  /** Every namespace, `main` first, then by age. */
  list(): Sandboxed[] {
    return [...this.#all.values()];
  }

  /** Whose API key this is. */
  withApiKey(given: string): Sandboxed | undefined {
    return this.list().find(({ workspace }) => apiKeyIn(workspace.state, given) !== undefined);
  }

  /** Whose CRM takes this access token. */
  withAccessToken(given: string): Sandboxed | undefined {
    return this.list().find(({ workspace }) => isAccessToken(workspace.state, given));
  }

  /** Brings a state to life. Nothing of it happens before `start`. */
  open(name: string, options: NamespaceOptions, state: State): Sandboxed {
    const { logger, onEvent, ...rest } = this.#parts;
    const workspace = new Workspace(state, {
      ...rest,
      logger: name === MAIN ? logger : logger.child({ namespace: name }),
      onEvent: onEvent === undefined ? undefined : (event) => onEvent(event, name),
    });
    const poster = new Poster();
    const opened = { name, options, poster, snapshots: new Snapshots(), ...assemble(workspace, poster) };
    this.#all.set(name, opened);
    return opened;
  }

  /** Lets the tasks of a namespace run, beginning with what a crash cut off. */
  start({ workspace, deliveries, notices }: Sandboxed): void {
    deliveries.recover();
    notices.recover();
    workspace.agenda.start();
  }

  /**
   * Makes a namespace and starts it.
   *
   * @throws ControlError 409 when its name or one of its credentials is taken
   */
  create({ name = this.#freeName(), ...options }: NewNamespace): Sandboxed {
    if (this.#all.has(name)) throw new ControlError(409, `There is a namespace ${name} already.`);
    const state = freshState(options, this.#parts.real());
    this.mustBeFree(state);
    const made = this.open(name, options, state);
    this.start(made);
    made.workspace.changed();
    return made;
  }

  /**
   * Two namespaces with one credential could not be told apart.
   *
   * @param name the namespace that the state is for; its own credentials may stay what they are
   * @throws ControlError 409
   */
  mustBeFree(state: State, name?: string): void {
    for (const other of this.list().filter((namespace) => namespace.name !== name)) {
      const key = [...state.keys.values()].find((apiKey) => apiKeyIn(other.workspace.state, apiKey.key) !== undefined);
      if (key !== undefined) {
        throw new ControlError(409, `The API key “${key.name}” belongs to the namespace ${other.name}.`);
      }
      if (isAccessToken(other.workspace.state, state.crm.accessToken)) {
        throw new ControlError(409, `The CRM’s access token belongs to the namespace ${other.name}.`);
      }
    }
  }

  /**
   * Ends a namespace: none of its tasks runs any more, its deliveries under way are given up.
   *
   * @throws ControlError 404 for one that there is not, 409 for `main`
   */
  async remove(name: string): Promise<void> {
    const found = this.#all.get(name);
    if (found === undefined) throw new ControlError(404, `There is no namespace ${name}.`);
    if (name === MAIN) throw new ControlError(409, 'main cannot be deleted; reset it to start again from nothing.');
    this.#all.delete(name);
    this.#parts.onChange();
    await end(found);
  }

  /** Starts again from nothing, with the same secrets; the same seed, too, unless another is asked for. */
  reset(name: string, { seed, keepClock }: ResetRequest): void {
    const { workspace, options } = this.#opened(name);
    const { accessToken, clientSecret } = workspace.state.crm;
    const again: NamespaceOptions = {
      ...options,
      seed: seed ?? workspace.state.seed,
      apiKey: mainKeyOf(workspace.state),
      hubspot: { ...options.hubspot, accessToken, clientSecret },
    };
    const fresh = freshState(again, workspace.real());
    workspace.replace(keepClock ? { ...fresh, clock: workspace.clock.state } : fresh);
    workspace.log.warn({ seed: fresh.seed }, 'sandbox was reset');
  }

  /**
   * Goes on from another state, which may be another namespace's. What is under way, a delivery or an advance of the clock,
   * belongs to what was: it finds nothing of its own any more and changes nothing.
   *
   * @throws ControlError 409 when a credential of the state belongs to another namespace
   */
  restore(name: string, state: State): void {
    this.mustBeFree(state, name);
    const { workspace, deliveries, notices } = this.#opened(name);
    workspace.replace({ ...state, clock: { ...state.clock, realAt: workspace.real() } });
    deliveries.recover();
    notices.recover();
  }

  /** The named snapshots of a namespace. */
  snapshotsOf(name: string): Snapshots {
    return this.#opened(name).snapshots;
  }

  /** Every namespace with what it was made with, for the state file. */
  writable(): WritableNamespace[] {
    return [...this.#all.values()];
  }

  /** No further task starts. */
  stop(): void {
    for (const { workspace } of this.list()) workspace.agenda.stop();
  }

  /** Ends them all. The states stay readable, for the state file's last writing. */
  async close(): Promise<void> {
    await Promise.all([...this.#all.values()].map(end));
  }

  #opened(name: string): Opened {
    const found = this.#all.get(name);
    if (found === undefined) throw new Error(`There is no namespace ${name}.`);
    return found;
  }

  #freeName(): string {
    let n = 1;
    while (this.#all.has(`namespace-${n}`)) n += 1;
    return `namespace-${n}`;
  }
}

async function end({ workspace, poster }: Opened): Promise<void> {
  workspace.agenda.stop();
  await poster.close();
  await workspace.agenda.settled();
}

/** The key with every scope that a namespace was made with. */
export function mainKeyOf(state: State): string {
  return state.keys.get(state.mainKeyId)?.key ?? '';
}

/** Puts the parts together and says what each task does. */
function assemble(workspace: Workspace, poster: Poster): Omit<Sandboxed, 'name'> {
  const deliveries = new Deliveries(workspace, poster);
  const meetings = new MeetingRequests(workspace, (payload) => deliveries.announce(payload));
  const notices = new CrmNotices(workspace, poster);
  workspace.runTasksWith((task, turn) => {
    switch (task.kind) {
      case 'deliver':
        return deliveries.attempt(task.deliveryId, turn).finally(() => workspace.changed());
      case 'crm_notice':
        return notices.attempt(task.noticeId).finally(() => workspace.changed());
      default:
        meetings.conversation.run(task);
        return undefined;
    }
  });
  return { workspace, meetings, deliveries, notices };
}
