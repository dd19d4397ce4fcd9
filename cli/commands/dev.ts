import { resolve } from 'node:path';
import { createLogger, loadConfig } from '../../config/index.ts';
import { ACME_DEAL_ID, SAMPLE_LEAD_ID } from '../../sandbox/index.ts';
import { applySchedules, wantedSchedules } from '../../temporal/index.ts';
import type { CommandContext } from '../command-context.ts';
import { createProgress } from '../progress.ts';
import { announceStack } from '../ready-file.ts';
import { startStack } from '../stack.ts';
import { tell } from '../story.ts';
import { Teardown } from '../teardown.ts';

export interface DevOptions {
  port: number;
  sandboxPort: number;
  temporalPort: number;
  temporalUiPort: number;
  config?: string;
  dataDir?: string;
}

/** Brings the whole stack up on the embedded defaults and stays until it is told to end. */
export async function dev({ env, cwd, output, signal }: CommandContext, options: DevOptions): Promise<void> {
  const { logLevel, dataDir, secrets } = loadConfig({
    env,
    cwd,
    configFile: options.config,
    require: ['STEP_HEADER_*'],
  });
  const logger = createLogger({
    level: env.LOG_LEVEL === undefined ? 'warn' : logLevel,
    pretty: !output.json,
    secrets,
  });
  const teardown = new Teardown();
  try {
    const stack = await startStack({
      env,
      cwd,
      dataDir: options.dataDir === undefined ? dataDir : resolve(cwd, options.dataDir),
      configFile: options.config,
      ports: {
        serve: options.port,
        sandbox: options.sandboxPort,
        temporal: options.temporalPort,
        temporalUi: options.temporalUiPort,
      },
      logger,
      progress: createProgress(output),
      teardown,
      signal,
      onEvent: (event) => {
        const { document, lines } = tell(event, output.interactive);
        output.emit(document, lines?.join('\n'));
      },
      showLink: (link) =>
        output.emit({ type: 'console_link', console: link }, `\nThe console, for one sign-in: ${link}\n`),
    });
    const { serveUrl, consoleLink, sandbox, config, temporalUi } = stack;
    await applySchedules(stack.services.temporal.client, wantedSchedules(config));
    const { address } = config.temporal;
    const withdraw = announceStack(config.dataDir, {
      temporal: address,
      serve: serveUrl,
      sandbox: sandbox.url,
      ...(config.file === undefined ? {} : { config: resolve(cwd, config.file) }),
    });
    teardown.defer('the word of the running stack', withdraw);
    output.emit(
      {
        type: 'ready',
        serve: serveUrl,
        console: consoleLink,
        sandbox: sandbox.url,
        temporal: config.temporal.address,
        temporalUi,
        namespace: config.temporal.namespace,
        secrets: stack.secrets,
      },
      [
        '',
        `Kickoff is up. Ctrl-C ends it; what it knows stays in ${config.dataDir}.`,
        `  console      ${consoleLink}`,
        '               signs you in, once, within 15 minutes; the sign-in page gives another',
        `  receivers    ${serveUrl}/triggers/hubspot, /triggers/deal, /triggers/form, /webhooks/skipup`,
        `  Temporal UI  ${temporalUi ?? 'none'}`,
        `  sandbox      ${sandbox.url}`,
        '',
        'Close the sample deal, as HubSpot would tell it:',
        `  curl -X POST ${sandbox.url}/_sandbox/crm/deals/${ACME_DEAL_ID}/close`,
        ...(config.recovery === undefined
          ? []
          : [
              `Have the sample lead fill in a form; nobody writes to it for ${config.recovery.waitMinutes} minutes, or until it is told to proceed:`,
              `  curl -X POST ${sandbox.url}/_sandbox/crm/contacts/${SAMPLE_LEAD_ID}/submit`,
              `  kickoff leads proceed ${SAMPLE_LEAD_ID}`,
            ]),
        '',
      ].join('\n'),
    );
    await Promise.race([stack.failed, aborted(signal)]);
  } finally {
    output.emit({ type: 'ending' }, 'Ending …');
    await teardown.run();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolveAborted) => {
    if (signal.aborted) resolveAborted();
    signal.addEventListener('abort', () => resolveAborted(), { once: true });
  });
}
