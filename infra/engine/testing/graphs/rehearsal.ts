/**
 * Drives the engine through a scenario of random programs, and holds every run against what it must come to.
 */
import assert from "node:assert/strict";
import { Deployment } from "../../deployment/deployment";
import { emptyGoal, type Goal } from "../../deployment/goal";
import { Reporter } from "../../deployment/reporter";
import { STACK_TYPE } from "../../deployment/urn";
import type { ResourceRecord, Snapshot } from "../../state/records";
import { verifyIntegrity } from "../../state/verify";
import { Cloud, randomNumbers, TYPES } from "./cloud";
import { foresee } from "./foresight";
import { Author, needs, type Program, type RunPlan, type Scenario, type Spec } from "./programs";
import { Watch } from "./watch";

/** A state in memory, checked before each write as the one on disk is. */
class MemoryStore {
  private written = JSON.stringify({ resources: [], pendingOperations: [] });

  load(): Snapshot {
    return JSON.parse(this.written);
  }

  async save(snapshot: () => Snapshot): Promise<void> {
    await Promise.resolve();
    const taken = snapshot();
    verifyIntegrity(taken.resources);
    this.written = JSON.stringify(taken);
  }
}

interface Outcome {
  errors: string[];
  /** A call of the cloud failed, as it was told to. */
  hasFailed: boolean;
}

class Rehearsal {
  private readonly cloud: Cloud;
  private readonly watch: Watch;
  private readonly store = new MemoryStore();
  /** The URNs that each key has had. */
  private readonly urns = new Map<string, Set<string>>();
  /** What the last run left; undefined after one that did not come to its end. */
  private before: Program | undefined = [];

  constructor(jitter: number) {
    this.cloud = new Cloud(randomNumbers(jitter));
    this.watch = new Watch(this.cloud);
    this.cloud.observer = this.watch;
  }

  /** Runs the program until it is done, by a second run where something fails in the first one. */
  async up(program: Program, { parallel, failure }: Omit<RunPlan, "edits">): Promise<Program> {
    const first = await this.once(program, parallel, failure);
    if (first.errors.length === 0) return program;
    const second = await this.once(program, parallel, undefined);
    if (second.errors.length === 0) return program;
    // Something is protected, then: the user takes that off, in the program and in the state.
    const open = program.map((spec) => ({ ...spec, protect: false }));
    await this.unprotect();
    assert.deepEqual((await this.once(open, parallel, undefined)).errors, []);
    return open;
  }

  async destroy(parallel: number): Promise<void> {
    const isProtected = this.resources().some(({ protect }) => protect);
    if (isProtected) {
      const refused = await this.run([], parallel, undefined, (deployment) => deployment.removeRemaining());
      assert.match(refused.errors.join(), /protected/);
      assert.equal(this.watch.calls.size, 0);
      await this.unprotect();
    }
    const { errors } = await this.run([], parallel, undefined, (deployment) => deployment.removeRemaining());
    assert.deepEqual(errors, []);
    this.checkState([]);
  }

  /** As `pulumi state unprotect --all` does. */
  private async unprotect(): Promise<void> {
    const { resources, pendingOperations } = this.store.load();
    const open = resources.map((resource) => ({ ...resource, protect: undefined }));
    await this.store.save(() => ({ resources: open, pendingOperations }));
    this.watch.unprotect();
  }

  private async once(program: Program, parallel: number, failure: RunPlan["failure"]): Promise<Outcome> {
    const { before } = this;
    this.before = undefined;
    const outcome = await this.run(program, parallel, failure, (deployment) =>
      this.register(deployment, program),
    );
    const foresight = before && foresee(before, program, this.watch.deletedFirst);
    if (outcome.errors.length > 0) {
      const isRefusal = outcome.errors.some((error) => /protected/.test(error));
      assert.ok(outcome.hasFailed || isRefusal, `The run failed by itself: ${outcome.errors}`);
      if (!outcome.hasFailed && foresight) assert.ok(foresight.mayRefuse, `refused: ${outcome.errors}`);
      return outcome;
    }
    if (foresight) {
      assert.deepEqual(foresight.problems, []);
      const calls = Object.fromEntries(this.watch.calls);
      const expected: typeof calls = {};
      const { actions, deletes } = foresight;
      for (const { key, kind } of [...before, ...program]) {
        if (kind === "group") continue;
        const action = actions.get(key);
        const made = action === "create" || action === "replace" ? 1 : 0;
        const counts = { create: made, update: action === "update" ? 1 : 0, delete: deletes.get(key) ?? 0 };
        if (Object.values(counts).some((count) => count > 0)) expected[key] = counts;
      }
      assert.deepEqual(calls, expected);
    }
    this.checkState(program);
    this.before = program;
    return outcome;
  }

