/** How KEDA is told of a queue, for each kind of them. */
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import * as pulumi from "@pulumi/pulumi";
import type { QueueSpec } from "../../../platform";
import type { KubernetesHost } from "../host";
import { admit } from "../network-policies";
import { KEDA, type Trigger } from "./keda";

/** The pod that asks queues for their length, in whatever namespace KEDA is installed. */
const KEDA_OPERATOR = {
  namespaceSelector: {},
  podSelector: { matchLabels: { app: "keda-operator" } },
};

interface QueueKind {
  trigger(queue: QueueSpec, address: pulumi.Output<string>): Trigger;
  /** Parameters of the trigger that are secret, by KEDA's names. */
  secrets(queue: QueueSpec, address: string, password: string): Record<string, string>;
}

const QUEUE_KINDS: Record<QueueSpec["kind"], QueueKind> = {
  redis: {
    trigger: ({ name, backlogPerReplica }, address) => ({
      type: "redis",
      metadata: { address, listName: name, listLength: String(backlogPerReplica) },
    }),
    secrets: ({ username }, _address, password) => ({
      password,
      ...(username === undefined ? {} : { username }),
    }),
  },
  amqp: {
    trigger: ({ name, backlogPerReplica, password }, address) => ({
      type: "rabbitmq",
      metadata: {
        protocol: "amqp",
        mode: "QueueLength",
        queueName: name,
        value: String(backlogPerReplica),
        ...(password === undefined ? { host: pulumi.interpolate`amqp://${address}` } : {}),
      },
    }),
    secrets: ({ username = "" }, address, password) => ({
      host: `amqp://${[username, password].map(encodeURIComponent).join(":")}@${address}`,
    }),
  },
};

/** The trigger of a policy's queue, with the secrets that it needs; KEDA is let in to the workload that holds it. */
export function queueTrigger(
  host: KubernetesHost,
  policy: string,
  queue: QueueSpec,
  parent: pulumi.Resource,
): Trigger {
  const kind = QUEUE_KINDS[queue.kind];
  const { password, service, port } = queue;
  const address = pulumi.interpolate`${service}.${host.namespace}.svc:${port}`;
  admit(host, `${policy}-queue-to-${service}`, service, [port], [KEDA_OPERATOR], parent);
  const trigger = kind.trigger(queue, address);
  if (password === undefined) {
    return trigger;
  }
  const secrets = pulumi.secret(
    pulumi.all([address, password]).apply(([at, known]) => kind.secrets(queue, at, known)),
  );
  // Named by its content: KEDA asks anew with another password only when the trigger changes.
  const name = pulumi.interpolate`${policy}-queue-${host.digest(secrets)}`;
  const access = new Secret(
    `${policy}-queue`,
    { metadata: host.metadata(name), stringData: secrets },
    host.options(parent),
  );
  const spec = {
    secretTargetRef: pulumi.unsecret(secrets).apply((known) => {
      return Object.keys(known).map((parameter) => ({
        parameter,
        key: parameter,
        name: access.metadata.name,
      }));
    }),
  };
  const authentication = new CustomResource(
    `${policy}-queue-access`,
    { apiVersion: KEDA, kind: "TriggerAuthentication", metadata: host.metadata(name), spec },
    host.options(parent),
  );
  return { ...trigger, authenticationRef: { name: authentication.metadata.name } };
}
