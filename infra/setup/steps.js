/**
 * Names and times what set-up does: a spinner on a terminal, plain lines otherwise.
 *
 * Plain JavaScript, since it runs before `node_modules` is there.
 */
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMilliseconds = 100;

/**
 * @typedef {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} StepStream
 * @typedef {{ name: string, detail: string, startedAt: number }} ActiveStep
 */

/** Reports steps, several at once if need be, on one stream. */
class Steps {
  /** @type {Set<ActiveStep>} */
  #active = new Set();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #frame = 0;
  #stream;
  #live;
  #coloured;
  #now;

  /**
   * @param {StepStream} stream
   * @param {Record<string, string | undefined>} environment
   * @param {() => number} now a clock in milliseconds
   */
  constructor(stream, environment, now = () => performance.now()) {
    const inCi = environment.CI !== undefined && environment.CI !== "" && environment.CI !== "false";
    this.#stream = stream;
    this.#live = stream.isTTY === true && !inCi && environment.TERM !== "dumb";
    this.#coloured = this.#live && !environment.NO_COLOR;
    this.#now = now;
  }

  /**
   * Does `work` as the step `name`; what `work` reports is shown beside the spinner.
   *
   * @template T
   * @param {string} name
   * @param {(report: (detail: string) => void) => T | Promise<T>} work
   * @returns {Promise<T>}
   */
  async run(name, work) {
    const step = { name, detail: "", startedAt: this.#now() };
    this.#begin(step);
    try {
      const result = await work((detail) => {
        step.detail = detail.trim();
      });
      this.#end(step, true);
      return result;
    } catch (error) {
      this.#end(step, false);
      throw error;
    }
  }

  /** @param {ActiveStep} step */
  #begin(step) {
    this.#active.add(step);
    if (!this.#live) {
      this.#stream.write(`${step.name} …\n`);
      return;
    }
    this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), frameMilliseconds).unref();
  }

  /**
   * @param {ActiveStep} step
   * @param {boolean} succeeded
   */
  #end(step, succeeded) {
    this.#active.delete(step);
    const time = seconds(this.#now() - step.startedAt);
    if (!this.#live) {
      this.#stream.write(`${step.name}: ${succeeded ? "done in" : "failed after"} ${time}\n`);
      return;
    }
    const mark = succeeded ? this.#paint(32, "✔") : this.#paint(31, "✖");
    this.#stream.write(`\r\x1b[K${mark} ${step.name} ${this.#paint(2, time)}\n`);
    if (this.#active.size > 0) {
      this.#draw();
    } else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #draw() {
    const frame = frames[this.#frame++ % frames.length];
    const steps = [...this.#active].map((step) => {
      const time = seconds(this.#now() - step.startedAt);
      return step.detail === "" ? `${step.name} ${time}` : `${step.name} ${time}: ${step.detail}`;
    });
    const width = (this.#stream.columns ?? 80) - 3;
    const line = steps.join(" · ").slice(0, width);
    this.#stream.write(`\r\x1b[K${this.#paint(36, frame)} ${line}`);
  }

  /**
   * @param {number} code an ANSI style
   * @param {string | undefined} text
   */
  #paint(code, text) {
    return this.#coloured ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}

/** @param {number} milliseconds */
function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

const steps = new Steps(process.stderr, process.env);

/**
 * Does one named, timed step of set-up, reported on the standard error stream.
 *
 * @template T
 * @param {string} name
 * @param {(report: (detail: string) => void) => T | Promise<T>} work
 */
function step(name, work) {
  return steps.run(name, work);
}

module.exports = { Steps, step };