  private async run(
    program: Program,
    parallel: number,
    failure: RunPlan["failure"],
    act: (deployment: Deployment) => Promise<void>,
  ): Promise<Outcome> {
    this.cloud.failure = failure && { ...failure };
    this.cloud.hasFailed = false;
    this.watch.begin(program, parallel);
    if (program.length === 0) this.watch.finish();
    const reporter = new Reporter((event) => this.watch.heard(event));
    const deployment = new Deployment({
      ...{ project: "test", stack: "s", directory: "/", preview: false, parallel, configuration: {} },
      factories: { fake: () => this.cloud },
      store: this.store,
      reporter,
      host: {
        environment: {},
        address: () => Promise.reject(new Error("There is no program.")),
        readStack: async (reference) => ({ name: reference }),
      },
      signal: new AbortController().signal,
    });
    await deployment.recover();
    await act(deployment);
    assert.deepEqual(this.watch.violations, []);
    this.checkNothingIsLost();
    const errors = reporter.diagnostics.map(({ urn, message }) => `${urn}: ${message}`);
    return { errors, hasFailed: this.cloud.hasFailed };
  }

  /** As the SDK does: each resource once it has what it takes of others, and all at once otherwise. */
  private async register(deployment: Deployment, program: Program): Promise<void> {
    const { lifecycle, registrar } = deployment;
    const answered = new Map<string, Promise<ResourceRecord>>();
    const send = (goal: Goal) => lifecycle.answer(() => registrar.register(goal));
    await send({ ...emptyGoal(STACK_TYPE, "test-s"), custom: false });
    for (const spec of program) this.nameOf(spec, program);
    for (const spec of program) {
      const register = async () => {
        const found = await Promise.all(
          needs(spec).map(async (key) => [key, await answered.get(key)!] as const),
        );
        this.watch.sent(spec);
        const resource = await send(this.goalOf(spec, program, new Map(found)));
        this.watch.settled(spec, resource.id);
        return resource;
      };
      answered.set(spec.key, register());
    }
    await Promise.race([Promise.all(answered.values()), lifecycle.stopped]);
    await lifecycle.idle();
    this.watch.finish();
    await deployment.finish();
  }

  private goalOf(spec: Spec, program: Program, found: Map<string, ResourceRecord>): Goal {
    const { key, name, kind, parent, soft, hard, after, deletedWith, value, immutable } = spec;
    const urns = (keys: string[]) => keys.map((each) => found.get(each)!.urn);
    const isGroup = kind === "group";
    const properties = {
      ...{ key, value, immutable },
      soft: soft.map((each) => found.get(each)!.outputs.stamp),
      hard: hard.map((each) => found.get(each)!.id),
    };
    return {
      ...emptyGoal(TYPES[kind], name),
      ...{ custom: !isGroup, parent: parent ? found.get(parent)!.urn : "" },
      inputs: isGroup ? {} : properties,
      dependencies: urns([...soft, ...hard, ...after]),
      propertyDependencies: isGroup ? {} : { soft: urns(soft), hard: urns(hard) },
      ...{
        protect: spec.protect,
        retainOnDelete: spec.retain,
        deleteBeforeReplace: spec.deleteBeforeReplace,
      },
      deletedWith: deletedWith ? found.get(deletedWith)!.urn : "",
      aliases: this.aliasesOf(spec, program),
    };
  }

