import type * as pulumi from "@pulumi/pulumi";
import type { ImageName } from "../images";
import type { Discovery, WorkloadSpec } from "../platform";

/** A key pair and the certificates that go with it, in PEM. */
export interface Certificate {
  authorityPem: pulumi.Output<string>;
  certificatePem: pulumi.Output<string>;
  privateKeyPem: pulumi.Output<string>;
}

/** What a registry kind may ask for; the Registry component makes it. */
export interface RegistrySetup {
  /** DNS name under which the registry's workload will be found. */
  name: string;
  /** Separates the instances of this platform from others in the same registry. */
  namespace: string;
  agentImage: pulumi.Input<string>;
  /** How the target finds instances by its own names. */
  names: Discovery;
  image(name: ImageName): pulumi.Input<string>;
  /** A generated password that stays the same. */
  password(purpose: string): pulumi.Output<string>;
  /** A certificate for this DNS name, signed by an authority of its own. */
  certificate(dnsName: string): Certificate;
}

/** What runs, and how agents use it. */
export interface RegistryPlan {
  /** The registry's own workload; undefined when the target serves look-ups itself. */
  server?: WorkloadSpec;
  discovery: Discovery;
}

/** A kind of registry: a pure function from what it needs to what runs. */
export type RegistryKind = (setup: RegistrySetup) => RegistryPlan;
