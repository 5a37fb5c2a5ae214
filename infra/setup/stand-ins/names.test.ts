import assert from "node:assert/strict";
import { test } from "node:test";
import { type ImageName, images } from "../../../components/images";
import { hash, StandInNames } from "./names";
import { standInRecipes } from "./recipes";

test("The hash changes with parts, names, contents and modes, not with their representation", () => {
  const original = hash(["a"], [{ path: "f", content: "x" }]);
  assert.match(original, /^[0-9a-f]{8}$/);
  assert.equal(hash(["a"], [{ path: "f", content: Buffer.from("x"), mode: 0o644 }]), original);
  const changed = [
    hash(["b"], [{ path: "f", content: "x" }]),
    hash(["a"], [{ path: "g", content: "x" }]),
    hash(["a"], [{ path: "f", content: "y" }]),
    hash(["a"], [{ path: "f", content: "x", mode: 0o755 }]),
  ];
  assert.equal(new Set([original, ...changed]).size, 5);
});

test("Every catalogued image has a stand-in that says what it is", () => {
  const names = new StandInNames("amd64", []);
  const versions = {
    node: "22.23.3",
    python: "3.11",
    golang: "1.26.6",
    envoy: "1.36.2",
    etcd: "3.4",
    redis: "7.0",
    consul: "1.22.0",
    rabbitmq: "3.10",
    zookeeper: "3.8",
  };
  for (const name of Object.keys(images) as ImageName[]) {
    assert.match(
      names.of(name),
      new RegExp(`^flotilla.local/stand-in/${name}:${versions[name]}-[0-9a-f]{8}$`),
    );
  }
});

test("Certificates change every stand-in but Debian itself", () => {
  const [plain, trusting] = [new StandInNames("amd64", []), new StandInNames("amd64", ["A"])];
  assert.equal(plain.base, plain.debian);
  assert.equal(trusting.debian, plain.debian);
  assert.notEqual(trusting.base, plain.base);
  for (const name of Object.keys(standInRecipes) as ImageName[]) {
    assert.notEqual(trusting.of(name), plain.of(name));
  }
});

test("Architectures have stand-ins of their own, and npm's words", () => {
  const [amd64, arm64] = [new StandInNames("amd64", []), new StandInNames("arm64", [])];
  assert.notEqual(amd64.of("redis"), arm64.of("redis"));
  assert.deepEqual([amd64.npmArchitecture, arm64.npmArchitecture], ["x64", "arm64"]);
  assert.throws(() => new StandInNames("s390x", []), {
    message: "Stand-ins for images are made for amd64 and arm64; the Docker daemon runs on s390x.",
  });
});
