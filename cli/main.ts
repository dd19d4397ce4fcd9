#!/usr/bin/env node
/** The `kickoff` command. */
import { Command, InvalidArgumentError, Option } from 'commander';
import * as messages from '../workflows/messages.ts';
import { backfillCommands } from './backfill-commands.ts';
import type { CommandContext } from './command-context.ts';
import { consoleCommands } from './console-commands.ts';
import { EXIT, report } from './errors.ts';
import { leadCommands } from './lead-commands.ts';
import { createOutput } from './output.ts';
import { printableLines } from './printable.ts';
import { sandboxCommands } from './sandbox-commands.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The second time somebody means it.
    if (interrupted.signal.aborted && signal === 'SIGINT') process.exit(EXIT.interrupted);
    interrupted.abort(new Error('interrupted'));
  });
}

const program = new Command('kickoff')
  .description(
    'Schedules implementation kickoffs: a deal closes, the kickoff is booked, the onboarding steps have run.',
  )
  .showSuggestionAfterError()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, '')) })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage));

function command(name: string, description: string, parent: Command = program): Command {
  return parent
    .command(name)
    .description(description)
    .option('--json', 'one JSON document per line')
    .option('--config <file>', 'the configuration file; default kickoff.config.yaml');
}

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new InvalidArgumentError('a port is a number from 0 to 65535; 0 takes any free one.');
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new InvalidArgumentError('a number from 1 to 100000.');
}

function portOption(flags: string, about: string, variable: string, fallback: number): Option {
  return new Option(flags, about).env(variable).default(fallback).argParser(port);
}

/** Runs a command: its errors become one message and an exit code, an interruption ends it in order. */
async function run(options: { json?: boolean }, work: (context: CommandContext) => Promise<void>): Promise<void> {
  const output = createOutput(options.json === true);
  try {
    await work({ env: process.env, cwd: process.cwd(), output, signal: interrupted.signal });
    process.exitCode = EXIT.ok;
  } catch (error) {
    if (interrupted.signal.aborted) {
      process.exitCode = EXIT.interrupted;
    } else {
      const { message, exitCode } = report(error);
      if (output.json) output.emit({ type: 'error', message });
      process.stderr.write(`${printableLines(message)}\n`);
      process.exitCode = exitCode;
    }
  }
  // Everything has been ended in order; a stray timer must not keep anybody waiting.
  process.exit();
}

command('demo', 'shows one whole kickoff on real parts, with a fast clock, and ends by itself')
  .option('--lead', 'shows the recovery of a lead that has filled in a form and booked nothing instead')
  .option('--keep', 'leave everything running at the end, to look around')
  .action((options) => run(options, async (context) => (await import('./commands/demo.ts')).demo(context, options)));

command('dev', 'brings everything up in one process: Temporal, database, sandbox, receivers, worker')
  .addOption(portOption('--port <port>', 'receivers', 'PORT', 3000))
  .addOption(portOption('--sandbox-port <port>', 'sandbox', 'KICKOFF_SANDBOX_PORT', 3100))
  .addOption(portOption('--temporal-port <port>', 'Temporal', 'KICKOFF_TEMPORAL_PORT', 7233))
  .addOption(portOption('--temporal-ui-port <port>', 'Temporal UI', 'KICKOFF_TEMPORAL_UI_PORT', 8233))
  .option('--data-dir <folder>', 'where everything is kept; default .kickoff')
  .action((options) => run(options, async (context) => (await import('./commands/dev.ts')).dev(context, options)));

command('worker', 'runs workflows and activities; any number of times').action((options) =>
  run(options, async (context) => (await import('./commands/worker.ts')).worker(context, options)),
);

command('serve', 'runs the webhook receivers and the relay; any number of times')
  .addOption(new Option('--port <port>', 'receivers; 0 = any free one; default PORT').argParser(port))
  .option('--console-read-only', 'nobody may change anything in the console; as console.readOnly')
  .action((options) => run(options, async (context) => (await import('./commands/serve.ts')).serve(context, options)));

sandboxCommands({ command, portOption, run });

const dealOption = new Option('--deal <id>', 'the deal').makeOptionMandatory();
const workstreamOption = new Option('--workstream <name>', 'one of several kickoffs of the deal');
const kickoffCommand = (name: string, description: string) =>
  command(name, description).addOption(dealOption).addOption(workstreamOption);

