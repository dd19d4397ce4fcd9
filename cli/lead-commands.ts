import { type Command, InvalidArgumentError, Option } from 'commander';
import * as messages from '../workflows/messages.ts';
import type { CommandContext } from './command-context.ts';

interface Parts {
  program: Command;
  command(name: string, description: string, parent?: Command): Command;
  run(options: { json?: boolean }, work: (context: CommandContext) => Promise<void>): Promise<void>;
}

/** `kickoff leads …`: leads that have filled in a form and booked nothing. */
export function leadCommands({ program, command, run }: Parts): void {
  const leads = program.command('leads').description('leads that have filled in a form and booked nothing');

  command('list', 'lists recoveries, the newest first', leads)
    .option('--phase <phase>', 'only those in this phase')
    .option('--lead <id>', 'only those of one lead')
    .addOption(new Option('--limit <number>', 'at most so many').default(50).argParser(count))
    .action((options) =>
      run(options, async (context) => (await import('./commands/leads.ts')).listLeads(context, options)),
    );
  command('show', 'shows how a lead’s newest recovery stands', leads)
    .argument('<id>', 'the lead’s id, or its recovery’s: lead:<lead>:recovery:<date>')
    .action((id, options) =>
      run(options, async (context) => (await import('./commands/leads.ts')).showLead(context, id, options)),
    );
  command('start', 'takes a lead up by hand, at most once a day', leads)
    .option('--lead <id>', 'the lead, by its id in the CRM')
    .option('--crm <name>', 'the CRM that has the lead, where there are several')
    .option('--file <file>', 'a lead with its form as JSON; - is standard input')
    .option('--form <name>', 'the form, where the CRM does not say')
    .option('--now', 'asks at once, without time to book by itself')
    .action((options) =>
      run(options, async (context) => (await import('./commands/leads.ts')).startLead(context, options)),
    );

  const telling = (name: string, description: string) =>
    command(name, description, leads).argument('<id>', 'the lead’s id, or its recovery’s');
  telling('cancel', 'ends a recovery and its meeting request')
    .requiredOption('--reason <text>', 'why')
    .option('--notify', 'SkipUp tells the lead')
    .action((id, options) =>
      run(options, async (context) =>
        (await import('./commands/leads.ts')).tellLead(context, id, options, {
          name: 'cancel',
          send: (handle) =>
            handle.executeUpdate(messages.cancel, {
              args: [{ reason: options.reason, notify: options.notify === true }],
            }),
        }),
      ),
    );
  telling('change-organizer', 'another member of the SkipUp workspace invites')
    .requiredOption('--email <address>', 'the member')
    .action((id, options) =>
      run(options, async (context) =>
        (await import('./commands/leads.ts')).tellLead(context, id, options, {
          name: 'changeOrganizer',
          send: (handle) => handle.executeUpdate(messages.changeOrganizer, { args: [{ email: options.email }] }),
        }),
      ),
    );
  for (const [name, description, update] of [
    ['pause', 'pauses the scheduling', messages.pause],
    ['resume', 'goes on with the scheduling', messages.resume],
    [
      'proceed',
      'asks at once instead of waiting, or goes on when a person has settled what was missing',
      messages.proceed,
    ],
  ] as const) {
    telling(name, description).action((id, options) =>
      run(options, async (context) =>
        (await import('./commands/leads.ts')).tellLead(context, id, options, {
          name,
          send: (handle) => handle.executeUpdate(update),
        }),
      ),
    );
  }
  telling('retry-step', 'runs a failed step again')
    .requiredOption('--step <id>', 'the step')
    .action((id, options) =>
      run(options, async (context) =>
        (await import('./commands/leads.ts')).tellLead(context, id, options, {
          name: 'retryStep',
          send: (handle) => handle.executeUpdate(messages.retryStep, { args: [{ id: options.step }] }),
        }),
      ),
    );
  telling('skip-step', 'lets a failed step go')
    .requiredOption('--step <id>', 'the step')
    .requiredOption('--reason <text>', 'why')
    .action((id, options) =>
      run(options, async (context) =>
        (await import('./commands/leads.ts')).tellLead(context, id, options, {
          name: 'skipStep',
          send: (handle) =>
            handle.executeUpdate(messages.skipStep, { args: [{ id: options.step, reason: options.reason }] }),
        }),
      ),
    );

  for (const [name, description, out] of [
    ['opt-out', 'nobody writes to this address again', true],
    ['opt-in', 'the address may be written to again', false],
  ] as const) {
    command(name, description, leads)
      .argument('<email>')
      .option('--reason <text>', 'why')
      .option('--by <name>', 'who says so; default: the user of this machine')
      .action((email, options) =>
        run(options, async (context) => (await import('./commands/leads.ts')).optLead(context, email, options, out)),
      );
  }
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new InvalidArgumentError('a number from 1 to 100000.');
}
