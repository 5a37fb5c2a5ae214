import assert from "node:assert/strict";
import { after, before, beforeEach, suite, test } from "node:test";
import { PartialCreateError, type Properties, type Provider, UNKNOWN } from "../../provider";
import type { StoredState } from "./resource";
import { callAbout, FakeApi } from "./testing/fake-api";

const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const SETTINGS_PATH = "/api/v1/namespaces/shop/configmaps/settings";
const USERS_PATH = "/apis/apps/v1/namespaces/shop/deployments/users";

let api: FakeApi;
let provider: Provider;

before(async () => {
  api = await FakeApi.start();
});
after(() => api.stop());
beforeEach(() => {
  api.objects.clear();
  api.requests.length = 0;
  api.defaults = () => undefined;
  provider = api.provider({ enableConfigMapMutable: "true" });
});

async function make(type: string, given: Properties): Promise<StoredState> {
  const { context } = callAbout(type, "r");
  const { inputs, failures } = await provider.check(context, undefined, given);
  assert.deepEqual(failures, []);
  return { inputs, ...(await provider.create(context, inputs)) };
}

async function diff(type: string, old: StoredState, given: Properties) {
  const { context } = callAbout(type, "r");
  const { inputs } = await provider.check(context, old.inputs, given);
  return provider.diff(context, old, inputs);
}

const settings = (data: Properties) => ({ kind: "ConfigMap", metadata: { name: "settings" }, data });