command('dispatch', 'shows whom a deal’s kickoff would invite, then starts it by hand')
  .option('--deal <id>', 'the deal, by its id in the CRM')
  .option('--deal-file <file>', 'a whole deal as JSON; - is standard input')
  .option('--crm <name>', 'the CRM that has the deal, where there are several')
  .addOption(workstreamOption)
  .option('--dry-run', 'only show it; nothing is started, nothing written')
  .action((options) =>
    run(options, async (context) => (await import('./commands/dispatch.ts')).dispatch(context, options)),
  );
kickoffCommand('status', 'shows how a kickoff stands').action((options) =>
  run(options, async (context) => (await import('./commands/kickoffs.ts')).status(context, options)),
);
kickoffCommand('cancel', 'cancels a kickoff and its meeting request')
  .requiredOption('--reason <text>', 'why')
  .option('--notify', 'SkipUp tells the participants')
  .action((options) =>
    run(options, async (context) =>
      (await import('./commands/kickoffs.ts')).tellKickoff(context, options, {
        name: 'cancel',
        send: (handle) =>
          handle.executeUpdate(messages.cancel, {
            args: [{ reason: options.reason, notify: options.notify === true }],
          }),
      }),
    ),
  );
for (const [name, description, update] of [
  ['pause', 'pauses the scheduling', messages.pause],
  ['resume', 'goes on with the scheduling', messages.resume],
  ['proceed', 'goes on without whoever is missing', messages.proceed],
] as const) {
  kickoffCommand(name, description).action((options) =>
    run(options, async (context) =>
      (await import('./commands/kickoffs.ts')).tellKickoff(context, options, {
        name,
        send: (handle) => handle.executeUpdate(update),
      }),
    ),
  );
}

kickoffCommand('retry-step', 'runs a failed onboarding step again')
  .requiredOption('--step <id>', 'the step')
  .action((options) =>
    run(options, async (context) =>
      (await import('./commands/kickoffs.ts')).tellKickoff(context, options, {
        name: 'retryStep',
        send: (handle) => handle.executeUpdate(messages.retryStep, { args: [{ id: options.step }] }),
      }),
    ),
  );
kickoffCommand('skip-step', 'lets a failed onboarding step go')
  .requiredOption('--step <id>', 'the step')
  .requiredOption('--reason <text>', 'why')
  .action((options) =>
    run(options, async (context) =>
      (await import('./commands/kickoffs.ts')).tellKickoff(context, options, {
        name: 'skipStep',
        send: (handle) =>
          handle.executeUpdate(messages.skipStep, { args: [{ id: options.step, reason: options.reason }] }),
      }),
    ),
  );

command('hand-over', 'gives what somebody organizes to a colleague: after they have left, or for a holiday')
  .argument('<email>', 'whose kickoffs')
  .option('--to <email>', 'an active SkipUp member; left out: their manager is asked')
  .option('--reason <text>', 'why')
  .option('--dry-run', 'only show what they organize')
  .action((email, options) =>
    run(options, async (context) => (await import('./commands/hand-over.ts')).handOver(context, email, options)),
  );

const registry = program.command('registry').description('the stakeholder registry');
command('import', 'imports a CSV or YAML file, all of it or nothing', registry)
  .argument('<file>')
  .option('--dry-run', 'only show what would change')
  .option('--by <name>', 'who changes it, for the history; default: the user of this machine')
  .option('--remove-missing', 'people of the file’s accounts who are not in it any more are ended (never deleted)')
  .action((file, options) =>
    run(options, async (context) => (await import('./commands/registry.ts')).registryImport(context, file, options)),
  );
command('export', 'writes the registry as a file that the import reads back unchanged', registry)
  .option('--account <id>', 'of one account only')
  .option('--format <format>', 'csv or yaml; default: as the file ends, else csv')
  .option('--out <file>', 'where to; default: standard output')
  .action((options) =>
    run(options, async (context) => (await import('./commands/registry.ts')).registryExport(context, options)),
  );
command('history', 'shows who changed what, the newest first', registry)
  .option('--account <id>', 'of one account')
  .option('--deal <id>', 'of one deal')
  .option('--email <address>', 'of one person')
  .addOption(new Option('--limit <number>', 'at most so many').default(100).argParser(count))
  .action((options) =>
    run(options, async (context) => (await import('./commands/registry.ts')).registryHistory(context, options)),
  );
