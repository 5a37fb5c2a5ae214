import * as pulumi from "@pulumi/pulumi";
import { Group, ProbeProvider, Thing, type ThingArgs } from "../probe/thing";
import { destroy, preview, type Rules, refresh, up } from "../rule";

const one =
  (args: ThingArgs, options: pulumi.CustomResourceOptions = {}) =>
  () => {
    const first = new Thing("first", args, options);
    return { arn: first.arn };
  };

const replaced =
  (immutable: number, args: ThingArgs = {}, options: pulumi.CustomResourceOptions = {}) =>
  () => {
    const first = new Thing("first", { immutable, ...args }, options);
    const second = new Thing("second", { immutableReference: first.arn });
    new Thing("third", { value: second.arn });
  };

export const rules: Rules = {
  "a replacement creates first and deletes at the end": [
    up(replaced(1)),
    preview(replaced(2)),
    up(replaced(2)),
  ],
  "a provider may have the old one deleted first": [
    up(replaced(1, { deleteBeforeReplace: true })),
    preview(replaced(2, { deleteBeforeReplace: true })),
    up(replaced(2, { deleteBeforeReplace: true })),
  ],
  "the program may have the old one deleted first": [
    up(replaced(1, {}, { deleteBeforeReplace: true })),
    up(replaced(2, {}, { deleteBeforeReplace: true })),
  ],
  "the program's deleteBeforeReplace goes before the provider's": [
    up(replaced(1, { deleteBeforeReplace: true }, { deleteBeforeReplace: false })),
    up(replaced(2, { deleteBeforeReplace: true }, { deleteBeforeReplace: false })),
  ],
  "defaults of the old one are not carried over to the new one": [
    up(one({ immutable: 1, label: "given" })),
    up(one({ immutable: 1 })),
    up(one({ immutable: 2 })),
  ],
  "differences that a provider tells one by one": [
    up(one({ detailed: true, value: 1, other: 1 })),
    preview(one({ detailed: true, value: 2, immutable: 1 })),
    up(one({ detailed: true, value: 2, immutable: 1 })),
  ],
  "ignoreChanges keeps the old value": [
    up(one({ value: { a: 1, b: 1 }, other: 1 })),
    up(one({ value: { a: 2, b: 1 }, other: 2 }, { ignoreChanges: ["value.a", "other"] })),
    up(one({ value: { a: 2, b: 2 } }, { ignoreChanges: ["value.a", "other"] })),
  ],
  "ignoreChanges of everything": [
    up(one({ value: 1, immutable: 1 })),
    up(one({ value: 2, immutable: 2 }, { ignoreChanges: ["*"] })),
  ],
  "ignoreChanges within lists": [
    up(one({ value: [{ a: 1, b: 1 }] })),
    up(one({ value: [{ a: 2, b: 2 }] }, { ignoreChanges: ["value[0].a"] })),
    up(one({ value: [{ a: 3, b: 3 }] }, { ignoreChanges: ["value[*].b"] })),
  ],
  "replaceOnChanges makes an update a replacement": [
    up(one({ value: { a: 1, b: 1 } })),
    up(one({ value: { a: 1, b: 2 } }, { replaceOnChanges: ["value"] })),
    up(one({ value: { a: 1, b: 3 }, detailed: true }, { replaceOnChanges: ["value.a"] })),
  ],
  "replaceOnChanges of everything": [
    up(one({ value: 1 })),
    up(one({ value: 2 }, { replaceOnChanges: ["*"] })),
  ],
  "protect refuses a deletion": [up(one({}, { protect: true })), up(() => undefined), destroy()],
  "protect refuses a replacement": [
    up(one({ immutable: 1 }, { protect: true })),
    up(one({ immutable: 2 }, { protect: true })),
    up(one({ immutable: 2 }, { protect: false })),
  ],
  "retainOnDelete forgets and leaves it there": [up(one({}, { retainOnDelete: true })), up(() => undefined)],
  "retainOnDelete keeps the old one of a replacement": [
    up(one({ immutable: 1 }, { retainOnDelete: true })),
    up(one({ immutable: 2 }, { retainOnDelete: true })),
  ],
  "deletedWith leaves the deletion to another": [
    up(() => {
      const first = new Thing("first");
      new Thing("second", {}, { deletedWith: first });
    }),
    destroy(),
  ],
  "deletedWith alone is deleted by itself": [
    up(() => {
      const first = new Thing("first");
      new Thing("second", {}, { deletedWith: first });
    }),
    up(() => {
      new Thing("first");
    }),
  ],
  "deletedWith is made anew with what it goes with": [
    up(() => {
      const first = new Thing("first", { immutable: 1 });
      new Thing("second", {}, { deletedWith: first });
    }),
    up(() => {
      const first = new Thing("first", { immutable: 2 });
      new Thing("second", {}, { deletedWith: first });
    }),
  ],
  "replaceWith is made anew with another": [
    up(() => {
      const first = new Thing("first", { immutable: 1 });
      new Thing("second", {}, { replaceWith: [first] });
    }),
    up(() => {
      const first = new Thing("first", { immutable: 2 });
      new Thing("second", {}, { replaceWith: [first] });
    }),
  ],
  "replacementTrigger makes anew when it changes": [
    up(one({}, { replacementTrigger: "a" })),
    up(one({}, { replacementTrigger: "a" })),
    up(one({}, { replacementTrigger: "b" })),
  ],
  "an alias by name": [
    up(one({ value: 1 })),
    up(() => {
      new Thing("renamed", { value: 1, label: "first-label" }, { aliases: [{ name: "first" }] });
    }),
    up(() => {
      new Thing("renamed", { value: 2, label: "first-label" }, { aliases: [{ name: "first" }] });
    }),
  ],
  "an alias by URN, type and parent": [
    up(() => {
      const group = new Group("group");
      new Thing("a", { label: "x" }, { parent: group });
      new Thing("b", { label: "x" });
    }),
    up(() => {
      const group = new Group("group");
      new Thing("a", { label: "x" }, { aliases: [{ parent: group }] });
      new Thing("b", { label: "x" }, { parent: group, aliases: [{ parent: pulumi.rootStackResource }] });
    }),
  ],
  "a renamed component's children are known by their old names": [
    up(() => {
      const group = new Group("old");
      new Thing("old-part", { label: "x" }, { parent: group });
    }),
    up(() => {
      const group = new Group("new", {}, { aliases: [{ name: "old" }] });
      new Thing("new-part", { label: "x" }, { parent: group });
    }),
  ],
  "additionalSecretOutputs are sealed": [
    up(one({ value: 1 }, { additionalSecretOutputs: ["arn", "label"] })),
  ],
  "secrets stay such through inputs, outputs and updates": [
    up(one({ value: pulumi.secret("swordfish-9"), other: { list: ["x", pulumi.secret("hidden-99")] } })),
    up(one({ value: pulumi.secret("swordfish-9"), other: { list: ["x", pulumi.secret("hidden-99")] } })),
    up(one({ value: pulumi.secret("swordfish-10"), other: "open" })),
    refresh(),
  ],
  "a value that was open becomes a secret": [
    up(one({ value: "swordfish-9" })),
    up(one({ value: pulumi.secret("swordfish-9") })),
  ],
  "customTimeouts are kept": [up(one({}, { customTimeouts: { create: "5m", update: "1h", delete: "30s" } }))],
  "an explicit provider configures its resources": [
    up(() => {
      const provider = new ProbeProvider("eu", { prefix: "eu" });
      const first = new Thing("first", { value: 1 }, { provider });
      const group = new Group("group", {}, { providers: [provider] });
      new Thing("child", {}, { parent: group });
      new Thing("other");
      return { prefix: first.prefix };
    }),
    up(() => {
      const provider = new ProbeProvider("eu", { prefix: "europe" });
      const first = new Thing("first", { value: 2 }, { provider });
      return { prefix: first.prefix };
    }),
  ],
  "a provider whose change asks for it has its resources made anew": [
    up(() => {
      const provider = new ProbeProvider("eu", { region: "one" });
      new Thing("first", {}, { provider });
    }),
    up(() => {
      const provider = new ProbeProvider("eu", { region: "two" });
      new Thing("first", {}, { provider });
    }),
  ],
  "another provider of the same kind takes a resource over": [
    up(() => {
      new ProbeProvider("eu", { prefix: "eu" });
      new Thing("first", {}, {});
    }),
    up(() => {
      const provider = new ProbeProvider("eu", { prefix: "eu" });
      new Thing("first", {}, { provider });
    }),
  ],
  "the default provider takes the stack's configuration": [
    up(() => ({ prefix: new Thing("first").prefix }), { configuration: { "probe:prefix": "configured" } }),
  ],
  "transforms of a resource, of its parents and of the stack": [
    up(() => {
      pulumi.runtime.registerStackTransform(({ type, props, opts }) =>
        type === "probe:index:Thing"
          ? { props: { ...props, other: `${props.other ?? ""}s` }, opts }
          : undefined,
      );
      const group = new Group(
        "group",
        {},
        {
          transforms: [
            ({ type, props, opts }) =>
              type === "probe:index:Thing"
                ? {
                    props: { ...props, other: `${props.other ?? ""}p` },
                    opts: pulumi.mergeOptions(opts, { protect: true }),
                  }
                : undefined,
          ],
        },
      );
      new Thing(
        "first",
        {},
        {
          parent: group,
          transforms: [({ props, opts }) => ({ props: { ...props, other: "o" }, opts })],
        },
      );
    }),
  ],
};