suite("an object as a resource", () => {
  test("is stored as the plugin stores it", async () => {
    const { id, outputs } = await make(CONFIG_MAP, settings({ a: "1" }));
    assert.equal(id, "shop/settings");
    const { metadata, __fieldManager, ...rest } = outputs;
    assert.match(__fieldManager, /^flotilla-[0-9a-f]{8}$/);
    assert.deepEqual(rest, {
      apiVersion: "v1",
      kind: "ConfigMap",
      data: { a: "1" },
      __initialApiVersion: "v1",
      __inputs: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "settings", namespace: "shop" },
        data: { a: "1" },
      },
    });
    assert.equal(metadata.uid, api.objects.get(SETTINGS_PATH)?.metadata.uid);
  });

  test("without a name gets one, keeps it, and gets another when it is replaced", async () => {
    const given = { data: { a: "1" } };
    const made = await make(CONFIG_MAP, given);
    assert.match(made.inputs.metadata.name, /^r-[0-9a-f]{8}$/);
    assert.deepEqual(made.inputs.metadata.annotations, { "pulumi.com/autonamed": "true" });
    assert.equal((await diff(CONFIG_MAP, made, given)).changed, false);
    provider = api.provider();
    const { replaceKeys, deleteBeforeReplace } = await diff(CONFIG_MAP, made, { data: { a: "2" } });
    assert.deepEqual(
      { replaceKeys, deleteBeforeReplace },
      { replaceKeys: ["data"], deleteBeforeReplace: false },
    );
  });

  test("under its own name is replaced after it is gone", async () => {
    provider = api.provider();
    const made = await make(CONFIG_MAP, settings({ a: "1" }));
    const { replaceKeys, deleteBeforeReplace } = await diff(CONFIG_MAP, made, settings({ a: "2" }));
    assert.deepEqual(
      { replaceKeys, deleteBeforeReplace },
      { replaceKeys: ["data"], deleteBeforeReplace: true },
    );
  });

  test("that somebody else has made is not taken over", async () => {
    api.put(SETTINGS_PATH, { kind: "ConfigMap", metadata: { name: "settings", namespace: "shop" } });
    await assert.rejects(
      make(CONFIG_MAP, settings({ a: "1" })),
      /^Error: ConfigMap shop\/settings exists already, and this stack has not made it\. Delete it/,
    );
  });

  test("is updated by its own manager, and loses what is asked for no more", async () => {
    const made = await make(CONFIG_MAP, settings({ a: "1", b: "2" }));
    const next = settings({ a: "3" });
    const found = await diff(CONFIG_MAP, made, next);
    assert.deepEqual([found.changed, found.changedKeys, found.replaceKeys], [true, ["data"], []]);
    const { context } = callAbout(CONFIG_MAP, "r");
    const { inputs } = await provider.check(context, made.inputs, next);
    const outputs = await provider.update(context, made, inputs);
    assert.deepEqual(api.objects.get(SETTINGS_PATH)?.data, { a: "3" });
    assert.equal(outputs.__fieldManager, made.outputs.__fieldManager);
    assert.deepEqual(outputs.__inputs.data, { a: "3" });
  });

  test("changes neither by defaults nor by another way to write the same, and asks the server only once in doubt", async () => {
    api.defaults = (object) => {
      object.immutable = false;
      if (object.data?.cpu === "1000m") object.data.cpu = "1";
    };
    const made = await make(CONFIG_MAP, settings({ cpu: "1000m" }));
    api.requests.length = 0;
    assert.equal((await diff(CONFIG_MAP, made, settings({ cpu: "1000m" }))).changed, false);
    assert.deepEqual(api.requests, []);
    const written = {
      ...made,
      outputs: { ...made.outputs, __inputs: { ...made.inputs, data: { cpu: "1" } } },
    };
    assert.equal((await diff(CONFIG_MAP, written, settings({ cpu: "1000m" }))).changed, false);
    assert.deepEqual(api.requests, [`GET ${SETTINGS_PATH}`, `PATCH ${SETTINGS_PATH}`]);
    assert.equal((await diff(CONFIG_MAP, written, settings({ cpu: "2" }))).changed, true);
  });

  test("with a value that is not known yet changes without a question to the server", async () => {
    const made = await make(CONFIG_MAP, settings({ a: "1" }));
    api.requests.length = 0;
    assert.deepEqual((await diff(CONFIG_MAP, made, settings({ a: UNKNOWN }))).changedKeys, ["data"]);
    assert.deepEqual(api.requests, []);
  });

  test("whose field another manager holds is refused, in the preview already, unless it is forced", async () => {
    const made = await make(CONFIG_MAP, settings({ a: "1", b: "1" }));
    api.change(SETTINGS_PATH, ({ metadata }) => {
      metadata.heldBy = { ...metadata.heldBy, somebody: ["data.a"] };
    });
    const message =
      'ConfigMap shop/settings has fields that others hold: .data.a (held by "somebody" using v1). Leave them out, or set the annotation pulumi.com/patchForce: "true" to take them over.';
    await assert.rejects(diff(CONFIG_MAP, made, settings({ a: "2", b: "1" })), { message });
    provider = api.provider({ enableConfigMapMutable: "true", enablePatchForce: "true" });
    assert.equal((await diff(CONFIG_MAP, made, settings({ a: "2", b: "1" }))).changed, true);
  });

  test("is read with its inputs cut to their shape, and gone when it is gone", async () => {
    const made = await make(CONFIG_MAP, settings({ a: "1" }));
    api.change(SETTINGS_PATH, (object) => Object.assign(object.data, { a: "drift", other: "x" }));
    const { context } = callAbout(CONFIG_MAP, "r");
    const found = await provider.read(context, made.id, made.inputs, made.outputs);
    assert.deepEqual(found?.inputs.data, { a: "drift" });
    assert.deepEqual(found?.outputs.data, { a: "drift", other: "x" });
    assert.equal((await diff(CONFIG_MAP, found!, settings({ a: "1" }))).changed, true);
    api.remove(SETTINGS_PATH);
    assert.equal(await provider.read(context, made.id, made.inputs, made.outputs), undefined);
  });

  test("is found by its id alone", async () => {
    await make(CONFIG_MAP, settings({ a: "1" }));
    const { context } = callAbout(CONFIG_MAP, "r");
    const found = await provider.read(context, "shop/settings", {}, {});
    assert.deepEqual([found?.id, found?.outputs.data], ["shop/settings", { a: "1" }]);
  });

  test("that a cut-off run has made is found again, and an older one is not", async () => {
    const since = new Date();
    const { inputs, id } = await make(CONFIG_MAP, settings({ a: "1" }));
    const { context } = callAbout(CONFIG_MAP, "r");
    assert.equal((await provider.recover?.(context, inputs, since))?.id, id);
    const later = new Date(since.getTime() + 60_000);
    assert.equal(await provider.recover?.(context, inputs, later), undefined);
  });

  test("waits for its end while finalizers hold it", async () => {
    const made = await make(CONFIG_MAP, settings({ a: "1" }));
    api.change(SETTINGS_PATH, ({ metadata }) => {
      metadata.finalizers = ["example.com/held"];
    });
    const { context } = callAbout(CONFIG_MAP, "r", {
      progress(message) {
        assert.equal(message, "waits for its finalizers example.com/held");
        api.remove(SETTINGS_PATH);
      },
    });
    await provider.delete(context, made);
    assert.equal(api.objects.size, 0);
  });
});

