/**
 * What the embedded engine costs: a preview of the shop in which nothing changes, to that of an empty program; and what a
 * resource costs among those of many services, to what it costs among those of a tenth of them. Nothing is made: the docker
 * provider checks and compares as ever, and does the rest on paper. The same by Pulumi's CLI, where it is on the PATH.
 * `npm run bench:engine -- [SERVICES]`
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pulumiIsOnPath } from "../infra/cli/engines/search-path";
import { dockerOnPaper } from "./engine/docker-on-paper";
import { type Cost, measure } from "./engine/process-tree";
import { type ProviderServer, serve } from "./engine/provider-server";
import {
  type BenchEngine,
  type BenchStack,
  configurationFile,
  embeddedEngine,
  emptyStack,
  pulumiEngine,
  repositoryStack,
} from "./engine/stacks";

/** By turns, so that whatever else the machine does hits both sides. */
const TURNS = 5;
const TURNS_OF_FEW = 3;
/** It takes minutes. */
const TURNS_OF_MANY = 1;
const many = Number(process.argv[2] ?? 500);
const few = Math.max(1, Math.round(many / 10));

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function typical(costs: Cost[]): Cost {
  const of = (field: keyof Cost) => median(costs.map((cost) => cost[field]));
  return {
    wallSeconds: of("wallSeconds"),
    cpuSeconds: of("cpuSeconds"),
    programMiB: of("programMiB"),
    engineMiB: of("engineMiB"),
  };
}

function told({ wallSeconds, cpuSeconds, programMiB, engineMiB }: Cost): string {
  const memory = `at most ${programMiB.toFixed(0)} MiB in the program and ${engineMiB.toFixed(0)} beside it`;
  return `${cpuSeconds.toFixed(2)} s of processor time, ${wallSeconds.toFixed(2)} s, ${memory}`;
}

/** A first run makes the stack, and what is compiled once. */
async function begin(engine: BenchEngine, stack: BenchStack): Promise<Cost> {
  if (engine.start) {
    await measure(engine.start(stack));
  }
  return measure(engine.command(stack, "up"));
}

/** Returns what an empty program costs. */
async function compareShop(engine: BenchEngine, empty: BenchStack, shop: BenchStack): Promise<Cost> {
  await begin(engine, empty);
  await begin(engine, shop);
  const costs: Record<"empty" | "shop", Cost[]> = { empty: [], shop: [] };
  for (let turn = 0; turn < TURNS; turn++) {
    costs.empty.push(await measure(engine.command(empty, "preview")));
    costs.shop.push(await measure(engine.command(shop, "preview")));
  }
  const [nothing, all] = [typical(costs.empty), typical(costs.shop)];
  console.log(`${engine.name}, preview of an empty program: ${told(nothing)}`);
  console.log(`${engine.name}, preview of the shop without changes: ${told(all)}`);
  const ratio = (field: keyof Cost) => (all[field] / nothing[field]).toFixed(2);
  console.log(
    `${engine.name}, shop to empty: ${ratio("cpuSeconds")} × the processor time, ${ratio("wallSeconds")} × the time`,
  );
  return nothing;
}

/** What is done with each stack of services, and by which verb. */
const DEEDS = { preview: "preview", up: "up", "preview without changes": "preview" } as const;

type Services = Record<keyof typeof DEEDS, Cost>;

/** Each turn is a stack of its own, since the first preview and the first up happen once. */
async function measureServices(engine: BenchEngine, count: number, turn: number): Promise<Services> {
  const environment = { FLOTILLA_BENCH_SERVICES: String(count) };
  const stack = repositoryStack(stackName(count, turn), "bench/many-services.ts", environment);
  if (engine.start) {
    await measure(engine.start(stack));
  }
  const costs: Partial<Services> = {};
  for (const [deed, verb] of Object.entries(DEEDS) as [keyof Services, "preview" | "up"][]) {
    costs[deed] = await measure(engine.command(stack, verb));
    // At once, since all of them take long.
    console.log(`${engine.name}, ${deed} of ${count} services: ${told(costs[deed])}`);
  }
  return costs as Services;
}

function stackName(services: number, turn: number): string {
  return `bench-engine-${services}-${turn}`;
}

async function compareServices(engine: BenchEngine, empty: Cost, states: string): Promise<void> {
  const ofFew: Services[] = [];
  const ofMany: Services[] = [];
  for (let turn = 0; turn < TURNS_OF_FEW; turn++) {
    ofFew.push(await measureServices(engine, few, turn));
    if (ofMany.length < TURNS_OF_MANY) {
      ofMany.push(await measureServices(engine, many, turn));
    }
  }
  for (const deed of Object.keys(DEEDS) as (keyof Services)[]) {
    const sides = [
      { services: few, measured: ofFew },
      { services: many, measured: ofMany },
    ].map(({ services, measured }) => {
      const resources = resourcesOf(states, stackName(services, 0));
      return { services, resources, cost: typical(measured.map((each) => each[deed])) };
    });
    const ratio = (field: keyof Cost, base = 0) => {
      const [one, other] = sides.map(({ resources, cost }) => (cost[field] - base) / resources);
      return (other / one).toFixed(2);
    };
    const each = sides.map(
      ({ resources, cost }) => `${((cost.cpuSeconds / resources) * 1000).toFixed(1)} ms`,
    );
    console.log(
      `${engine.name}, ${deed}, a resource of ${many} services (${sides[1].resources}) to one of ${few} (${sides[0].resources}): ` +
        `${each[1]} to ${each[0]}, ${ratio("cpuSeconds")} × the processor ` +
        `time (${ratio("cpuSeconds", empty.cpuSeconds)} × without what an empty program takes), ` +
        `${ratio("programMiB")} × the memory in the program, ${ratio("engineMiB")} × beside it`,
    );
  }
}

function resourcesOf(states: string, stack: string): number {
  const file = path.join(states, ".pulumi/stacks/flotilla", `${stack}.json`);
  return JSON.parse(fs.readFileSync(file, "utf8")).checkpoint.latest.resources.length;
}

async function main(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-bench-"));
  const shop = repositoryStack("bench-engine-shop", "stacks/shop.ts");
  const empty = emptyStack(path.join(folder, "empty"));
  let server: ProviderServer | undefined;
  try {
    const states = { ours: path.join(folder, "embedded"), theirs: path.join(folder, "pulumi") };
    const engines: [BenchEngine, string][] = [[embeddedEngine(states.ours), states.ours]];
    if (pulumiIsOnPath(process.env, process.platform)) {
      server = await serve(await dockerOnPaper({}));
      engines.push([pulumiEngine(states.theirs, server.port), states.theirs]);
    }
    for (const [engine, place] of engines) {
      const nothing = await compareShop(engine, empty, shop);
      await compareServices(engine, nothing, place);
    }
  } finally {
    server?.close();
    const turns = Array.from({ length: TURNS_OF_FEW }, (_, turn) => turn);
    const names = [few, many].flatMap((count) => turns.map((turn) => stackName(count, turn)));
    for (const name of ["bench-engine-shop", ...names]) {
      fs.rmSync(configurationFile(name), { force: true });
    }
    fs.rmSync(folder, { recursive: true });
  }
}

void main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
