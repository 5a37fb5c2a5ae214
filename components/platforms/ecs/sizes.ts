/** CPU and memory of a task. */
export interface TaskSize {
  /** 1024 are one virtual CPU. */
  cpuUnits: number;
  memoryMiB: number;
}

const GIB = 1024;

/** What Fargate offers for each number of CPU units: from, to and in steps of this many MiB. */
const FARGATE: [cpuUnits: number, sizes: number[]][] = [
  [256, [512, 1 * GIB, 2 * GIB]],
  [512, steps(1, 4, 1)],
  [1024, steps(2, 8, 1)],
  [2048, steps(4, 16, 1)],
  [4096, steps(8, 30, 1)],
  [8192, steps(16, 60, 4)],
  [16384, steps(32, 120, 8)],
];

/** Every pair that Fargate takes, the smallest first. */
export const FARGATE_SIZES: TaskSize[] = FARGATE.flatMap(([cpuUnits, sizes]) =>
  sizes.map((memoryMiB) => ({ cpuUnits, memoryMiB })),
);

/** The largest pair. */
export const LARGEST = FARGATE_SIZES.at(-1)!;

/** The cheapest pair that holds what was asked for; undefined where there is none. */
export function fargateSize(asked: TaskSize): TaskSize | undefined {
  return FARGATE_SIZES.find(
    ({ cpuUnits, memoryMiB }) => cpuUnits >= asked.cpuUnits && memoryMiB >= asked.memoryMiB,
  );
}

export function cpuUnits(cpuMillicores: number): number {
  return Math.ceil((cpuMillicores * 1024) / 1000);
}

function steps(from: number, to: number, by: number): number[] {
  return Array.from({ length: (to - from) / by + 1 }, (_, index) => (from + index * by) * GIB);
}
