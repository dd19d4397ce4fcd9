import { z } from 'zod';
import { type Sandbox, type SandboxEvent, startSandbox } from '../../../sandbox/index.ts';
import { SkipUpClient, type SkipUpClientOptions, SkipUpError } from '../../../skipup/index.ts';
import { acmeRequest, TUESDAY } from '../../unit/sandbox/running.ts';

/**
 * What a call is, for whoever repeats it.
 * - `read`: changes nothing.
 * - `keyed`: create; its idempotency key makes the second time harmless.
 * - `change`: a state change; after a failure that leaves it open the request is read first.
 * - `settled`: the second time changes nothing more (update and delete of an endpoint).
 * - `once`: nothing protects it (create and test of an endpoint); never repeated once it may have been done.
 */
export type CallKind = 'read' | 'keyed' | 'change' | 'settled' | 'once';

/** A call that is about to be made. */
export interface ReadyCall {
  method: string;
  /** Below the API's prefix; faults and journal entries are found by it. */
  path: string;
  /** The request or endpoint that it is about. */
  id: string;
  make(client: SkipUpClient): Promise<unknown>;
  /** How often it has had its effect. */
  effects(): Promise<number>;
}

export interface CallUnderFault {
  name: string;
  kind: CallKind;
  ready(at: FaultySandbox): Promise<ReadyCall>;
}

const pageSchema = z.object({
  data: z.array(z.looseObject({ id: z.string(), description: z.string().nullable().optional() })),
});

