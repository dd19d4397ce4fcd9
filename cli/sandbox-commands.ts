/** `kickoff sandbox`: it starts one; its subcommands steer one that runs. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from './command-context.ts';
import type { ClockChange } from './commands/sandbox-clock.ts';
import type { DeliveryFilters } from './commands/sandbox-deliveries.ts';
import type { JournalOptions } from './commands/sandbox-journal.ts';
import type { ResetOptions } from './commands/sandbox-state.ts';
import type { TriggerOptions } from './commands/sandbox-trigger.ts';
import type { SandboxPlace } from './sandbox-control.ts';

/** What `main.ts` does for every command. */
export interface Registrar {
  command(name: string, description: string): Command;
  portOption(flags: string, about: string, variable: string, fallback: number): Option;
  run(options: { json?: boolean }, work: (context: CommandContext) => Promise<void>): Promise<void>;
}

const DELIVERY_STATUSES = ['pending', 'success', 'failed'];

/** Registers `kickoff sandbox` and all below it. */
export function sandboxCommands({ command, portOption, run }: Registrar): void {
  const sandbox = command('sandbox', 'runs SkipUp’s sandbox alone; its subcommands steer one that runs')
    .addOption(portOption('--port <port>', 'where it answers; 0 = any free one', 'KICKOFF_SANDBOX_PORT', 3100))
    .option('--seed <text>', 'the same seed gives the same ids, replies and times')
    .option('--state <file>', 'keeps its state, so that a restart goes on')
    .option('--fixture <file>', 'members, and how people work and answer: YAML or JSON')
    .addOption(new Option('--scale <times>', 'how many times as fast its clock runs').default(1).argParser(times))
    .allowExcessArguments()
    .action((options) => {
      const [unknown] = sandbox.args;
      if (unknown !== undefined) sandbox.error(`error: unknown command '${unknown}'. See: kickoff sandbox --help`);
      return run(options, async (context) => (await import('./commands/sandbox.ts')).sandbox(context, options));
    });
  const steering = steeringWith(run);
  triggerCommand(sandbox, steering);
  readingCommands(sandbox, steering);
  deliveryCommands(sandbox, steering);
  clockCommands(sandbox, steering);
  faultCommands(sandbox, steering);
  stateCommands(sandbox, steering);
}

/** How commands are made that steer a sandbox which runs. */
interface Steering {
  steer(parent: Command, name: string, description: string, isDefault?: boolean): Command;
  act<Options extends SandboxPlace & { json?: boolean }>(
    of: Command,
    work: (context: CommandContext, options: Options, args: readonly string[]) => Promise<void>,
  ): void;
}

function steeringWith(run: Registrar['run']): Steering {
  return {
    steer: (parent, name, description, isDefault = false) =>
      parent
        .command(name, { isDefault })
        .description(description)
        .option('--json', 'one JSON document per line')
        .option('--url <url>', 'the sandbox; default KICKOFF_SANDBOX_URL, a kickoff dev of this folder, 127.0.0.1:3100')
        .option('--namespace <name>', 'one of several sandboxes in that process; default main'),
    act: <Options extends SandboxPlace & { json?: boolean }>(
      of: Command,
      work: (context: CommandContext, options: Options, args: readonly string[]) => Promise<void>,
    ): void => {
      of.action(() => {
        // What was said before the command's name counts as much as what stands behind it.
        const options = of.optsWithGlobals<Options>();
        return run(options, async (context) => await work(context, options, of.args));
      });
    },
  };
}

function triggerCommand(sandbox: Command, { steer, act }: Steering): void {
  act<TriggerOptions>(
    steer(sandbox, 'trigger', 'makes an event happen, such as meeting_request.booked')
      .argument('<event>', 'meeting_request.…, member.deactivated, form.submitted or meeting.booked')
      .option('--request <id>', 'the meeting request it happens to')
      .option('--member <email>', 'the member it happens to')
      .option('--contact <id>', 'of form.submitted and meeting.booked: the CRM’s contact; default: the sample lead')
      .addOption(
        new Option(
          '--via <sender>',
          'who tells of the form: HubSpot’s subscription, its workflow, or our own form',
        ).choices(['contact', 'object', 'workflow', 'own']),
      )
      .option('--form <name>', 'of form.submitted: the form’s name')
      .option('--to <url>', 'where it is sent; default: the CRM’s webhook URL, or its /triggers/form')
      .option('--secret <secret>', 'with --via own: signs it; default: that of the `kickoff dev` in this folder')
      .option('--organizer <email>', 'of meeting_request.organizer_changed: the new one')
      .option('--notify', 'of meeting_request.cancelled: the participants are told')
      .option('--webhook-only', 'changes nothing and sends the webhook alone: a late, wrong or repeated one')
      .option('--was-booked', 'of meeting_request.cancelled with --webhook-only: as if it had been booked'),
    async (context, options, [event = '']) =>
      (await import('./commands/sandbox-trigger.ts')).triggerEvent(context, event, options),
  );
}

