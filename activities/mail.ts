import { ApplicationFailure } from '@temporalio/activity';
import { createTransport } from 'nodemailer';

/** A mail server that takes longer is down. */
const TIMEOUT_MS = 10_000;

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** The same at every repetition, `<…@…>`: mail programs show two with the same one as one. */
  messageId?: string;
}

/**
 * Sends a text by SMTP.
 *
 * @param server.smtpUrl `smtp(s)://user:password@host:port`, a secret
 * @throws ApplicationFailure, not retryable when the server refuses the message for good (5xx)
 */
export async function sendMail(server: { smtpUrl: string; from: string }, mail: Mail): Promise<void> {
  const transport = createTransport({
    url: server.smtpUrl,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // Texts come from CRMs: nothing in them is to be fetched or read from this machine.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({ from: server.from, ...mail });
  } catch (error) {
    const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
    throw ApplicationFailure.create({
      // The library's own message may name the user.
      message: code === 0 ? 'The mail server could not be reached.' : `The mail server answered ${code}.`,
      type: 'Mail',
      nonRetryable: code >= 500,
    });
  } finally {
    transport.close();
  }
}