/** A sandbox to be put under faults, shared by many tests, with one client that never really waits. */
export interface FaultySandbox {
  sandbox: Sandbox;
  client: SkipUpClient;
  control(route: string, body?: unknown): Promise<unknown>;
  fault(...rules: object[]): Promise<void>;
  /** Forgets all faults and whatever has happened. */
  afresh(): Promise<void>;
  /** What has happened since `afresh`. */
  events: SandboxEvent[];
  /** The API calls since `afresh`: `POST 503`, `GET 200`. `POST null`: no answer. */
  calls(path?: string): string[];
  /** The changes of meeting requests of one name since `afresh`; by whose ids. */
  changes(name: string): string[];
  /** A new meeting request, made without the client. */
  request(): Promise<string>;
  /** A new endpoint that nobody answers at, made without the client. */
  endpoint(): Promise<string>;
  deliveries(endpoint: string): Promise<number>;
  endpoints(description: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Starts both. The caller closes them. */
export async function faultySandbox(options: Partial<SkipUpClientOptions> = {}): Promise<FaultySandbox> {
  const events: SandboxEvent[] = [];
  const sandbox = await startSandbox({
    clock: { frozenAt: TUESDAY },
    seed: 'faults',
    settings: { rateLimitPerMinute: 0 },
    onEvent: (event) => events.push(event),
  });
  const client = new SkipUpClient({
    apiKey: sandbox.apiKey,
    baseUrl: sandbox.apiBaseUrl,
    ...options,
    retry: { random: () => 0, sleep: async () => undefined, ...options.retry },
  });

  const send = async (base: string, route: string, body: unknown, headers: Record<string, string> = {}) => {
    const [method = 'GET', path = '/'] = route.split(' ');
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(`${base}${path}`, { method, headers: { ...type, ...headers }, ...sent });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${text}`);
    const json: unknown = text === '' ? undefined : JSON.parse(text);
    return json;
  };
  const control: FaultySandbox['control'] = (route, body) => send(`${sandbox.url}/_sandbox`, route, body);
  const api = (route: string, body?: unknown) =>
    send(sandbox.apiBaseUrl, route, body, { authorization: `Bearer ${sandbox.apiKey}` });
  const idOf = (answer: unknown) => z.object({ data: z.looseObject({ id: z.string() }) }).parse(answer).data.id;

  return {
    sandbox,
    client,
    control,
    fault: async (...rules) => void (await control('POST /faults', rules)),
    afresh: async () => {
      await control('DELETE /faults');
      events.length = 0;
    },
    events,
    calls: (path) =>
      events.flatMap((event) => {
        if (event.type !== 'api') return [];
        const called = event.path.replace('/api/v1', '').split('?')[0];
        return path === undefined || called === path ? [`${event.method} ${event.status}`] : [];
      }),
    changes: (name) =>
      events.flatMap((event) => (event.type === 'meeting_request' && event.change === name ? [event.requestId] : [])),
    request: async () => idOf(await api('POST /meeting_requests', acmeRequest())),
    endpoint: async () =>
      idOf(await api('POST /webhook_endpoints', { url: 'http://127.0.0.1:1/', events: ['member.deactivated'] })),
    deliveries: async (endpoint) =>
      pageSchema.parse(await api(`GET /webhook_endpoints/${endpoint}/deliveries`)).data.length,
    endpoints: async (description) =>
      pageSchema
        .parse(await api('GET /webhook_endpoints?limit=10'))
        .data.filter((one) => one.description === description)
        .map(({ id }) => id),
    close: async () => {
      await client.close();
      await sandbox.close();
    },
  };
}

/** The error of a call that must fail; anything but a `SkipUpError` is thrown on. */
export async function errorOf(call: Promise<unknown>): Promise<SkipUpError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof SkipUpError) return error;
    throw error;
  }
  throw new Error('The call was to fail and did not.');
}

const COLLEAGUE = 'morgan.diaz@yourcompany.example';
const never = async () => 0;
let serial = 0;
const fresh = (prefix: string) => {
  serial += 1;
  return `${prefix}:${serial}`;
};

function read(name: string, ready: (at: FaultySandbox) => Promise<Omit<ReadyCall, 'method' | 'effects' | 'id'>>) {
  const call: CallUnderFault = {
    name,
    kind: 'read',
    ready: async (at) => ({ method: 'GET', id: '', effects: never, ...(await ready(at)) }),
  };
  return call;
}

/**
 * @param told - what the journal calls the change
 * @param before - what must have happened to the request first
 */
function change(
  name: string,
  told: string,
  make: (client: SkipUpClient, id: string) => Promise<unknown>,
  before?: string,
): CallUnderFault {
  return {
    name,
    kind: 'change',
    ready: async (at) => {
      const id = await at.request();
      if (before !== undefined) await at.control(`POST /meeting_requests/${id}/events`, { event: before });
      return {
        method: 'POST',
        path: `/meeting_requests/${id}/${name}`,
        id,
        make: (client) => make(client, id),
        effects: async () => at.changes(told).filter((one) => one === id).length,
      };
    },
  };
}

/** Every call of the client. */
export const CALLS: CallUnderFault[] = [
  read('meetingRequests.get', async (at) => {
    const id = await at.request();
    return { path: `/meeting_requests/${id}`, make: (client) => client.meetingRequests.get(id) };
  }),
  read('meetingRequests.list', async () => ({
    path: '/meeting_requests',
    make: (client) => client.meetingRequests.list().firstPage(),
  })),
  read('workspaceMembers.list', async () => ({
    path: '/workspace_members',
    make: (client) => client.workspaceMembers.list().firstPage(),
  })),
  read('webhookEndpoints.get', async (at) => {
    const id = await at.endpoint();
    return { path: `/webhook_endpoints/${id}`, make: (client) => client.webhookEndpoints.get(id) };
  }),
  read('webhookEndpoints.list', async () => ({
    path: '/webhook_endpoints',
    make: (client) => client.webhookEndpoints.list().firstPage(),
  })),
  read('webhookEndpoints.deliveries', async (at) => {
    const id = await at.endpoint();
    return {
      path: `/webhook_endpoints/${id}/deliveries`,
      make: (client) => client.webhookEndpoints.deliveries(id).firstPage(),
    };
  }),
  {
    name: 'meetingRequests.create',
    kind: 'keyed',
    ready: async (at) => ({
      method: 'POST',
      path: '/meeting_requests',
      id: '',
      make: (client) => client.meetingRequests.create(acmeRequest(), { idempotencyKey: fresh('impl:acme:kickoff') }),
      effects: async () => at.changes('created').length,
    }),
  },
  change('cancel', 'cancelled', (client, id) => client.meetingRequests.cancel(id, { notify: true })),
  change('pause', 'paused', (client, id) => client.meetingRequests.pause(id)),
  change('resume', 'resumed', (client, id) => client.meetingRequests.resume(id), 'paused'),
  change('change_organizer', 'organizer_changed', (client, id) =>
    client.meetingRequests.changeOrganizer(id, COLLEAGUE),
  ),
  change('context', 'context', (client, id) => client.meetingRequests.updateContext(id, { duration_minutes: 90 })),
  {
    name: 'webhookEndpoints.update',
    kind: 'settled',
    ready: async (at) => {
      const [id, description] = [await at.endpoint(), fresh('changed')];
      return {
        method: 'PATCH',
        path: `/webhook_endpoints/${id}`,
        id,
        make: (client) => client.webhookEndpoints.update(id, { description }),
        effects: async () => (await at.endpoints(description)).length,
      };
    },
  },
  {
    name: 'webhookEndpoints.delete',
    kind: 'settled',
    ready: async (at) => {
      const description = fresh('to go');
      const { id } = await at.client.webhookEndpoints.create({
        url: 'http://127.0.0.1:1/',
        events: ['member.deactivated'],
        description,
      });
      return {
        method: 'DELETE',
        path: `/webhook_endpoints/${id}`,
        id,
        make: (client) => client.webhookEndpoints.delete(id),
        effects: async () => 1 - (await at.endpoints(description)).length,
      };
    },
  },
  {
    name: 'webhookEndpoints.create',
    kind: 'once',
    ready: async (at) => {
      const description = fresh('made');
      return {
        method: 'POST',
        path: '/webhook_endpoints',
        id: '',
        make: (client) =>
          client.webhookEndpoints.create({ url: 'http://127.0.0.1:1/', events: ['member.deactivated'], description }),
        effects: async () => (await at.endpoints(description)).length,
      };
    },
  },
  {
    name: 'webhookEndpoints.test',
    kind: 'once',
    ready: async (at) => {
      const id = await at.endpoint();
      return {
        method: 'POST',
        path: `/webhook_endpoints/${id}/test`,
        id,
        make: (client) => client.webhookEndpoints.test(id),
        effects: () => at.deliveries(id),
      };
    },
  },
];
