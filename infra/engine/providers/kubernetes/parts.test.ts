import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { UNKNOWN } from "../../provider";
import { differences } from "./difference";
import { isHeldByPlugin, withPluginsFields } from "./managed-fields";
import { named } from "./naming";
import { normalize } from "./normalize";
import { idOf, parseId, toKubernetes, toPulumi } from "./objects";
import { prune } from "./prune";
import { isReplacing } from "./replacing";
import { parseSettings } from "./settings";
import { parseType } from "./types";

const mutable = { configMaps: true, secrets: true };

suite("type tokens", () => {
  test("name a kind, and whether it is a patch of one", () => {
    assert.deepEqual(parseType("kubernetes:core/v1:Pod"), { apiVersion: "v1", kind: "Pod", isPatch: false });
    assert.deepEqual(parseType("kubernetes:keda.sh/v1alpha1:ScaledObject"), {
      ...{ apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", isPatch: false },
    });
    assert.deepEqual(parseType("kubernetes:apps/v1:DeploymentPatch"), {
      ...{ apiVersion: "apps/v1", kind: "Deployment", isPatch: true },
    });
  });

  test("of components are refused", () => {
    for (const token of [
      "kubernetes:yaml/v2:ConfigFile",
      "kubernetes:kustomize/v2:Directory",
      "kubernetes:nonsense",
    ]) {
      assert.throws(() => parseType(token), new RegExp(`^Error: ${token} is `));
    }
  });
});

suite("inputs", () => {
  test("lose what only the server may say, and nulls", () => {
    const metadata = { name: "x", uid: "u", labels: { a: null, b: "1" }, resourceVersion: "7" };
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata, status: {}, data: null };
    assert.deepEqual(normalize(object), {
      ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", labels: { b: "1" } } },
    });
  });

  test("of Secrets are data; texts that are not known yet stay what they are", () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { a: "MQ==" } };
    assert.deepEqual(normalize({ ...secret, stringData: { b: "2" } }).data, { a: "MQ==", b: "Mg==" });
    const open = normalize({ ...secret, stringData: { b: UNKNOWN } });
    assert.deepEqual([open.data, open.stringData], [{ a: "MQ==" }, { b: UNKNOWN }]);
  });

  test("have schema extensions under Pulumi's names", () => {
    const schema = { properties: { x: [{ "x-kubernetes-list-type": "set" }] } };
    assert.deepEqual(toPulumi(schema), { properties: { x: [{ x_kubernetes_list_type: "set" }] } });
    assert.deepEqual(toKubernetes(toPulumi(schema)), schema);
  });

  test("are named once; a name that is not known yet is one", () => {
    assert.equal(named({ metadata: { name: UNKNOWN } }, "r").metadata.name, UNKNOWN);
    const first = named({ metadata: { annotations: { a: "1" } } }, "r");
    assert.deepEqual(first.metadata.annotations, { a: "1", "pulumi.com/autonamed": "true" });
    assert.equal(named({}, "r", first).metadata.name, first.metadata.name);
    assert.equal(named({}, "r", { metadata: { name: "given" } }).metadata.name.startsWith("r-"), true);
  });

  test("and ids go both ways", () => {
    assert.deepEqual(parseId(idOf({ metadata: { namespace: "n", name: "x" } })), {
      namespace: "n",
      name: "x",
    });
    assert.deepEqual(parseId(idOf({ metadata: { name: "x" } })), { name: "x" });
  });
});

suite("what differs", () => {
  test("is compared in the shape of the inputs", () => {
    const live = {
      spec: { ports: [{ port: 80, protocol: "TCP" }, { port: 81 }], type: "ClusterIP" },
      status: {},
    };
    assert.deepEqual(prune(live, { spec: { ports: [{ port: 80 }] } }), { spec: { ports: [{ port: 80 }] } });
    assert.deepEqual(prune({ spec: { list: [] } }, { spec: { list: [1] } }), { spec: { list: [] } });
  });

  test("is found as deep as both sides go", () => {
    const found = differences(
      { a: { b: [1, { c: 2 }], gone: 1 } },
      { a: { b: [1, { c: 3 }, 4] }, added: {} },
    );
    assert.deepEqual(
      found.map(({ path, removed }) => [path.join("."), removed]),
      [
        ["a.b.1.c", false],
        ["a.b.2", false],
        ["a.gone", true],
        ["added", false],
      ],
    );
  });
});

