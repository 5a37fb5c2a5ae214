/**
 * What the conformance programs are made of.
 */
import * as pulumi from "@pulumi/pulumi";

/** Inputs that steer the plugin; see plugin.cjs. */
export interface ThingArgs {
  value?: pulumi.Input<unknown>;
  other?: pulumi.Input<unknown>;
  /** Its change asks for a new thing, as that of `immutableReference`. */
  immutable?: pulumi.Input<unknown>;
  immutableReference?: pulumi.Input<unknown>;
  deleteBeforeReplace?: pulumi.Input<boolean>;
  /** Filled in with the resource's name and kept, when it is left out. */
  label?: pulumi.Input<string>;
  /** Whether the plugin tells its differences one by one. */
  detailed?: pulumi.Input<boolean>;
  /** The call that fails. */
  fail?: "check" | "diff" | "create" | "partial" | "update" | "delete";
}

const OUTPUTS = { arn: undefined, echo: undefined, label: undefined, password: undefined, prefix: undefined };

export class Thing extends pulumi.CustomResource {
  declare readonly arn: pulumi.Output<string>;
  declare readonly echo: pulumi.Output<string>;
  declare readonly label: pulumi.Output<string>;
  declare readonly password: pulumi.Output<string>;
  declare readonly prefix: pulumi.Output<string | undefined>;
  declare readonly value: pulumi.Output<unknown>;

  constructor(name: string, args: ThingArgs = {}, options: pulumi.CustomResourceOptions = {}) {
    super(
      "probe:index:Thing",
      name,
      { ...OUTPUTS, value: undefined, ...args },
      pulumi.mergeOptions({ version: "1.0.0" }, options),
    );
  }

  /** Reads one that exists. */
  static get(name: string, id: pulumi.Input<string>): Thing {
    return new Thing(name, {}, { id });
  }
}

export class Group extends pulumi.ComponentResource {
  constructor(name: string, args: pulumi.Inputs = {}, options: pulumi.ComponentResourceOptions = {}) {
    super("probe:index:Group", name, args, options);
  }
}

export class ProbeProvider extends pulumi.ProviderResource {
  constructor(
    name: string,
    args: { prefix?: pulumi.Input<string>; region?: pulumi.Input<string> },
    options: pulumi.ResourceOptions = {},
  ) {
    super("probe", name, args, pulumi.mergeOptions({ version: "1.0.0" }, options));
  }
}

/** A component of the plugin's. */
export class Remote extends pulumi.ComponentResource {
  declare readonly arn: pulumi.Output<string>;

  constructor(name: string, args: ThingArgs = {}, options: pulumi.ComponentResourceOptions = {}) {
    super(
      "probe:index:Remote",
      name,
      { arn: undefined, ...args },
      pulumi.mergeOptions({ version: "1.0.0" }, options),
      true,
    );
  }
}