suite("Secrets", () => {
  test("are applied as data, so that keys can go, and differ by their content", async () => {
    const type = "kubernetes:core/v1:Secret";
    const secret = (stringData: Properties) => ({ kind: "Secret", metadata: { name: "s" }, stringData });
    const made = await make(type, secret({ password: "hunter2" }));
    const live = api.objects.get("/api/v1/namespaces/shop/secrets/s");
    assert.deepEqual([live?.data, live?.stringData], [{ password: "aHVudGVyMg==" }, undefined]);
    assert.equal((await diff(type, made, secret({ password: "hunter2" }))).changed, false);
    assert.deepEqual((await diff(type, made, secret({ password: "hunter3" }))).replaceKeys, ["data"]);
    assert.deepEqual(provider.secretOutputs?.(type), ["data", "stringData"]);
  });
});

suite("a patch", () => {
  const type = "kubernetes:core/v1:ConfigMapPatch";

  test("needs the name of what it changes, and that it exists", async () => {
    const { context } = callAbout(type, "p");
    assert.deepEqual((await provider.check(context, undefined, { data: {} })).failures, [
      {
        property: "metadata.name",
        reason: "is required: a patch needs the name of the object that it changes",
      },
    ]);
  });

  test("holds some fields, and gives them up when it is deleted", async () => {
    await make(CONFIG_MAP, settings({ a: "1" }));
    const patch = await make(type, settings({ b: "2" }));
    assert.deepEqual(api.objects.get(SETTINGS_PATH)?.data, { a: "1", b: "2" });
    await provider.delete(callAbout(type, "p").context, patch);
    assert.deepEqual(api.objects.get(SETTINGS_PATH)?.data, { a: "1" });
  });
});