suite("a new object is needed", () => {
  const needed = (type: string, old: object, next: object, options = mutable) => {
    const replaces = isReplacing(parseType(type), next, options);
    return differences(old, next)
      .filter(replaces)
      .map(({ path }) => path.join("."));
  };

  test("for fields that cannot change, below and above them", () => {
    const deployment = "kubernetes:apps/v1:Deployment";
    const labels = (app: string) => ({ spec: { selector: { matchLabels: { app } }, replicas: 1 } });
    assert.deepEqual(needed(deployment, labels("a"), labels("b")), ["spec.selector.matchLabels.app"]);
    assert.deepEqual(needed(deployment, {}, labels("b")), ["spec"]);
    assert.deepEqual(needed(deployment, { spec: { replicas: 1 } }, { spec: { replicas: 2 } }), []);
    const image = (name: string) => ({ spec: { containers: [{ image: name }] } });
    assert.deepEqual(needed("kubernetes:core/v1:Pod", image("a"), image("b")), ["spec.containers.0.image"]);
    assert.deepEqual(
      needed(
        "kubernetes:batch/v1:Job",
        { spec: { template: { spec: { a: 1 } } } },
        { spec: { template: { spec: { a: 2 } } } },
      ),
      ["spec.template.spec.a"],
    );
  });

  test("for another identity, and for data that is not mutable", () => {
    const map = "kubernetes:core/v1:ConfigMap";
    const rename = [{ metadata: { name: "a" } }, { metadata: { name: "b" } }] as const;
    assert.deepEqual(needed(map, ...rename), ["metadata.name"]);
    assert.deepEqual(needed(`${map}Patch`, ...rename), ["metadata.name"]);
    const data = [{ data: { a: "1" } }, { data: { a: "2" } }] as const;
    assert.deepEqual(needed(map, ...data), []);
    assert.deepEqual(needed(map, ...data, { configMaps: false, secrets: true }), ["data.a"]);
    assert.deepEqual(needed(map, data[0], { ...data[1], immutable: true }), ["data.a"]);
    assert.deepEqual(needed(`${map}Patch`, ...data, { configMaps: false, secrets: true }), []);
  });
});

suite("fields that the plugin holds as their creator", () => {
  const update = { manager: "pulumi-kubernetes", operation: "Update", apiVersion: "v1" };
  const scale = { ...update, subresource: "scale", fieldsV1: {} };
  const other = { manager: "kubectl", operation: "Update", apiVersion: "v1", fieldsV1: {} };
  const live = (...managedFields: object[]) => ({ metadata: { managedFields } });

  test("become those of the manager that applies", () => {
    const plugins = { ...update, fieldsV1: { "f:data": { "f:a": {} } } };
    const mine = {
      manager: "m",
      operation: "Apply",
      apiVersion: "v1",
      fieldsV1: { "f:data": { "f:b": {} } },
    };
    assert.equal(isHeldByPlugin(live(plugins)), true);
    assert.equal(isHeldByPlugin(live(scale, other)), false);
    assert.deepEqual(withPluginsFields(live(plugins, other, mine), "m"), [
      other,
      { ...mine, fieldsType: "FieldsV1", fieldsV1: { "f:data": { "f:a": {}, "f:b": {} } } },
    ]);
  });
});

suite("the provider's configuration", () => {
  test("takes the SDK's texts for yes and no", () => {
    const {
      patchForce,
      mutable: data,
      deleteUnreachable,
    } = parseSettings({
      ...{ enablePatchForce: "true", enableConfigMapMutable: "true", enableSecretMutable: "false" },
      deleteUnreachable: true,
    });
    assert.deepEqual(
      [patchForce, data, deleteUnreachable],
      [true, { configMaps: true, secrets: false }, true],
    );
  });

  test("refuses what is not done here", () => {
    assert.throws(() => parseSettings({ renderYamlToDirectory: "out" }), /renders no files/);
    assert.throws(() => parseSettings({ enableServerSideApply: "false" }), /applies on the server only/);
    assert.equal(parseSettings({ enableServerSideApply: "true" }).upsert, false);
  });
});
