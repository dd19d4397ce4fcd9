import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from './command-context.ts';

/** How `main.ts` makes a command and runs it. */
interface BackfillParts {
  command(name: string, description: string, parent?: Command): Command;
  run(options: { json?: boolean }, work: (context: CommandContext) => Promise<void>): Promise<void>;
}

/** `kickoff backfill`, and what is asked of one that runs. */
export function backfillCommands({ command, run }: BackfillParts): void {
  const wholeNumber = (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value > 0) return value;
    throw new InvalidArgumentError('it is a whole number above 0.');
  };
  const rateOption = (flags: string) =>
    new Option(flags, 'so many started per minute, at most; 1 to 100,000').argParser(wholeNumber);
  const backfill = command(
    'backfill',
    'starts kickoffs for won deals that closed before and never had one, or recoveries for leads',
  )
    // What stands behind a subcommand is the subcommand's.
    .enablePositionalOptions()
    .addOption(new Option('--crm <name>', 'whose deals or leads').choices(['hubspot', 'salesforce', 'pipedrive']))
    .option('--closed-after <date>', 'from this day (UTC) or instant on')
    .option('--closed-before <date>', 'before this day (UTC) or instant; default: now')
    .option('--leads', 'leads that have filled in a form and booked nothing, in the place of deals')
    .option('--submitted-after <date>', 'of leads: who has filled in a form from this day (UTC) or instant on')
    .option('--submitted-before <date>', 'of leads: before this day (UTC) or instant; default: now')
    .option('--pipeline <id...>', 'only of these pipelines, by the CRM’s ids; default: those of the configuration')
    .addOption(new Option('--limit <n>', 'at most so many are started').argParser(wholeNumber))
    .addOption(rateOption('--rate <n>'))
    .option('--dry-run', 'only count and name what it would start')
    .option('--detach', 'do not wait for it')
    .action((options) =>
      run(options, async (context) => (await import('./commands/backfill.ts')).backfill(context, options)),
    );
  const idOption = new Option('--id <workflow>', 'which one; default: the only one that runs');
  command('status', 'shows how a backfill stands', backfill)
    .addOption(idOption)
    .action((options) =>
      run(options, async (context) => (await import('./commands/backfill.ts')).backfillStatus(context, options)),
    );
  for (const [name, description] of [
    ['pause', 'pauses a backfill after the batch that is running'],
    ['resume', 'goes on with it'],
  ] as const) {
    command(name, description, backfill)
      .addOption(idOption)
      .action((options) =>
        run(options, async (context) =>
          (await import('./commands/backfill.ts')).tellBackfill(context, options, { name }),
        ),
      );
  }
  command('cancel', 'ends a backfill; what it has started goes on', backfill)
    .addOption(idOption)
    .requiredOption('--reason <text>', 'why')
    .action((options) =>
      run(options, async (context) =>
        (await import('./commands/backfill.ts')).tellBackfill(context, options, {
          name: 'cancel',
          reason: options.reason,
        }),
      ),
    );
  command('rate', 'changes how many a backfill starts per minute', backfill)
    .addOption(idOption)
    .addOption(rateOption('--per-minute <n>').makeOptionMandatory())
    .action((options) =>
      run(options, async (context) =>
        (await import('./commands/backfill.ts')).tellBackfill(context, options, {
          name: 'rate',
          perMinute: options.perMinute,
        }),
      ),
    );
}
