import assert from "node:assert/strict";
import { test } from "node:test";
import { cpuUnits, FARGATE_SIZES, fargateSize } from "./sizes";

/** As AWS documents it, in GiB. */
const DOCUMENTED: Record<number, number[]> = {
  256: [0.5, 1, 2],
  512: [1, 2, 3, 4],
  1024: [2, 3, 4, 5, 6, 7, 8],
  2048: [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  4096: [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30],
  8192: [16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60],
  16384: [32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120],
};

test("the table is Fargate's whole one", () => {
  const pairs = Object.entries(DOCUMENTED).flatMap(([cpu, sizes]) =>
    sizes.map((gib) => ({ cpuUnits: Number(cpu), memoryMiB: gib * 1024 })),
  );
  assert.deepEqual(FARGATE_SIZES, pairs);
  assert.equal(pairs.length, 74);
});

test("every pair is chosen for exactly itself, and the next one for a little more", () => {
  for (const [index, pair] of FARGATE_SIZES.entries()) {
    assert.deepEqual(fargateSize(pair), pair);
    const more = fargateSize({ ...pair, memoryMiB: pair.memoryMiB + 1 });
    const larger = FARGATE_SIZES.slice(index + 1).find(({ memoryMiB }) => memoryMiB > pair.memoryMiB);
    assert.deepEqual(more, larger);
  }
});

test("whatever is asked for gets a pair that holds it, and no smaller one would", () => {
  for (let cpu = 10; cpu <= 16_000; cpu += 190) {
    for (let memory = 6; memory <= 122_880; memory += 1999) {
      const asked = { cpuUnits: cpuUnits(cpu), memoryMiB: memory };
      const got = fargateSize(asked);
      const holds = (pair: typeof asked): boolean =>
        pair.cpuUnits >= asked.cpuUnits && pair.memoryMiB >= asked.memoryMiB;
      assert(got !== undefined && holds(got), JSON.stringify(asked));
      const before = FARGATE_SIZES.slice(0, FARGATE_SIZES.indexOf(got));
      assert.equal(before.some(holds), false, JSON.stringify({ asked, got }));
    }
  }
});

test("what Fargate cannot hold has no pair", () => {
  assert.equal(fargateSize({ cpuUnits: 16385, memoryMiB: 512 }), undefined);
  assert.equal(fargateSize({ cpuUnits: 256, memoryMiB: 122_881 }), undefined);
});
