import assert from "node:assert/strict";
import { test } from "node:test";
import { ecsSettings } from "./ecs-settings";
import { parseSettings } from "./settings";

test("the region is never the machine's own by accident", () => {
  assert.throws(() => parseSettings(ecsSettings, {}), /^Error: flotilla:settings: region must be given/);
});

test("the gateway's port is that of HTTPS where there is a certificate, else that of HTTP", () => {
  const region = "eu-central-1";
  const certificateArn = "arn:aws:acm:eu-central-1:111122223333:certificate/1a2b";
  const port = (settings: object): number => parseSettings(ecsSettings, { region, ...settings }).httpPort;
  assert.equal(port({}), 80);
  assert.equal(port({ expose: "nlb" }), 80);
  assert.equal(port({ expose: { kind: "alb", certificateArn } }), 443);
  assert.equal(port({ expose: { kind: "alb", certificateArn }, httpPort: 8443 }), 8443);
});

test("what a load balancer of the other kind knows is refused, and an unknown field is named", () => {
  const expose = { kind: "nlb", webAclArn: "arn:aws:wafv2:x" };
  assert.throws(() => parseSettings(ecsSettings, { region: "eu-central-1", expose }), /expose/);
  assert.throws(() => parseSettings(ecsSettings, { region: "eu-central-1", zone: 3 }), /zone/);
});
