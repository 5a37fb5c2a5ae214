import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Group, Remote, Thing } from "../probe/thing";
import { destroy, type Objects, preview, type Rules, up } from "../rule";

const there = (objects: Objects) => {
  objects.outside = { value: 1, label: "outside" };
};

export const rules: Rules = {
  "get reads one that exists and never changes it": [
    up(
      () => {
        const found = Thing.get("found", "outside");
        new Thing("second", { value: found.arn });
        return { label: found.label };
      },
      { tamper: there },
    ),
    up(() => ({ label: Thing.get("found", "outside").label })),
    destroy(),
  ],
  "get of what is not there fails": [up(() => ({ label: Thing.get("found", "nowhere").label }))],
  "get in the place of a managed one lets that one go": [
    up(() => void new Thing("first", { value: 1 }), { tamper: there }),
    up(() => void Thing.get("first", "outside")),
  ],
  "a managed one in the place of a read one is created": [
    up(() => void Thing.get("first", "outside"), { tamper: there }),
    up(() => void new Thing("first", { value: 1 })),
  ],
  "get of the very one that was managed takes it out of management": [
    up(() => void new Thing("first", { value: 1 })),
    up(() => void Thing.get("first", "first-1")),
    destroy(),
  ],
  "import takes over what is there": [
    preview(() => void new Thing("first", { value: 1, label: "outside" }, { import: "outside" }), {
      tamper: there,
    }),
    up(() => void new Thing("first", { value: 1, label: "outside" }, { import: "outside" })),
    up(() => void new Thing("first", { value: 1, label: "outside" }, { import: "outside" })),
    up(() => void new Thing("first", { value: 2, label: "outside" })),
    destroy(),
  ],
  "import of what is not as the program says changes it": [
    up(() => void new Thing("first", { value: 2, label: "outside" }, { import: "outside" }), {
      tamper: there,
    }),
  ],
  "import of what is not there fails": [
    up(() => void new Thing("first", { value: 1 }, { import: "nowhere" })),
  ],
  "import in the place of a managed one replaces it": [
    up(() => void new Thing("first", { value: 1, label: "outside" }), { tamper: there }),
    up(() => void new Thing("first", { value: 1, label: "outside" }, { import: "outside" })),
  ],
  "a create that fails leaves what stands, and the next run goes on": [
    up(() => {
      const first = new Thing("first");
      const second = new Thing("second", { fail: "create" }, { dependsOn: [first] });
      new Thing("third", {}, { dependsOn: [second] });
    }),
    up(() => {
      const first = new Thing("first");
      const second = new Thing("second", {}, { dependsOn: [first] });
      new Thing("third", {}, { dependsOn: [second] });
    }),
  ],
  "a create that is half done is recorded, and updated by the next run": [
    up(() => void new Thing("first", { fail: "partial" })),
    up(() => void new Thing("first", {})),
  ],
  "half done and replaceOnChanges #initerror": [
    up(() => void new Thing("first", { fail: "partial" })),
    up(() => void new Thing("first", {}, { replaceOnChanges: ["#initerror"] })),
  ],
  "an update that fails keeps the old state": [
    up(() => void new Thing("first", { value: 1 })),
    up(() => void new Thing("first", { value: 2, fail: "update" })),
  ],
  "a check that fails": [up(() => void new Thing("first", { fail: "check" }))],
  "a delete that fails keeps it": [up(() => void new Thing("first", { fail: "delete" })), destroy()],
  "a replacement whose create fails keeps the old one": [
    up(() => void new Thing("first", { immutable: 1 })),
    up(() => void new Thing("first", { immutable: 2, fail: "create" })),
    up(() => void new Thing("first", { immutable: 2 })),
  ],
  "a replacement that deleted first and then failed is finished by the next run": [
    up(() => void new Thing("first", { immutable: 1, deleteBeforeReplace: true })),
    up(() => void new Thing("first", { immutable: 2, deleteBeforeReplace: true, fail: "create" })),
    up(() => void new Thing("first", { immutable: 2, deleteBeforeReplace: true })),
  ],
  "a program that throws deletes nothing": [
    up(() => void new Thing("first")),
    up(() => {
      throw new Error("the program is wrong");
    }),
  ],
  "two of one name are refused": [
    up(() => {
      new Thing("first");
      new Thing("first");
    }),
  ],
  "hooks are called around each step": [
    up(() => {
      const note = new pulumi.ResourceHook("note", ({ name, newOutputs }) => {
        console.log(`hook of ${name}: ${newOutputs ? Object.keys(newOutputs).length > 0 : "none"}`);
      });
      new Thing("first", { value: 1 }, { hooks: { beforeCreate: [note], afterCreate: [note] } });
      new Group("group", {}, { hooks: { beforeCreate: [note], afterCreate: [note] } });
    }),
  ],
  "a hook that fails before a create prevents it": [
    up(() => {
      const refuse = new pulumi.ResourceHook("refuse", () => {
        throw new Error("not today");
      });
      new Thing("first", { value: 1 }, { hooks: { beforeCreate: [refuse] } });
    }),
  ],
  "a component of a plugin registers its parts": [
    up(() => {
      const remote = new Remote("remote", { value: 1 });
      new Thing("user", { value: remote.arn });
      return { arn: remote.arn };
    }),
    up(() => ({ arn: new Remote("remote", { value: 2 }).arn })),
    destroy(),
  ],
  "another stack of the project is referred to, its secrets stay such": [
    up(() => ({ open: "o", hidden: pulumi.secret("swordfish-9"), nested: { a: 1 } }), { stack: "base" }),
    up(() => {
      const base = new pulumi.StackReference("base");
      return {
        open: base.getOutput("open"),
        hidden: base.getOutput("hidden"),
        nested: base.requireOutput("nested"),
        missing: base.getOutput("missing").apply((value) => value === undefined),
      };
    }),
    up(() => {
      const base = new pulumi.StackReference("by-full-name", { name: "organization/conformance/base" });
      return { open: base.getOutput("open") };
    }),
  ],
  "a stack that is not there cannot be referred to": [
    up(() => ({ open: new pulumi.StackReference("nowhere").getOutput("open") })),
  ],
  "a stash keeps its first value": [
    up(() => ({ kept: new pulumi.Stash("stash", { input: 1 }).output })),
    up(() => ({ kept: new pulumi.Stash("stash", { input: 2 }).output })),
  ],
  "dynamic providers": [
    up(() => {
      const first = new Greeting("first", "world");
      return { text: first.text };
    }),
    up(() => {
      const first = new Greeting("first", "moon");
      return { text: first.text };
    }),
    destroy(),
  ],
  "assets and archives": [
    up(() => {
      const { StringAsset, FileAsset, AssetArchive, FileArchive } = pulumi.asset;
      const text = new Thing("text", { value: new StringAsset("hello") });
      const file = new Thing("file", { value: new FileAsset("fixture/hello.txt") }, { dependsOn: text });
      const map = { "a.txt": new StringAsset("a"), "b/c.txt": new StringAsset("c") };
      const assets = new Thing("map", { value: new AssetArchive(map) }, { dependsOn: file });
      new Thing("folder", { value: new FileArchive("fixture") }, { dependsOn: assets });
    }),
    up(() => {
      const text = new Thing("text", { value: new pulumi.asset.StringAsset("hello") });
      new Thing("file", { value: new pulumi.asset.StringAsset("hello\n") }, { dependsOn: text });
    }),
  ],
  "generated passwords stay, and are made anew when asked for otherwise": [
    up(() => {
      const text = new random.RandomString("text", { length: 8, special: false, keepers: { a: "1" } });
      const password = new random.RandomPassword("password", { length: 20, minNumeric: 2 });
      return { length: text.result.apply(({ length }) => length), hidden: password.length };
    }),
    up(() => {
      const text = new random.RandomString("text", { length: 8, special: false, keepers: { a: "2" } });
      const password = new random.RandomPassword("password", { length: 20, minNumeric: 2 });
      return { length: text.result.apply(({ length }) => length), hidden: password.length };
    }),
  ],
};

class Greeting extends pulumi.dynamic.Resource {
  declare readonly text: pulumi.Output<string>;

  constructor(name: string, whom: string) {
    super(
      {
        async create(inputs: { whom: string }) {
          return { id: "greeting-1", outs: { ...inputs, text: `hello ${inputs.whom}` } };
        },
        async update(_id: string, _old: unknown, inputs: { whom: string }) {
          return { outs: { ...inputs, text: `hello ${inputs.whom}` } };
        },
      },
      name,
      { text: undefined, whom },
    );
  }
}
