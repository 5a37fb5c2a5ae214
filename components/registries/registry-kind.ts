import type * as pulumi from "@pulumi/pulumi";
import type { ImageName } from "../images";
import type { Discovery, WorkloadSpec } from "../platform";

/** A key pair and the certificates that go with it, in PEM. */
export interface Certificate {
  authorityPem: pulumi.Output<string>;
  certificatePem: pulumi.Output<string>;
  privateKeyPem: pulumi.Output<string>;
  /** The same key in PKCS #8, which Java reads. */
  privateKeyPkcs8Pem: pulumi.Output<string>;
}

/** A server of a registry. */
export interface RegistryServer {
  /** Name of its workload. */
  name: string;
  /** DNS name under which others find it. */
  address: string;
}

/** What a registry kind may ask for; the Registry component makes it. */
export interface RegistrySetup {
  /** The registry's own name. */
  name: string;
  /** Its servers: one, or three that agree by quorum. */
  servers: RegistryServer[];
  /** Separates the instances of this platform from others in the same registry. */
  namespace: string;
  agentImage: pulumi.Input<string>;
  /** How the target finds instances by its own names. */
  names: Discovery;
  image(name: ImageName): pulumi.Input<string>;
  /** A generated password that stays the same. */
  password(purpose: string): pulumi.Output<string>;
  /** A certificate that proves each of these DNS names, to servers and to clients, signed by an authority of its own. */
  certificate(dnsNames: string[]): Certificate;
}

/** What runs, and how agents use it. */
export interface RegistryPlan {
  /** One workload for each server; none when the target serves look-ups itself. */
  servers: { name: string; spec: WorkloadSpec }[];
  discovery: Discovery;
}

/** A kind of registry: a pure function from what it needs to what runs. */
export type RegistryKind = (setup: RegistrySetup) => RegistryPlan;