suite("a Deployment", () => {
  const users = (annotations: Properties = {}) => ({
    metadata: { name: "users", annotations },
    spec: { replicas: 2, selector: { matchLabels: { app: "users" } }, template: {} },
  });
  const pod = (containerStatus: Properties) => ({
    metadata: {
      name: "users-abc-1",
      namespace: "shop",
      labels: { "pod-template-hash": "abc" },
      ownerReferences: [{ kind: "ReplicaSet", name: "users-abc", controller: true }],
    },
    status: { containerStatuses: [{ name: "main", ...containerStatus }] },
  });
  const status = (availableReplicas: number) => ({
    ...{ observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas },
  });

  test("is made when its replicas are available, and tells on the way", async () => {
    const said: string[] = [];
    const { context } = callAbout(DEPLOYMENT, "users", {
      progress(message) {
        said.push(message);
        if (said.length === 1)
          api.change(USERS_PATH, (object) => Object.assign(object, { status: status(1) }));
        if (said.length === 2)
          api.change(USERS_PATH, (object) => Object.assign(object, { status: status(2) }));
      },
    });
    const { inputs } = await provider.check(context, undefined, users());
    const { outputs } = await provider.create(context, inputs);
    assert.deepEqual(said, ["waits for the deployment controller", "1/2 replicas available"]);
    assert.deepEqual([outputs.kind, outputs.status.availableReplicas], ["Deployment", 2]);
  });

  test("that does not start is recorded, with the trouble of its pod", async () => {
    api.put(
      "/api/v1/namespaces/shop/pods/users-abc-1",
      pod({ state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } } }),
    );
    const { context, said } = callAbout(DEPLOYMENT, "users");
    const { inputs } = await provider.check(context, undefined, users({ "pulumi.com/timeoutSeconds": "1" }));
    await assert.rejects(provider.create(context, inputs), (error) => {
      assert.ok(error instanceof PartialCreateError);
      assert.equal(error.state.id, "shop/users");
      assert.equal(
        error.message,
        "Deployment shop/users is not ready after 1 seconds: waits for the deployment controller; pod users-abc-1 container main: ImagePullBackOff: no such image\n  pod users-abc-1 container main: ImagePullBackOff: no such image",
      );
      return true;
    });
    assert.equal(said.at(-1)?.endsWith("container main: ImagePullBackOff: no such image"), true);
  });

  test("whose wait the user ends is recorded at once", async () => {
    const stop = new AbortController();
    const { context } = callAbout(DEPLOYMENT, "users", {
      signal: stop.signal,
      progress: () => stop.abort(),
    });
    const { inputs } = await provider.check(context, undefined, users());
    await assert.rejects(provider.create(context, inputs), (error) => {
      assert.ok(error instanceof PartialCreateError);
      assert.match(error.message, /^Deployment shop\/users was not waited for to the end: waits for/);
      return true;
    });
  });

  test("fails at once when its progress deadline has passed", async () => {
    const conditions = [
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "too slow" },
    ];
    const { context } = callAbout(DEPLOYMENT, "users", {
      progress: () =>
        api.change(USERS_PATH, (object) =>
          Object.assign(object, { status: { observedGeneration: 1, conditions } }),
        ),
    });
    const { inputs } = await provider.check(context, undefined, users());
    await assert.rejects(provider.create(context, inputs), {
      message: "Deployment shop/users does not work: too slow",
    });
  });

  test("shares its watch with a hundred others", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `d${index}`);
    await Promise.all(
      names.map(async (name) => {
        const path = `/apis/apps/v1/namespaces/shop/deployments/${name}`;
        const { context } = callAbout(DEPLOYMENT, name, {
          progress: () => api.change(path, (object) => Object.assign(object, { status: status(2) })),
        });
        const { inputs } = await provider.check(context, undefined, { ...users(), metadata: { name } });
        await provider.create(context, inputs);
      }),
    );
    const count = (wanted: string) => api.requests.filter((request) => request.startsWith(wanted)).length;
    assert.deepEqual([count("WATCH"), count("GET /apis/apps/v1/namespaces/shop/deployments/")], [2, 100]);
    assert.equal(count("GET /apis/apps/v1/namespaces/shop/deployments") - 100, 1);
  });
});

suite("what is not served", () => {
  test("is refused at check, with a way out", async () => {
    for (const [type, reason] of [
      [
        "kubernetes:helm.sh/v3:Release",
        /is a Helm chart, which the embedded engine does not render\. Render it/,
      ],
      ["kubernetes:core/v1:ConfigMapList", /is a list, and lists cannot be made\./],
    ] as const) {
      await assert.rejects(provider.check(callAbout(type, "x").context, undefined, {}), reason);
    }
  });

  test("an unknown kind says which definition is missing", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { context } = callAbout("kubernetes:example.com/v1:Thing", "x", {
      progress: () => setImmediate(() => t.mock.timers.tick(8000)),
    });
    const { inputs } = await provider.check(context, undefined, {
      apiVersion: "example.com/v1",
      metadata: { name: "x" },
    });
    await assert.rejects(
      provider.create(context, inputs),
      /The cluster has no Thing in example\.com\/v1\. Make its CustomResourceDefinition first \(dependsOn\)/,
    );
  });
});
