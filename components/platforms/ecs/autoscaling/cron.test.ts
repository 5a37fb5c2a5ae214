import assert from "node:assert/strict";
import { test } from "node:test";
import { awsCron } from "./cron";

const TIMES: [time: string, aws: string][] = [
  ["0 8 * * 1-5", "cron(0 8 ? * MON,TUE,WED,THU,FRI *)"],
  ["30 22 * * *", "cron(30 22 * * ? *)"],
  ["0 0 1 * *", "cron(0 0 1 * ? *)"],
  ["*/15 * * * *", "cron(0,15,30,45 * * * ? *)"],
  ["5/20 6-8 * * *", "cron(5,25,45 6,7,8 * * ? *)"],
  ["0 12 1,15 1-12/6 *", "cron(0 12 1,15 1,7 ? *)"],
  ["0 9 * * 0,6", "cron(0 9 ? * SUN,SAT *)"],
  ["59 23 31 12 *", "cron(59 23 31 12 ? *)"],
];

for (const [time, aws] of TIMES) {
  test(`${time} is ${aws}`, () => assert.equal(awsCron(time), aws));
}
