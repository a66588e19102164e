import type { Fd } from '@nsinit/syscall';

/**
 * Places where criu stops and asks. Dump: `pre-dump`, `network-lock`, `network-unlock`, `query-ext-files`,
 * `post-dump`. Restore: `pre-restore`, `setup-namespaces`, `post-setup-namespaces`, `orphan-pts-master`,
 * `network-unlock`, `post-restore`, `pre-resume`, `post-resume`. A newer criu may have more.
 */
export type NotificationScript =
  | 'pre-stream'
  | 'pre-dump'
  | 'post-dump'
  | 'pre-restore'
  | 'post-restore'
  | 'network-lock'
  | 'network-unlock'
  | 'setup-namespaces'
  | 'post-setup-namespaces'
  | 'pre-resume'
  | 'post-resume'
  | 'orphan-pts-master'
  | 'status-ready'
  | 'query-ext-files';

/**
 * One of criu's questions. It waits for the answer, and everything stands still meanwhile.
 */
export class CriuNotification {
  /** Where criu is. */
  readonly script: NotificationScript | (string & {});
  /** The root of the restored tree as this process sees it: with `setup-namespaces` and `post-restore`. */
  readonly pid: number | undefined;
  #fd: Fd | undefined;
  #answered = false;
  readonly #answer: (success: boolean, external: readonly string[]) => void;

  /** @internal */
  constructor(
    script: string,
    pid: number | undefined,
    fd: Fd | undefined,
    answer: (success: boolean, external: readonly string[]) => void,
  ) {
    this.script = script;
    this.pid = pid;
    this.#fd = fd;
    this.#answer = answer;
  }

  /** Whether criu has its answer. */
  get answered(): boolean {
    return this.#answered;
  }

  /**
   * The descriptor that came along, for the caller to keep: with `orphan-pts-master` the terminal's master. Undefined
   * when there is none or when it was taken; one that nobody takes is closed with the answer.
   */
  takeFd(): Fd | undefined {
    const fd = this.#fd;
    this.#fd = undefined;
    return fd;
  }

  /**
   * Lets criu go on.
   *
   * @param external for `query-ext-files`: more external objects, as of the option `external`.
   * @throws when it was answered before.
   */
  accept(external: readonly string[] = []): void {
    this.#respond(true, external);
  }

  /**
   * Makes criu give up: a dumped tree runs on, a restored one is gone again.
   *
   * @throws when it was answered before.
   */
  refuse(): void {
    this.#respond(false, []);
  }

  #respond(success: boolean, external: readonly string[]): void {
    if (this.#answered) throw new Error(`the notification ${this.script} was answered before`);
    this.#answered = true;
    this.takeFd()?.close();
    this.#answer(success, external);
  }
}
