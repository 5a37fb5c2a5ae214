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
  /** `etcd`, `consul` and `zookeeper` run one, with TLS and authentication; `native` uses the target's own names. */
  kind: RegistryKindName;
  /** Servers: 3 go on when one of them is lost. 1 for `native`, which has none of its own. @default 1 */
  nodes?: 1 | 3;
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
  /** The target's own resources, one for each server; none for `native`. */
  readonly workloads: W[];

  /** @throws RunError with every problem of the arguments. */
  constructor(name: string, args: RegistryArgs<W>, opts?: pulumi.ComponentResourceOptions) {
    const problems = new Problems(`Registry "${name}"`);
    checkName(problems, "name", name);
    if (!(args.kind in registryKinds)) {
      const kinds = Object.keys(registryKinds);
      problems.add("kind", `must be one of ${kinds.join(", ")}`, args.kind, `Write "${kinds[0]}".`);
    }
    checkNodes(problems, "nodes", args.kind, args.nodes);
    problems.throwIfAny();
    super("flotilla:index:Registry", name, {}, opts);

    const { platform, nodes = 1 } = args;
    const names = nodes === 1 ? [name] : Array.from({ length: nodes }, (_, index) => `${name}-${index + 1}`);
    const plan = registryKinds[args.kind]({
      name,
      servers: names.map((server) => ({ name: server, address: platform.address(server) })),
      namespace: platform.namespace,
      agentImage: platform.agentImage,
      names: platform.names,
      image: (image) => platform.pull(`${name}-${image}`, platform.catalogued(image), undefined, this),
      password: (purpose) => this.password(`${name}-${purpose}`),
      certificate: (dnsNames) => this.certificate(name, dnsNames),
    });
    this.discovery = plan.discovery;
    this.workloads = plan.servers.map((server) => platform.run(server.name, server.spec, this));
    this.registerOutputs({ addresses: this.workloads.map(({ address }) => address) });
  }

  private password(name: string): pulumi.Output<string> {
    return new RandomPassword(`${name}-password`, { length: 32, special: false }, { parent: this }).result;
  }

  private certificate(name: string, dnsNames: string[]): Certificate {
    const parent = { parent: this };
    const key = (part: string): PrivateKey =>
      new PrivateKey(`${name}-${part}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, parent);
    const authorityKey = key("authority").privateKeyPem;
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
    const { privateKeyPem, privateKeyPemPkcs8 } = key("server");
    const subject = { commonName: name };
    const request = new CertRequest(
      `${name}-request`,
      { privateKeyPem, subject, dnsNames: [...dnsNames, "localhost"], ipAddresses: ["127.0.0.1"] },
      parent,
    );
    const signed = new LocallySignedCert(
      `${name}-certificate`,
      {
        caCertPem: authority.certPem,
        caPrivateKeyPem: authorityKey,
        certRequestPem: request.certRequestPem,
        allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
        validityPeriodHours: TEN_YEARS_HOURS,
      },
      parent,
    );
    return {
      authorityPem: authority.certPem,
      certificatePem: signed.certPem,
      privateKeyPem,
      privateKeyPkcs8Pem: privateKeyPemPkcs8,
    };
  }
}

/** Records what is wrong with the number of a registry's servers. */
export function checkNodes(problems: Problems, path: string, kind: string, nodes: number | undefined): void {
  if (nodes !== undefined && nodes !== 1 && nodes !== 3) {
    problems.add(path, "must be 1 or 3", nodes, "Write 3 to go on when one of them is lost.");
  } else if (nodes === 3 && kind === "native") {
    problems.add(path, "must be 1 for native, which has no server of its own", nodes, "Take it out.");
  }
}