  /** By its former name alone where that is enough, as programs mostly write it, else by the whole URN. */
  private aliasesOf(spec: Spec, program: Program): Goal["aliases"] {
    const own = this.nameOf(spec, program);
    const former = [...this.urns.get(spec.key)!].filter((urn) => urn !== own);
    return former.map((urn) => {
      const [path, name] = urn.split(/::(?=[^:]*$)/);
      if (!own.startsWith(`${path}::`)) return urn;
      return { name, type: "", stack: "", project: "", parent: "", noParent: false };
    });
  }

  private nameOf(spec: Spec, program: Program): string {
    const types: string[] = [];
    for (let each: Spec | undefined = spec; each; each = program.find(({ key }) => key === each!.parent)) {
      types.unshift(TYPES[each.kind]);
    }
    const urn = `urn:pulumi:s::test::${types.join("$")}::${spec.name}`;
    this.urns.set(spec.key, (this.urns.get(spec.key) ?? new Set()).add(urn));
    return urn;
  }

  private resources(): ResourceRecord[] {
    return this.store.load().resources.filter(({ type }) => Object.values(TYPES).includes(type));
  }

  /** What the cloud has is in the state, or was left there on purpose. */
  private checkNothingIsLost(): void {
    const known = new Set(this.resources().map(({ id }) => id));
    const lost = [...this.cloud.objects.keys()].filter((id) => !known.has(id) && !this.watch.left.has(id));
    assert.deepEqual(lost, [], "is in the cloud and not in the state");
  }

  /** State and cloud are as the program says, and nothing is left to do. */
  private checkState(program: Program): void {
    const current = (key: string) => this.watch.current.get(key)!;
    const urns = new Map(program.map((spec) => [spec.key, this.nameOf(spec, program)]));
    const expected = program.map((spec) => {
      const on = [...spec.soft, ...spec.hard, ...spec.after].map((key) => urns.get(key)!);
      return {
        urn: urns.get(spec.key),
        id: spec.kind === "group" ? undefined : current(spec.key),
        parent: spec.parent ? urns.get(spec.parent) : "urn:pulumi:s::test::pulumi:pulumi:Stack::test-s",
        on: [...new Set(on)].sort(),
        ...{ deletedWith: spec.deletedWith && urns.get(spec.deletedWith), marks: [] as string[] },
      };
    });
    const stored = this.resources().map(({ urn, id, parent, dependencies, deletedWith, ...more }) => ({
      ...{ urn, id, parent, on: [...(dependencies ?? [])].sort(), deletedWith },
      marks: ["delete", "pendingReplacement", "initErrors"].filter(
        (mark) => mark in more && more[mark as "delete"],
      ),
    }));
    const byUrn = (one: { urn?: string }, other: { urn?: string }) => (one.urn! < other.urn! ? -1 : 1);
    assert.deepEqual(stored.sort(byUrn), expected.sort(byUrn));
    assert.deepEqual(this.store.load().pendingOperations, []);
    for (const { key, kind, value, immutable, hard } of program) {
      if (kind === "group") continue;
      const { soft: _, ...inputs } = this.cloud.objects.get(current(key))?.inputs ?? {};
      assert.deepEqual(inputs, { key, value, immutable, hard: hard.map(current) });
    }
    const wanted = program.filter(({ kind }) => kind !== "group").map(({ key }) => current(key));
    const extra = [...this.cloud.objects.keys()].filter(
      (id) => !wanted.includes(id) && !this.watch.left.has(id),
    );
    assert.deepEqual(extra, [], "is still in the cloud");
  }
}

/** Plays a scenario: a first program, its edits one run after the other, once more without any, and its end. */
export async function rehearse({ drafts, runs, jitter }: Scenario): Promise<void> {
  const author = new Author();
  const rehearsal = new Rehearsal(jitter);
  let program = author.begin(drafts);
  for (const { edits, ...plan } of runs) {
    program = await rehearsal.up(program, plan);
    for (const edit of edits) program = author.edit(program, edit);
  }
  const plan = { parallel: runs.at(-1)!.parallel, failure: undefined };
  program = await rehearsal.up(program, plan);
  await rehearsal.up(program, plan);
  await rehearsal.destroy(plan.parallel);
}
