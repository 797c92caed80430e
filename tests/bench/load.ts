import type { Answer, Dialect, Order, UserRange } from "./load_orders.ts";
import { Program } from "./program.ts";

/** One process of the load, and what its users are. */
interface Worker {
  readonly program: Program;
  /** How many users it has. */
  readonly users: number;
  /** How many of them are online. */
  online: number;
  /** Adds and Deletes that its users have been told of. */
  adds: number;
  deletes: number;
}

/** What a load is besides a number of users. */
export interface LoadOptions {
  /** How many are online already, and stay. Default: 0. */
  readonly others?: number;
  /** What its users speak. Default: classic. */
  readonly dialect?: Dialect;
  /** Whether they connect before the time of a ramp begins. Default: false. */
  readonly dialsFirst?: boolean;
}

/**
 * Many users of one server, played by several processes. Each step ends when every user has been
 * told of it; an update that is lost, or comes twice, is an error.
 */
export class Load implements AsyncDisposable {
  readonly #workers: readonly Worker[];
  /** How many are online all the time who are not of the load. */
  readonly #others: number;
  readonly #dialsFirst: boolean;

  private constructor(workers: readonly Worker[], { others = 0, dialsFirst = false }: LoadOptions) {
    this.#workers = workers;
    this.#others = others;
    this.#dialsFirst = dialsFirst;
  }

  /**
   * Starts the processes and has the first user log in, who stays to the end.
   *
   * @param port the server's, on this machine
   * @param users how many, at least one for each process
   */
  static async start(
    port: number,
    users: number,
    processes: number,
    options: LoadOptions = {},
  ): Promise<Load> {
    const { dialect = "classic" } = options;
    const firstOf = (process: number) => Math.floor(users * process / processes);
    const load = new Load(
      Array.from({ length: processes }, (_, process) => ({
        program: new Program("tests/bench/load_worker.ts", [
          `${port}`,
          `${firstOf(process)}`,
          dialect,
        ]),
        users: firstOf(process + 1) - firstOf(process),
        online: 0,
        adds: 0,
        deletes: 0,
      })),
      options,
    );
    try {
      await load.#logIn((worker) =>
        worker === load.#workers[0] ? { from: 0, to: 1 } : none(worker)
      );
    } catch (error) {
      await load[Symbol.asyncDispose]();
      throw error;
    }
    return load;
  }

  /** How many users are online. */
  get online(): number {
    return this.#workers.reduce((sum, { online }) => sum + online, 0);
  }

  /** All who are not online connect, and get their logins ready. */
  async dial(): Promise<void> {
    await this.#carryOut(({ online, users }) => ({ dial: { from: online, to: users } }));
  }

  /**
   * All who are not online log in, as fast as the server takes them.
   *
   * @returns milliseconds until everyone was told of everyone
   */
  async ramp(): Promise<number> {
    if (this.#dialsFirst) await this.dial();
    return await this.#logIn(({ online, users }) => ({ from: online, to: users }));
  }

  /**
   * The last `many` users of a process log out at once.
   *
   * @returns milliseconds until all who stay were told of all who left
   */
  logOut(many: number, process: number): Promise<number> {
    const leaver = this.#workers[process];
    if (leaver === undefined || leaver.online < many) {
      throw new RangeError(`expected ${many} users online in process ${process}`);
    }
    leaver.online -= many;
    for (const worker of this.#workers) worker.deletes += many * worker.online;
    return this.#carryOut((worker) =>
      worker === leaver ? { logout: { from: worker.online, to: worker.online + many } } : {}
    );
  }

  /** All but the first user log out, process by process. */
  async empty(): Promise<void> {
    for (const [process, { online }] of this.#workers.entries()) {
      await this.logOut(process === 0 ? online - 1 : online, process);
    }
  }

  /** Ends the processes, and with them all their users. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map(({ program }) => program[Symbol.asyncDispose]()));
  }

  /** Those online are told of each who comes; those who come, of all. */
  #logIn(who: (worker: Worker) => UserRange): Promise<number> {
    const before = this.online;
    const ranges = new Map(this.#workers.map((worker) => [worker, who(worker)]));
    const coming = [...ranges.values()].reduce((sum, { from, to }) => sum + to - from, 0);
    for (const [worker, { from, to }] of ranges) {
      worker.adds += worker.online * coming + (to - from) * (this.#others + before + coming);
      worker.online += to - from;
    }
    return this.#carryOut((worker) => ({ login: ranges.get(worker) }));
  }

  async #carryOut(
    part: (worker: Worker) => Pick<Order, "dial" | "login" | "logout">,
  ): Promise<number> {
    const answers = await Promise.all(this.#workers.map(async (worker) => {
      const { adds, deletes } = worker;
      const { dial, login, logout } = part(worker);
      await worker.program.send(JSON.stringify({ dial, login, logout, adds, deletes }));
      const answer: Answer = JSON.parse(await worker.program.line());
      if ("error" in answer) throw new Error(`the load failed: ${answer.error}`);
      const acts = isSome(login) || isSome(logout);
      return { start: acts ? answer.start : Infinity, end: answer.end };
    }));
    const start = Math.min(...answers.map(({ start }) => start));
    return Math.max(...answers.map(({ end }) => end)) - start;
  }
}

function none({ online }: Worker): UserRange {
  return { from: online, to: online };
}

function isSome(range: UserRange | undefined): boolean {
  return range !== undefined && range.to > range.from;
}