for (const [name, description, optedOut] of [
  ['opt-out', 'nobody invites this person again', true],
  ['opt-in', 'takes an opting out back', false],
] as const) {
  command(name, description, registry)
    .argument('[address]', 'the person’s e-mail address')
    .option('--account <id>', 'in this account only; default: wherever the address stands, in recoveries too')
    .option('--email <address>', 'the same as the argument')
    .option('--reason <text>', 'why')
    .option('--by <name>', 'who changes it, for the history; default: the user of this machine')
    .action((address, options) =>
      run(options, async (context) =>
        (await import('./commands/registry.ts')).registryOptOut(context, address, options, optedOut),
      ),
    );
}
command('sync', 'takes the CRM’s labelled contacts into the registry, never over what people have entered', registry)
  .option('--deal <id>', 'of one deal')
  .option('--account <id>', 'of every deal of the account that has had a kickoff')
  .option('--crm <name>', 'where the deal is; default: the only CRM that is configured')
  .option('--dry-run', 'only show what would change')
  .option('--by <name>', 'who changes it, for the history; default: the user of this machine')
  .action((options) =>
    run(options, async (context) => (await import('./commands/registry-crm.ts')).registrySync(context, options)),
  );
command('check', 'shows whom a deal would invite, and why', registry)
  .addOption(dealOption)
  .addOption(workstreamOption)
  .option('--crm <name>', 'where the deal is; default: the only CRM that is configured')
  .action((options) =>
    run(options, async (context) => (await import('./commands/registry-crm.ts')).registryCheck(context, options)),
  );

const webhooks = program.command('webhooks').description('the endpoint through which SkipUp tells what happens');
command('ensure', 'makes or mends SkipUp’s endpoint at PUBLIC_URL: every event, switched on; then tests it', webhooks)
  .option('--move <endpoint>', 'an endpoint of this installation’s old address, by its id, to be pointed here')
  .option('--no-test', 'without a test delivery')
  .action((options) =>
    run(options, async (context) => (await import('./commands/webhooks.ts')).ensureWebhooks(context, options)),
  );
command('test', 'has SkipUp send a test delivery and says what came of it', webhooks).action((options) =>
  run(options, async (context) => (await import('./commands/webhooks.ts')).testWebhooks(context, options)),
);
command('list', 'shows every endpoint of the workspace', webhooks).action((options) =>
  run(options, async (context) => (await import('./commands/webhooks.ts')).listWebhooks(context, options)),
);

command('sweep', 'takes in, now, what lost webhooks would have said').action((options) =>
  run(options, async (context) => (await import('./commands/sweep.ts')).sweep(context, options)),
);

backfillCommands({ command, run });
leadCommands({ program, command, run });

command('catch-up', 'takes in, now, the deals that were won and told nobody').action((options) =>
  run(options, async (context) => (await import('./commands/catch-up.ts')).catchUp(context, options)),
);

consoleCommands({ program, command, run });

const schedules = program.command('schedules').description('what happens by the clock');
command('apply', 'makes Temporal’s Schedules match the configuration, and says what differs', schedules)
  .option('--dry-run', 'only show what would change')
  .option('--prune', 'remove those of Kickoff’s that are not configured any more')
  .action((options) =>
    run(options, async (context) => (await import('./commands/schedules.ts')).applySchedules(context, options)),
  );
command('list', 'shows the Schedules: what for, times, last and next', schedules).action((options) =>
  run(options, async (context) => (await import('./commands/schedules.ts')).listSchedules(context, options)),
);
const scheduleIdOption = new Option('--id <schedule>', 'the Schedule, e.g. kickoff-sweep').makeOptionMandatory();
command('pause', 'pauses a Schedule; a run under way goes on', schedules)
  .addOption(scheduleIdOption)
  .option('--note <text>', 'why, for those who look at it later')
  .action((options) =>
    run(options, async (context) => (await import('./commands/schedules.ts')).pauseSchedule(context, options)),
  );
command('resume', 'lets a paused Schedule go on', schedules)
  .addOption(scheduleIdOption)
  .option('--note <text>', 'why, for those who look at it later')
  .action((options) =>
    run(options, async (context) => (await import('./commands/schedules.ts')).resumeSchedule(context, options)),
  );
command('run', 'has a Schedule run now, unless a run is under way', schedules)
  .addOption(scheduleIdOption)
  .action((options) =>
    run(options, async (context) => (await import('./commands/schedules.ts')).runSchedule(context, options)),
  );

command('replay', 'sends a dead or ignored inbox row on its way again')
  .argument('<row>', 'the row’s number')
  .action((row, options) =>
    run(options, async (context) => (await import('./commands/replay.ts')).replay(context, row, options)),
  );

command('doctor', 'tries everything that Kickoff depends on').action((options) =>
  run(options, async (context) => (await import('./commands/doctor.ts')).doctor(context, options)),
);

await program.parseAsync();
