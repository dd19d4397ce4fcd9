import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface TakenMail {
  to: string[];
  /** As it came, headers and all. */
  raw: string;
}

/** A mail server that takes what it is not told to refuse. */
export class MailServer {
  readonly taken: TakenMail[] = [];
  /** What it answers to a recipient, by address: `451 …`, `550 …`. */
  readonly refusals = new Map<string, string>();
  /** Called with each message once it is taken, before that is said. */
  onTaken: (drop: () => void) => void | Promise<void> = () => undefined;
  /** Called when somebody names a recipient, before that is answered. */
  onRecipient: (drop: () => void) => void | Promise<void> = () => undefined;
  readonly password = 'the-password-of-the-tests';
  #server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ password, username }, _session, done) => {
      if (password === this.password) done(null, { user: username ?? '' });
      else done(refusal(`535 5.7.8 ${password ?? ''} is not the password`));
    },
    onRcptTo: async ({ address }, session, done) => {
      await this.onRecipient(() => this.#drop(session.id));
      const answer = this.refusals.get(address);
      done(answer === undefined ? null : refusal(answer));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      // A client that goes away in the middle has sent no message.
      stream.on('error', () => undefined);
      stream.on('end', async () => {
        this.taken.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
        });
        await this.onTaken(() => this.#drop(session.id));
        done();
      });
    },
  });

  get url(): string {
    const { port } = this.#server.server.address() as AddressInfo;
    return `smtp://kickoff:${this.password}@127.0.0.1:${port}`;
  }

  async start(): Promise<void> {
    // A connection that is dropped is no error here.
    this.#server.on('error', () => undefined);
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  forget(): void {
    this.taken.length = 0;
    this.refusals.clear();
    this.onTaken = () => undefined;
    this.onRecipient = () => undefined;
  }

  #drop(id: string): void {
    for (const connection of this.#server.connections) {
      if ('id' in connection && connection.id === id && '_socket' in connection) {
        const { _socket: socket } = connection;
        if (
          typeof socket === 'object' &&
          socket !== null &&
          'destroy' in socket &&
          typeof socket.destroy === 'function'
        ) {
          socket.destroy();
        }
      }
    }
  }
}

function refusal(answer: string): Error {
  const [code = '550', ...words] = answer.split(' ');
  return Object.assign(new Error(words.join(' ')), { responseCode: Number(code) });
}
