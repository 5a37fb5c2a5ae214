/** The agent's own tests with every registry that it speaks to, under Go's race detector. */
import { test } from "node:test";
import { agentTests, testProgram } from "../program";

test("the agent's tests pass with every kind of registry, free of races", { timeout: 40 * 60_000 }, () =>
  testProgram({
    ...agentTests,
    packages: [...agentTests.packages, "libzookeeper-java", "openjdk-17-jre-headless"],
    tools: [{ image: "consul", path: "/bin/consul" }],
    command: "go vet -tags registries ./... && go test -race -tags registries ./...",
  }),
);
