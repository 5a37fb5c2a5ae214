import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../tests/problems-of";
import { checkSchedule } from "./schedule";

const END = "59 23 31 12 *";

function refused(more: { start?: string; end?: string; timezone?: string; min?: number }): string[] {
  const schedule = { start: "0 8 * * *", end: END, min: 1, ...more };
  return problemsOf((problems) => checkSchedule(problems, "schedules[0]", schedule, 5));
}

test("times are stars, numbers, ranges, lists and steps", () => {
  const times = ["0 0 1 1 *", "*/15 * * * *", "0,30 8-18/2 * * 1-5", "5/10 * * 1-12 0,6", "0 0 1-31 * *"];
  assert.deepEqual(
    times.flatMap((start) => refused({ start })),
    [],
  );
  assert.deepEqual(refused({ timezone: "Europe/Zurich", min: 5 }), []);
});

test("what is no number of a field is told with the field", () => {
  const wrong: [time: string, field: string, rule: string][] = [
    ["60 * * * *", "60", '"*" or numbers from 0 to 59 as minute, like "0" or "0-59"'],
    ["0 24 * * *", "24", '"*" or numbers from 0 to 23 as hour, like "0" or "0-23"'],
    ["0 8 0 * *", "0", '"*" or numbers from 1 to 31 as day of month, like "1" or "1-31"'],
    ["0 8 * JAN *", "JAN", '"*" or numbers from 1 to 12 as month, like "1" or "1-12"'],
    ["0 8 * * 7", "7", '"*" or numbers from 0 to 6 as day of week, like "0" or "0-6"'],
    ["0 8 * * 5-1", "5-1", '"*" or numbers from 0 to 6 as day of week, like "0" or "0-6"'],
    ["0 8, * * *", "8,", '"*" or numbers from 0 to 23 as hour, like "0" or "0-23"'],
    ["*/0 8 * * *", "*/0", '"*" or numbers from 0 to 59 as minute, like "0" or "0-59"'],
  ];
  for (const [start, field, rule] of wrong) {
    assert.deepEqual(refused({ start }), [
      `schedules[0].start must have ${rule}, got "${start}". Correct "${field}".`,
    ]);
  }
});

test("a time has five fields, one kind of day, and an end of its own", () => {
  const fields = "must have five fields (minute, hour, day of month, month, day of week)";
  assert.deepEqual(refused({ start: "0 8 * *", end: "@daily" }), [
    `schedules[0].start ${fields}, got "0 8 * *". Write one like "0 8 * * 1-5".`,
    `schedules[0].end ${fields}, got "@daily". Write one like "0 18 * * 1-5".`,
  ]);
  assert.deepEqual(refused({ start: "0 8 1 * 1" }), [
    'schedules[0].start must have "*" as day of month or as day of week, got "0 8 1 * 1". Make two schedules of it.',
  ]);
  assert.deepEqual(refused({ start: END }), [
    `schedules[0].end must differ from start, got "${END}". Write when the time ends.`,
  ]);
});

test("the time zone is one that is known, the replicas are some of the range", () => {
  assert.deepEqual(refused({ timezone: "Zurich", min: 0 }), [
    'schedules[0].timezone must be an IANA name, got "Zurich". Write one like "Europe/Zurich".',
    "schedules[0].min must be a whole number from 1 to 5 replicas, got 0. Write 1.",
  ]);
  assert.deepEqual(refused({ min: 6 }), [
    "schedules[0].min must be a whole number from 1 to 5 replicas, got 6. Write 5.",
  ]);
});
