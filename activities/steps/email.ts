import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import type { StepContext, StepKind, StepOf } from './kind.ts';
import { addressesOf, type MailAddress, mailAddresses, onlyOnce, optedOut } from './mail-addresses.ts';

export interface EmailDependencies {
  /** `smtps://user:password@host`: a secret. Undefined: the step fails with a sentence that says what to set. */
  smtpUrl?: string | undefined;
  /** `Onboarding <onboarding@example.com>` */
  mailFrom?: string | undefined;
  /**
   * Which of these addresses are never written to, whoever the facts say they belong to.
   *
   * @returns why, in words, by lower-cased address
   */
  findOptOuts: (addresses: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

/**
 * How long each stage may take, ms. A server that looks through a message answers late; an attempt that gives up on the
 * answer may have sent it all the same.
 */
const TIMEOUTS = { dnsTimeout: 5_000, connectionTimeout: 5_000, greetingTimeout: 10_000, socketTimeout: 60_000 };

/**
 * Mail by SMTP. A server takes a message or does not, and cannot be asked afterwards: a message whose acknowledgement was
 * lost is sent again under the same `Message-ID`, by which mail systems recognise a repetition.
 */
export function emailKind({ smtpUrl, mailFrom, findOptOuts }: EmailDependencies): StepKind<StepOf<'email'>> {
  return {
    async run(step, context) {
      if (smtpUrl === undefined || mailFrom === undefined) {
        const what = smtpUrl === undefined ? 'SMTP_URL' : 'mail.from';
        throw ApplicationFailure.nonRetryable(`No mail is configured. Set ${what}.`, 'Configuration');
      }
      const [from] = mailAddresses(mailFrom, 'mail.from');
      const { to, cc, out } = await recipientsOf(step, context, findOptOuts);
      if (from === undefined || to.length === 0) throw nobody(step);
      const replyTo = step.replyTo === undefined ? [] : addressesOf(step.replyTo, context.text, 'replyTo');
      const subject = oneLine(context.text(step.subject));
      const messageId = messageIdOf(context.marker, from.address);
      const refused = await send(smtpUrl, context.signal, {
        messageId,
        from,
        to,
        subject,
        text: context.text(step.text),
        ...(cc.length === 0 ? {} : { cc }),
        ...(replyTo.length === 0 ? {} : { replyTo }),
      });
      const names = [...to, ...cc].map(({ address }) => address).join(', ');
      const without = out.length === 0 ? '' : `; left out, because they want no mail: ${out.join(', ')}`;
      const but = refused.length === 0 ? '' : `; refused: ${refused.join(' ')}`;
      return { detail: `Mail “${subject}” to ${names}${without}${but}`, ids: { messageId } };
    },
    stays: (_step, { detail }) => `${detail} (sent mail cannot be taken back)`,
  };
}

interface Mail {
  messageId: string;
  from: MailAddress;
  to: MailAddress[];
  cc?: MailAddress[];
  replyTo?: MailAddress[];
  subject: string;
  text: string;
}

/** @returns in words: who was refused while others were not */
async function send(url: string, signal: AbortSignal, mail: Mail): Promise<string[]> {
  // Only whoever uses it pays for loading it.
  const { createTransport } = await import('nodemailer');
  try {
    // A connection for each message: steps are rare, and an idle one is closed by the server.
    const transport = createTransport({ url, ...TIMEOUTS, disableFileAccess: true, disableUrlAccess: true });
    const { rejectedErrors = [] } = await transport.sendMail({ ...mail, signal });
    return rejectedErrors.map(({ recipient, response }) => `${recipient ?? ''} (${(response ?? '').slice(0, 200)})`);
  } catch (error) {
    throw mailFailure(error);
  }
}

/** 5xx needs a person; 4xx and a server that cannot be reached mend themselves. Source: RFC 5321, 4.2.1. */
function mailFailure(error: unknown): ApplicationFailure {
  const { code, responseCode, response, permanent, message } = asMailError(error);
  const answer = response === undefined ? message : `it answered ${response.slice(0, 300)}`;
  const refusesUs = code === 'EAUTH' || code === 'ENOAUTH';
  const advice = refusesUs
    ? ' Correct the user and password in SMTP_URL, restart the workers, then retry the step.'
    : '';
  return ApplicationFailure.create({
    message: `The mail server did not take the message: ${answer.trim()}${advice}`,
    type: `Email.${responseCode ?? code ?? 'unreachable'}`,
    nonRetryable: permanent === true || code === 'ENOAUTH' || code === 'ECONFIG',
  });
}

interface MailError {
  message: string;
  code?: string;
  responseCode?: number;
  response?: string;
  permanent?: boolean;
}

function asMailError(error: unknown): MailError {
  if (!(error instanceof Error)) return { message: String(error) };
  const field = (name: string): unknown => Reflect.get(error, name);
  const [code, responseCode, response, permanent] = [
    field('code'),
    field('responseCode'),
    field('response'),
    field('permanent'),
  ];
  return {
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(typeof responseCode === 'number' && { responseCode }),
    ...(typeof response === 'string' && { response }),
    ...(typeof permanent === 'boolean' && { permanent }),
  };
}

/**
 * Whoever wants no mail is left out: by what the step was given, and by what is known now, because a meeting is a matter of
 * weeks. `out` has their addresses.
 */
async function recipientsOf(
  step: StepOf<'email'>,
  { text, facts }: StepContext,
  findOptOuts: EmailDependencies['findOptOuts'],
): Promise<{ to: MailAddress[]; cc: MailAddress[]; out: string[] }> {
  const named = (options: readonly string[], field: string) =>
    onlyOnce(options.flatMap((option) => addressesOf(option, text, field)));
  const [to, cc] = [named(step.to, 'to'), named(step.cc ?? [], 'cc')];
  const all = new Set([...to, ...cc].map(({ address }) => address.toLowerCase()));
  const without = new Set([...optedOut(facts), ...(await findOptOuts([...all])).keys()]);
  const direct = new Set(to.map(({ address }) => address.toLowerCase()));
  const isWanted = ({ address }: MailAddress) => !without.has(address.toLowerCase());
  return {
    to: to.filter(isWanted),
    cc: cc.filter((entry) => isWanted(entry) && !direct.has(entry.address.toLowerCase())),
    out: [...all].filter((address) => without.has(address)),
  };
}

function nobody(step: StepOf<'email'>): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `There is nobody to send this mail to: ${step.to.join(', ')} comes to no address, or to people who want no mail. Correct it and retry the step, or skip it.`,
    'Email.nobody',
  );
}

/** The same at every attempt, and of the sender's own domain, as mail filters want it. */
function messageIdOf(marker: string, from: string): string {
  const digest = createHash('sha256').update(marker).digest('hex').slice(0, 32);
  return `<${digest}.kickoff@${from.split('@')[1] ?? 'localhost'}>`;
}

/** A line's end in a subject would begin a header of its own. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
