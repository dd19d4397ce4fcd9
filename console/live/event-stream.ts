import type { FastifyReply } from 'fastify';

/** What a browser's `EventSource` reads (WHATWG HTML, "server-sent events"). */
export interface EventStream {
  /**
   * @param data one line. An event that is the same as one that still waits to be sent is not sent twice.
   */
  send(event: string, data: string): void;
  /** A comment: keeps what stands between from giving the connection up, and finds out that nobody reads. */
  beat(): void;
  end(): void;
}

/** After which the browser connects again. */
const RETRY_MS = 3_000;
/** Nothing of what is sent is worth keeping for longer. */
const MOST_WAITING = 16;
/** So long the last event has to get through. */
const LEAVE_MS = 1_000;

/** Takes the answer over from Fastify. @param onEnd called once, whoever ended it */
export function openEventStream(reply: FastifyReply, onEnd: () => void): EventStream {
  reply.hijack();
  const { raw } = reply;
  /** What could not be sent yet: a reader that is slow gets less, and nothing piles up. */
  const waiting = new Set<string>();
  let isFull = false;
  const write = (text: string) => {
    if (!raw.write(text)) isFull = true;
  };
  raw.on('close', onEnd);
  // Its end is told by `close`.
  raw.on('error', () => raw.destroy());
  raw.on('drain', () => {
    isFull = false;
    const texts = [...waiting].join('');
    waiting.clear();
    if (texts !== '') write(texts);
  });
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    // Names of people are in no event; still, nothing between is to keep, gather or compress them.
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    // Used for nothing else afterwards: a server that closes would have to wait until the browser gives it up.
    connection: 'close',
  });
  raw.socket?.setNoDelay(true);
  write(`retry: ${RETRY_MS}\n\n`);
  return {
    send(event, data) {
      const text = `event: ${event}\ndata: ${data}\n\n`;
      if (!isFull) write(text);
      else if (waiting.size < MOST_WAITING) waiting.add(text);
    },
    beat() {
      // Since the last one nobody has read anything at all.
      if (isFull) raw.destroy();
      else write(': still here\n\n');
    },
    end() {
      raw.end();
      // Whoever does not read gets no end either.
      setTimeout(() => raw.destroy(), LEAVE_MS).unref();
    },
  };
}
