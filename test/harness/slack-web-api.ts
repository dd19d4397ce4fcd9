import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one call. */
export type SlackFault =
  /** The connection is lost before Slack has done anything. */
  | { lost: 'before' }
  /** Slack has done it; the connection is lost before it has said so. */
  | { lost: 'after' }
  /** Slack takes its time: it goes on when `released`. */
  | { heldUntil: Promise<void> }
  | { status: number; retryAfter?: number }
  | { error: string };

export interface PostedMessage {
  channel: string;
  ts: string;
  text: string;
  thread?: string;
  metadata?: unknown;
}

/** As much of Slack's Web API as messages need, over HTTP. */
export class FakeSlack {
  readonly token = 'xoxb-the-token-of-the-tests';
  readonly messages: PostedMessage[] = [];
  /** Every method that was called, in order. */
  readonly calls: string[] = [];
  #faults = new Map<string, SlackFault[]>();
  #server = createServer((request, response) => void this.#answer(request, response));
  #count = 0;

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/api/`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** What becomes of the next calls of a method, one each. */
  next(method: string, ...faults: SlackFault[]): void {
    this.#faults.set(method, [...(this.#faults.get(method) ?? []), ...faults]);
  }

  forget(): void {
    this.messages.length = 0;
    this.calls.length = 0;
    this.#faults.clear();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const method = (request.url ?? '').replace('/api/', '');
    const asked = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
    this.calls.push(method);
    const fault = this.#faults.get(method)?.shift();
    if (fault !== undefined && 'lost' in fault) {
      if (fault.lost === 'after') this.#do(method, asked);
      response.destroy();
      return;
    }
    if (fault !== undefined && 'heldUntil' in fault) await fault.heldUntil;
    if (fault !== undefined && 'status' in fault) {
      const header = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
      response.writeHead(fault.status, header).end('{"ok":false,"error":"ratelimited"}');
      return;
    }
    const isKnown = request.headers.authorization === `Bearer ${this.token}`;
    const refused = fault !== undefined && 'error' in fault ? fault.error : isKnown ? undefined : 'invalid_auth';
    const answer = refused === undefined ? this.#do(method, asked) : { ok: false, error: refused };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #do(method: string, asked: Record<string, string>): object {
    const { channel = '', ts = '', text = '' } = asked;
    switch (method) {
      case 'auth.test':
        return { ok: true, team: 'Acme' };
      case 'chat.postMessage': {
        this.#count += 1;
        const message: PostedMessage = {
          channel: conversationOf(channel),
          ts: `${Math.floor(Date.now() / 1000)}.${String(this.#count).padStart(6, '0')}`,
          text,
          ...(asked.thread_ts === undefined ? {} : { thread: asked.thread_ts }),
          ...(asked.metadata === undefined ? {} : { metadata: JSON.parse(asked.metadata) }),
        };
        this.messages.push(message);
        return { ok: true, channel: message.channel, ts: message.ts };
      }
      case 'chat.update': {
        const message = this.messages.find((one) => one.channel === channel && one.ts === ts);
        if (message === undefined) return { ok: false, error: 'message_not_found' };
        message.text = text;
        return { ok: true, channel, ts, text };
      }
      case 'chat.getPermalink':
        return { ok: true, permalink: `https://acme.slack.example/archives/${channel}/p${asked.message_ts}` };
      case 'conversations.open':
        return { ok: true, channel: { id: conversationOf(asked.users ?? '') } };
      case 'conversations.history':
        return this.#page(asked, (one) => one.channel === channel && one.thread === undefined);
      case 'conversations.replies':
        return this.#page(asked, (one) => one.channel === channel && one.thread === ts);
      default:
        return { ok: false, error: 'unknown_method' };
    }
  }

  /** Newest first, as Slack has it; metadata only for whoever asks for it. */
  #page(asked: Record<string, string>, isMeant: (message: PostedMessage) => boolean): object {
    const { oldest = '0', cursor = '0', limit = '100', include_all_metadata: withMetadata } = asked;
    const found = this.messages.filter((one) => isMeant(one) && Number(one.ts) > Number(oldest)).reverse();
    const from = Number(cursor);
    const page = found.slice(from, from + Number(limit));
    const next = from + page.length < found.length ? String(from + page.length) : '';
    return {
      ok: true,
      messages: page.map(({ metadata, ...message }) => ({ ...message, ...(withMetadata === 'true' && { metadata }) })),
      response_metadata: { next_cursor: next },
    };
  }
}

/** A user's messages are in a conversation with an id of its own. */
function conversationOf(channel: string): string {
  return channel.replace(/^U/, 'D');
}
