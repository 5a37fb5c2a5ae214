import * as pulumi from "@pulumi/pulumi";
import { Group, Thing } from "../probe/thing";
import { destroy, preview, type Rules, refresh, up, urn } from "../rule";

const chain =
  (value: number, without: string[] = []) =>
  () => {
    const first = new Thing("first", { value });
    const second = without.includes("second") ? first : new Thing("second", { value: first.arn });
    if (!without.includes("third")) new Thing("third", { value }, { dependsOn: [second] });
    return { arn: first.arn, echo: first.echo };
  };

export const rules: Rules = {
  "what is new is created, what is unchanged is left alone": [up(chain(1)), up(chain(1))],
  "what changed is updated, and what depends on it sees its outputs": [up(chain(1)), up(chain(2))],
  "a preview foresees and makes nothing": [preview(chain(1)), up(chain(1)), preview(chain(2)), up(chain(1))],
  "what the program dropped is deleted, dependents first": [up(chain(1)), up(chain(1, ["second", "third"]))],
  "destroy deletes everything, dependents first": [up(chain(1)), destroy()],
  "components hold children, whose URNs tell of them": [
    up(() => {
      const outer = new Group("outer", { size: 1 });
      const inner = new Group("inner", {}, { parent: outer });
      new Thing("leaf", { value: 1 }, { parent: inner });
    }),
    up(() => {
      const outer = new Group("outer", { size: 2 });
      new Thing("leaf", { value: 1 }, { parent: outer });
    }),
  ],
  "outputs of components and of the stack are registered": [
    up(() => {
      const group = new Group("group");
      (group as unknown as { registerOutputs(outputs: object): void }).registerOutputs({ answer: 42 });
      return { list: [1, { two: 2 }], nothing: null, yes: true };
    }),
    up(() => {
      new Group("group");
      return { yes: false };
    }),
  ],
  "refresh takes over what is there, and drops what is gone": [
    up(chain(1)),
    refresh({
      tamper: (objects) => {
        objects["third-1"].value = 7;
        objects["first-1"].label = "renamed";
      },
    }),
    up(chain(1)),
    refresh({
      tamper: (objects) => {
        delete objects["third-1"];
      },
    }),
    up(chain(1)),
  ],
  "a refresh may only tell what it would do": [
    up(chain(1)),
    refresh({
      previewOnly: true,
      tamper: (objects) => {
        objects["first-1"].value = 7;
        delete objects["third-1"];
      },
    }),
  ],
  "no changes expected, and none": [up(chain(1)), up(chain(1), { expectNoChanges: true })],
  "no changes expected, but some foreseen": [up(chain(1)), preview(chain(2), { expectNoChanges: true })],
  "configuration reaches the program, secrets as such": [
    up(
      () => {
        const config = new pulumi.Config();
        new Thing("first", { value: config.require("plain"), other: config.requireSecret("hidden") });
        return { hidden: config.requireSecret("hidden"), object: config.requireObject("object") };
      },
      { configuration: { plain: "open", "hidden!": "swordfish-9", object: '{"a":[1]}' } },
    ),
  ],
  "a function is called, and its answer is an output": [
    up(() => {
      const first = new Thing("first", { value: 1 });
      const answer = pulumi.output(
        pulumi.runtime.invoke("probe:index:echo", { text: first.label }, { version: "1.0.0" }),
      );
      return { echo: answer.apply(({ echo }) => echo) };
    }),
  ],
  "a function's bad arguments fail the program": [
    up(() => pulumi.runtime.invoke("probe:index:echo", {}, { version: "1.0.0" })),
  ],
  "targets are the only ones that change": [
    up(chain(1)),
    up(chain(2), { targets: [urn("first")] }),
    up(chain(3), { targets: [urn("first")], targetDependents: true }),
    up(chain(4), { targets: [urn("*ir*")] }),
  ],
  "what is new and no target is not made; what needs it fails": [
    up(chain(1, ["second", "third"])),
    up(chain(1), { targets: [urn("first")] }),
    up(chain(1), { targets: [urn("third")] }),
  ],
  "a dropped resource that is no target stays": [
    up(chain(1)),
    up(chain(2, ["third"]), { targets: [urn("first")] }),
    up(chain(2, ["third"]), { targets: [urn("third")] }),
  ],
  "excluded ones stay as they are": [
    up(chain(1)),
    up(chain(2), { excludes: [urn("first")] }),
    up(chain(3, ["third"]), { excludes: [urn("third")] }),
  ],
  "destroy of targets takes dependents only when asked": [
    up(chain(1)),
    destroy({ targets: [urn("second")] }),
    destroy({ targets: [urn("second")], targetDependents: true }),
  ],
  "destroy keeps the excluded and what they need": [up(chain(1)), destroy({ excludes: [urn("second")] })],
  "refresh of targets reads no other": [
    up(chain(1)),
    refresh({
      targets: [urn("third")],
      tamper: (objects) => {
        for (const object of Object.values(objects)) object.other = 5;
      },
    }),
  ],
  "replace makes anew what is unchanged": [up(chain(1)), up(chain(1), { replace: [urn("third")] })],
};