function readingCommands(sandbox: Command, { steer, act }: Steering): void {
  act(
    steer(sandbox, 'transcript', 'shows the conversation of a meeting request').argument('<request>'),
    async (context, options, [id = '']) =>
      (await import('./commands/sandbox-transcript.ts')).sandboxTranscript(context, id, options),
  );
  act<JournalOptions>(
    steer(sandbox, 'journal', 'shows every call, conversation and delivery')
      .option('--follow', 'goes on showing what happens, until Ctrl-C')
      .option('--type <type>', 'only these: api, delivery, meeting_request, conversation, …')
      .addOption(new Option('--after <n>', 'only what comes after this number').argParser(count)),
    async (context, options) => (await import('./commands/sandbox-journal.ts')).sandboxJournal(context, options),
  );
}

function deliveryCommands(sandbox: Command, { steer, act }: Steering): void {
  const group = sandbox.command('deliveries').description('the webhooks on their way and behind');
  const filters = (of: Command) =>
    of
      .option('--endpoint <id>', 'only of this webhook endpoint')
      .option('--event <type>', 'only of this event')
      .option('--since <instant>', 'only those made at this instant (ISO 8601) or later');
  act<DeliveryFilters>(
    filters(steer(group, 'list', 'shows deliveries, newest first', true))
      .addOption(new Option('--status <status>', 'only these').choices(DELIVERY_STATUSES))
      .addOption(new Option('--limit <n>', 'at most so many').default(25).argParser(count)),
    async (context, options) => (await import('./commands/sandbox-deliveries.ts')).sandboxDeliveries(context, options),
  );
  act<DeliveryFilters & { failed?: boolean }>(
    filters(steer(group, 'resend', 'sends one again, or all that the options pick; freshly signed').argument('[id]'))
      .addOption(new Option('--status <status>', 'only these').choices(DELIVERY_STATUSES))
      .option('--failed', 'only those that have failed for good'),
    async (context, { failed, ...options }, [id]) => {
      const { resendDeliveries, resendDelivery } = await import('./commands/sandbox-deliveries.ts');
      if (id !== undefined) await resendDelivery(context, id, options);
      else await resendDeliveries(context, { ...options, ...(failed === true ? { status: 'failed' } : {}) });
    },
  );
}

function clockCommands(sandbox: Command, { steer, act }: Steering): void {
  const group = sandbox.command('clock').description('the time in the sandbox, which drives everything in it');
  const change = (of: Command, changeOf: (argument: string) => ClockChange | undefined) =>
    act(of, async (context, options, [argument = '']) =>
      (await import('./commands/sandbox-clock.ts')).sandboxClock(context, options, changeOf(argument)),
    );
  change(steer(group, 'show', 'shows it, and what is due next', true), () => undefined);
  change(
    steer(group, 'advance', 'moves it forward; what falls due on the way is done').argument(
      '<by>',
      'such as 90m or 2d',
    ),
    (advance) => ({ advance }),
  );
  change(steer(group, 'freeze', 'lets it stand still'), () => ({ frozen: true }));
  change(steer(group, 'thaw', 'lets it run again'), () => ({ frozen: false }));
  change(
    steer(group, 'scale', 'lets it run so many times as fast').argument(
      '<times>',
      'such as 3600: an hour a second',
      times,
    ),
    (factor) => ({ scale: Number(factor) }),
  );
}

function faultCommands(sandbox: Command, { steer, act }: Steering): void {
  const group = sandbox.command('faults').description('what goes wrong on purpose');
  act(steer(group, 'list', 'shows the faults in force', true), async (context, options) =>
    (await import('./commands/sandbox-faults.ts')).listFaults(context, options),
  );
  act(
    steer(group, 'add', 'puts one in force, or several').argument(
      '<fault...>',
      'JSON, or words: status=503 next=2 path=/meeting_requests · delay=2s p=0.1 · webhook_duplicate',
    ),
    async (context, options, words) =>
      (await import('./commands/sandbox-faults.ts')).addFaults(context, words, options),
  );
  act(steer(group, 'clear', 'takes all back, or one').argument('[id]'), async (context, options, [id]) =>
    (await import('./commands/sandbox-faults.ts')).clearFaults(context, id, options),
  );
}

function stateCommands(sandbox: Command, { steer, act }: Steering): void {
  act(
    steer(sandbox, 'snapshot', 'keeps all that the sandbox knows in a file').argument('<file>'),
    async (context, options, [file = '']) =>
      (await import('./commands/sandbox-state.ts')).snapshotSandbox(context, file, options),
  );
  act(steer(sandbox, 'restore', 'puts a kept state back').argument('<file>'), async (context, options, [file = '']) =>
    (await import('./commands/sandbox-state.ts')).restoreSandbox(context, file, options),
  );
  act<ResetOptions>(
    steer(sandbox, 'reset', 'starts it afresh, with the same keys')
      .option('--seed <text>', 'with another seed')
      .option('--keep-clock', 'leaves the clock where it is'),
    async (context, options) => (await import('./commands/sandbox-state.ts')).resetSandbox(context, options),
  );
  act(steer(sandbox, 'namespaces', 'shows the sandboxes in that process'), async (context, options) =>
    (await import('./commands/sandbox-state.ts')).listNamespaces(context, options),
  );
}

function times(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('it is a number above 0.');
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('it is a whole number.');
}
