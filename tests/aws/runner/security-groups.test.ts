import assert from "node:assert/strict";
import { test } from "node:test";
import { admissions } from "./security-groups";

const MEMBERS = new Map([
  ["sg-edge", ["10.0.0.7", "10.0.0.5"]],
  ["sg-nobody", []],
]);
const WEB = { FromPort: 8080, ToPort: 8080 };

test("a group admits the members of those that its rules name, and networks, to the ports of the rule", () => {
  const rules = [
    { GroupId: "sg-users", ReferencedGroupInfo: { GroupId: "sg-edge" }, ...WEB },
    { GroupId: "sg-users", ReferencedGroupInfo: { GroupId: "sg-nobody" }, ...WEB },
    { GroupId: "sg-orders", ReferencedGroupInfo: { GroupId: "sg-edge" }, ...WEB },
    { GroupId: "sg-members", CidrIpv4: "10.0.0.0/16", FromPort: 0, ToPort: 65_535 },
  ];
  assert.deepEqual(admissions(["sg-members", "sg-users"], rules, MEMBERS), [
    { from: "10.0.0.0/16", fromPort: 0, toPort: 65_535 },
    { from: "10.0.0.5/32", fromPort: 8080, toPort: 8080 },
    { from: "10.0.0.7/32", fromPort: 8080, toPort: 8080 },
  ]);
});

test("without a rule nobody is admitted", () => {
  assert.deepEqual(admissions(["sg-users"], [], MEMBERS), []);
  assert.deepEqual(admissions([], [{ GroupId: "sg-users", CidrIpv4: "0.0.0.0/0", ...WEB }], MEMBERS), []);
});
