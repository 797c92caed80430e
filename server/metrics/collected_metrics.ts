import { Counter, Gauge, type Registry } from "prom-client";

type Value = () => number | undefined;

/** Adds metrics whose values are read each time the page is fetched; one that is undefined stays as it is. */
export class CollectedMetrics {
  readonly #registers: [Registry];

  constructor(registry: Registry) {
    this.#registers = [registry];
  }

  readonly gauge = (name: string, help: string, value: Value): void => {
    new Gauge({
      name,
      help,
      registers: this.#registers,
      collect() {
        const now = value();
        if (now !== undefined) this.set(now);
      },
    });
  };

  readonly counter = (name: string, help: string, value: Value): void => {
    new Counter({
      name,
      help,
      registers: this.#registers,
      collect() {
        const now = value();
        if (now === undefined) return;
        this.reset();
        this.inc(now);
      },
    });
  };
}
