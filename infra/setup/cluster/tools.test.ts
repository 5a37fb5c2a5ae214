import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { loadCommand, startCluster, stopCluster } from "./cluster";
import { places } from "./places";
import { renameContext, startWithAny } from "./tools";

let folder: string;
let messages: string[];
let environment: { PATH?: string; XDG_CACHE_HOME?: string };

/** Finds only the programs that a test has put there, and the shell's own. */
function isolate() {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-tools-"));
  const { PATH, XDG_CACHE_HOME } = process.env;
  environment = { PATH, XDG_CACHE_HOME };
  Object.assign(process.env, { PATH: `${folder}:/usr/bin:/bin`, XDG_CACHE_HOME: path.join(folder, "cache") });
  messages = [];
  mock.method(console, "error", (text: string) => messages.push(text));
}

function restore() {
  mock.restoreAll();
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) {
      delete process.env[name];
    } else {
      process.env[name] = value;
    }
  }
  fs.rmSync(folder, { recursive: true });
}

/** Puts a program on the PATH that notes its arguments and then does as the script says. */
function fake(name: string, script: string) {
  const file = path.join(folder, name);
  fs.writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> ${folder}/calls\n${script}\n`, { mode: 0o755 });
}

function calls(): string[] {
  return fs.readFileSync(path.join(folder, "calls"), "utf8").trim().split("\n");
}

const kubeconfig = JSON.stringify({
  clusters: [{ name: "kind-flotilla", cluster: { server: "https://127.0.0.1:1" } }],
  contexts: [{ name: "kind-flotilla", context: { cluster: "kind-flotilla", user: "kind-flotilla" } }],
  users: [{ name: "kind-flotilla", user: {} }],
  "current-context": "kind-flotilla",
});
const writesKubeconfig = `if [ "$1" != delete ]; then echo '${kubeconfig}' > "$KUBECONFIG"; fi`;

describe("Tools that bring a cluster up", () => {
  beforeEach(isolate);
  afterEach(restore);

  test("A tool that is there brings the cluster up, its context is called as ours, and it takes it down", async () => {
    fake("kind", writesKubeconfig);
    assert.deepEqual(await startCluster(), { start: "started", tool: "kind" });
    const written = fs.readFileSync(places().kubeconfig, "utf8");
    assert.match(written, /^current-context: flotilla$/m);
    assert.match(written, /^ {2}- name: flotilla$/m);
    assert.deepEqual(loadCommand().slice(0, 4), [
      "docker",
      "exec",
      "--interactive",
      "flotilla-control-plane",
    ]);
    await stopCluster();
    assert.deepEqual(calls(), [
      "kind create cluster --name flotilla --wait 120s",
      "kind delete cluster --name flotilla",
    ]);
    assert.equal(fs.existsSync(places().kubeconfig), false);
    assert.deepEqual(loadCommand().slice(0, 2), ["ctr", "--address"]);
  });

  test("A tool that cannot have its image is tidied up after, told in one line, and the next one is taken", async () => {
    fake("kind", 'if [ "$1" = create ]; then echo "failed to pull image" >&2; exit 1; fi');
    fake("minikube", writesKubeconfig);
    assert.equal((await startWithAny())?.name, "minikube");
    assert.deepEqual(calls(), [
      "kind create cluster --name flotilla --wait 120s",
      "kind delete cluster --name flotilla",
      "minikube start --profile flotilla --addons metrics-server --embed-certs",
    ]);
    assert.deepEqual(messages, [
      "kind cannot bring a cluster up here (failed to pull image), so another way is taken.",
    ]);
  });

  test("Where no tool can, none is taken", async () => {
    fake("k3d", "exit 1");
    assert.equal(await startWithAny(), undefined);
    assert.equal(messages.length, 1);
  });

  test("A cluster of a tool that does not answer is said to be so", async () => {
    fake("kind", writesKubeconfig);
    await startCluster();
    await assert.rejects(startCluster(), {
      message:
        'The cluster that kind has made does not answer. Run "npm run cluster:down", then "npm run cluster".',
    });
  });

  test("Other contexts of a kubeconfig keep their names", () => {
    const text = renameContext(
      "contexts: [{name: a, context: {}}, {name: b, context: {}}]\ncurrent-context: b\n",
    );
    assert.equal(
      text,
      "contexts:\n  - name: a\n    context: {}\n  - name: flotilla\n    context: {}\ncurrent-context: flotilla\n",
    );
  });
});
