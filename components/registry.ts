import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { CertRequest, LocallySignedCert, PrivateKey, SelfSignedCert } from "@pulumi/tls";
import { checkName } from "./fields";
import type { Discovery, Platform, Workload } from "./platform";
import { Problems } from "./problems";
import { type RegistryKindName, registryKinds } from "./registries";
import type { Certificate } from "./registries/registry-kind";

export interface RegistryArgs<W extends Workload = Workload> {
  /** Where it runs. */
  platform: Platform<W>;
  /** `etcd` runs one, with TLS and authentication; `native` uses the target's own names. */
  kind: RegistryKindName;
}

const TEN_YEARS_HOURS = 87600;

/**
 * Where instances of services are registered and found, each with a lease: a crashed one is gone within 15 seconds.
 *
 * @example
 * const registry = new Registry("registry", { platform, kind: "etcd" });
 */
export class Registry<W extends Workload = Workload> extends pulumi.ComponentResource {
  /** How agents reach it. */
  readonly discovery: Discovery;
  /** The target's own resources; undefined for `native`. */
  readonly workload: W | undefined;

  /** @throws RunError with every problem of the arguments. */
  constructor(name: string, args: RegistryArgs<W>, opts?: pulumi.ComponentResourceOptions) {
    const problems = new Problems(`Registry "${name}"`);
    checkName(problems, "name", name);
    if (!(args.kind in registryKinds)) {
      const kinds = Object.keys(registryKinds);
      problems.add("kind", `must be one of ${kinds.join(", ")}`, args.kind, `Write "${kinds[0]}".`);
    }
    problems.throwIfAny();
    super("flotilla:index:Registry", name, {}, opts);

    const { platform } = args;
    const plan = registryKinds[args.kind]({
      name,
      namespace: platform.namespace,
      agentImage: platform.agentImage,
      names: platform.names,
      image: (image) => platform.pull(`${name}-${image}`, platform.catalogued(image), undefined, this),
      password: (purpose) => this.password(`${name}-${purpose}`),
      certificate: (dnsName) => this.certificate(name, dnsName),
    });
    this.discovery = plan.discovery;
    this.workload = plan.server === undefined ? undefined : platform.run(name, plan.server, this);
    this.registerOutputs({ address: this.workload?.address });
  }

  private password(name: string): pulumi.Output<string> {
    return new RandomPassword(`${name}-password`, { length: 32, special: false }, { parent: this }).result;
  }

  private certificate(name: string, dnsName: string): Certificate {
    const parent = { parent: this };
    const key = (part: string): pulumi.Output<string> =>
      new PrivateKey(`${name}-${part}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, parent).privateKeyPem;
    const authorityKey = key("authority");
    const authority = new SelfSignedCert(
      `${name}-authority`,
      {
        privateKeyPem: authorityKey,
        subject: { commonName: `${name} authority` },
        isCaCertificate: true,
        allowedUses: ["cert_signing", "crl_signing"],
        validityPeriodHours: TEN_YEARS_HOURS,
      },
      parent,
    );
    const privateKeyPem = key("server");
    const subject = { commonName: dnsName };
    const request = new CertRequest(
      `${name}-request`,
      { privateKeyPem, subject, dnsNames: [dnsName, "localhost"], ipAddresses: ["127.0.0.1"] },
      parent,
    );
    const signed = new LocallySignedCert(
      `${name}-certificate`,
      {
        caCertPem: authority.certPem,
        caPrivateKeyPem: authorityKey,
        certRequestPem: request.certRequestPem,
        allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
        validityPeriodHours: TEN_YEARS_HOURS,
      },
      parent,
    );
    return { authorityPem: authority.certPem, certificatePem: signed.certPem, privateKeyPem };
  }
}
