import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LaunchPlan, launch, openNull, StepError } from '@nsinit/namespaces';
import { type Call, Fd, format, type Instruction, invoke, Program } from '@nsinit/syscall';
import { describe, expect, it, vi } from 'vitest';
import { foreignNamespaces } from './namespace-set.ts';
import { initFiles } from './program/init.ts';
import { joinFiles } from './program/join.ts';
import { settleProcess } from './program/settings.ts';
import { openPidfd, planFirst, planOther, settleFirst } from './program/start.ts';
import { childrenOf } from './state/proc.ts';
import { capturedProcess, inUserNamespace, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

/** A system call that no kernel has. */
const noSuchCall = 999;
const ENOSYS = 38;

/** A program of which one step asks for a system call that does not exist. */
class FaultyProgram extends Program {
  readonly #index: number;

  constructor({ arch, instructions, data }: Program, index: number) {
    super(arch, instructions, data);
    this.#index = index;
  }

  override encode(reportFd: number): Uint8Array {
    const bytes = super.encode(reportFd).slice();
    const { size, nr } = format.instruction;
    new DataView(bytes.buffer).setUint32(format.header.size + this.#index * size + nr, noSuchCall, true);
    return bytes;
  }
}

/** What came of a launch whose step failed. */
async function launchWithFault(
  plan: LaunchPlan,
  index: number,
  files: Readonly<Record<string, () => Fd>>,
  onCreated: (pid: number) => void = () => {},
): Promise<unknown> {
  using nothing = openNull();
  const faulty = { ...plan, program: new FaultyProgram(plan.program, index) };
  try {
    const launched = await launch(faulty, { stdio: [nothing, nothing, nothing], files, onCreated });
    const outcome = await launched.exited.catch((error: unknown) => error);
    launched.close();
    return outcome;
  } catch (error) {
    return error;
  }
}

/** Lets each step fail in turn. */
async function injectFaults(
  plan: LaunchPlan,
  files: Readonly<Record<string, () => Fd>>,
  onCreated?: (pid: number) => void,
): Promise<void> {
  const { instructions } = plan.program;
  const isCall = (instruction: Instruction): instruction is Call => instruction.op === 'call';
  const cloned = instructions.findIndex((one) => isCall(one) && one.name === 'clone3');
  const outerEnd = instructions.findIndex((one, index) => index > cloned && isCall(one) && one.name === 'exit_group');
  expect(outerEnd).toBeGreaterThan(cloned);
  let reported = 0;
  for (const [index, instruction] of instructions.entries()) {
    // What ends a process must not go on with what is another's, and what works beside the new process cannot be told
    // from it: its failure comes before or after the success of the other.
    const told = isCall(instruction) && instruction.name === 'sendmsg' && index < outerEnd;
    if (!isCall(instruction) || (index > cloned && index <= outerEnd && !told)) continue;
    const outcome = await launchWithFault(plan, index, files, onCreated);
    const about = `step ${index}: ${instruction.name} (${instruction.what ?? ''})`;
    if (outcome instanceof StepError) {
      const named = outcome.step.index === index || outcome.step.op === 'fail';
      expect([about, outcome.message, outcome.errno, named]).toEqual([about, outcome.message, ENOSYS, true]);
      reported++;
    } else {
      // A step that is only taken after an error of another, or whose own error does not matter.
      expect([about, outcome]).toEqual([about, expect.objectContaining({ exitCode: 0 })]);
    }
  }
  expect(reported).toBeGreaterThan(instructions.filter(isCall).length / 2);
}

describe('a step that fails', () => {
  const record = () =>
    new Fd(
      invoke('openat', {
        dirfd: { fd: -100 },
        pathname: join(box().dir, 'record'),
        flags: ['O_RDWR', 'O_CREAT', 'O_TRUNC', 'O_CLOEXEC'],
        mode: 0o600,
      }),
    );

  it.for([true, false])(
    'in the first process is told by its name, and leaves nothing; supervisor: %j',
    async (supervisor, { skip }) => {
      skip(
        inUserNamespace,
        'in a user namespace: the maps of the suite are not written here; the next test has its own',
      );
      const config = box().config({
        oomScoreAdj: 0,
        umask: 0o22,
        noNewPrivileges: true,
        domainname: 'x',
        readonlyFs: true,
      });
      const { process } = capturedProcess(['/bin/true'], {
        user: 'user',
        cwd: '/tmp',
        stdin: null,
        stdout: null,
        stderr: null,
      });
      const { plan } = planFirst(config, settleFirst(config, process), { supervisor });
      await injectFaults(plan, { [initFiles.record.name]: record });
    },
  );

  it('in a user namespace is told by its name, and leaves nothing', async () => {
    const config = box().mapped([{ containerId: 0, hostId: 0, size: 1000 }]);
    const { process } = capturedProcess(['/bin/true']);
    const { plan } = planFirst(config, settleFirst(config, process));
    await injectFaults(plan, { [initFiles.record.name]: record }, (pid) => {
      for (const file of ['uid_map', 'gid_map']) writeFileSync(`/proc/${pid}/${file}`, '0 0 1000');
    });
  });

  it('in a process that joins is told by its name, and leaves the container alone', async () => {
    await box().using(box().config(), async (container) => {
      const init = await start(container, ['sleep', '100']);
      const pid = init.process.pid();
      const { process } = capturedProcess(['/bin/true'], {
        user: '1000',
        cwd: '/tmp',
        stdin: null,
        stdout: null,
        stderr: null,
      });
      const { plan } = planOther(
        container.config(),
        settleProcess(process, container.config(), { passwd: undefined, group: undefined }),
        foreignNamespaces(pid),
      );
      await injectFaults(plan, { [joinFiles.init.name]: () => openPidfd(pid) });
      // The last ones may be on their way.
      await vi.waitFor(async () => expect(await container.processes()).toEqual([pid]), { timeout: 5000, interval: 5 });
      await vi.waitFor(() => expect(childrenOf(globalThis.process.pid)).toHaveLength(1), {
        timeout: 5000,
        interval: 5,
      });
    });
  });
});
