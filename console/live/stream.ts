import type { FastifyInstance } from 'fastify';
import { isStillSignedIn } from '../access/session.ts';
import type { ConsoleContext } from '../context.ts';
import { createChangeFeed } from './change-feed.ts';
import { type EventStream, openEventStream } from './event-stream.ts';
import { LIVE_PATH } from './protocol.ts';
import { createSeats } from './seats.ts';
import { STREAM_DEFAULTS } from './stream-options.ts';
import { topicsIn } from './topics.ts';

/**
 * `GET /live?topics=…`: an event `ready`, then `changed` with the topic whenever something of it has changed in the database;
 * `ended` when the session has.
 */
export function addStream(app: FastifyInstance, context: ConsoleContext): void {
  const { beatMs, recheckMs, pace, ...limits } = { ...STREAM_DEFAULTS, ...context.live };
  const feed = createChangeFeed(context, pace);
  const seats = createSeats(limits);
  const open = new Set<EventStream>();
  // Before the server waits for what is still being answered: these would never be.
  app.addHook('preClose', async () => {
    feed.close();
    for (const stream of open) stream.end();
  });

  app.get<{ Querystring: { topics?: unknown } }>(LIVE_PATH, { exposeHeadRoute: false }, async (request, reply) => {
    const topics = topicsIn(request.query.topics);
    const leave = seats.take(request.visit.csrfToken);
    if (leave === undefined) {
      return reply.code(503).header('retry-after', '30').type('text/plain; charset=utf-8').send('Too many listen.\n');
    }
    const stream = openEventStream(reply, () => {
      leave();
      stop();
      clearInterval(beats);
      clearInterval(checks);
      open.delete(stream);
    });
    open.add(stream);
    const beats = setInterval(() => stream.beat(), beatMs).unref();
    const checks = setInterval(async () => {
      if (await isOver()) {
        stream.send('ended', 'session');
        stream.end();
      }
    }, recheckMs).unref();
    const stop = feed.listen({
      topics,
      onReady: () => stream.send('ready', 'now'),
      onChange: (topic) => stream.send('changed', topic),
    });
    return reply;

    async function isOver(): Promise<boolean> {
      try {
        return !(await isStillSignedIn(context, request));
      } catch (error) {
        // Whoever was signed in a minute ago is not thrown out by a database that is down.
        context.logger.warn({ err: error }, 'whether a session still stands cannot be read');
        return false;
      }
    }
  });
}
