import { LinearApi, type LinearDependencies } from './linear-api.ts';
import { viewerDocument } from './linear-documents.ts';

/** Whoever answers later is as good as not there, while a person looks on. */
const TIMEOUT_MS = 10_000;

/**
 * Whether the mail server takes our user and password; no message is sent.
 *
 * @param smtpUrl a secret
 * @returns in words: what is well
 * @throws Error with a sentence that says what to do; no part of it is a secret that the server has not repeated
 */
export async function tryMailServer(smtpUrl: string): Promise<string> {
  const { createTransport } = await import('nodemailer');
  const timeouts = {
    dnsTimeout: TIMEOUT_MS,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  };
  const transport = createTransport({ url: smtpUrl, ...timeouts });
  try {
    await transport.verify();
  } catch (error) {
    const { code, message } = error instanceof Error ? { code: undefined, ...error, message: error.message } : {};
    throw new Error(
      code === 'EAUTH'
        ? 'the mail server does not take the user and password: correct SMTP_URL'
        : `the mail server cannot be used: ${message ?? 'no answer'}. Correct SMTP_URL, or see whether it is up`,
      { cause: error },
    );
  } finally {
    transport.close();
  }
  return 'the mail server takes SMTP_URL';
}

/**
 * Whether Slack takes the app's token and lets it post; nothing is posted.
 *
 * @throws ApplicationFailure, Error with a sentence that says what to do
 */
export async function trySlack({ token, baseUrl }: { token: string; baseUrl: string }): Promise<string> {
  const { slackApi } = await import('./slack-api.ts');
  const { team, scopes } = await slackApi(token, baseUrl, AbortSignal.timeout(TIMEOUT_MS)).whoAmI();
  if (scopes !== undefined && !scopes.includes('chat:write')) {
    throw new Error('the app may not post: give it the scope chat:write, and install it again');
  }
  const canLook = scopes?.some((scope) => scope.endsWith(':history')) ?? true;
  return `${team} takes SLACK_BOT_TOKEN${canLook ? '' : '; without channels:history a message that was cut off may come twice'}`;
}

/**
 * Whether Linear takes the key.
 *
 * @throws ApplicationFailure with a sentence that says what to do
 */
export async function tryLinear(linear: NonNullable<LinearDependencies['linear']>): Promise<string> {
  await new LinearApi({ linear }, AbortSignal.timeout(TIMEOUT_MS)).ask(viewerDocument, {});
  return 'Linear takes LINEAR_API_KEY';
}
