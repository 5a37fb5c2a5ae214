import type { Json } from "../../emulator";
import type { AwsType } from "../aws-type";

const service = "ecs";

/** As a service's `waitForSteadyState` has it: one deployment is left, it is the wanted one, and all of it runs. */
function isSteady(found: Json, inputs: Json): true | string {
  if (inputs.waitForSteadyState !== true) {
    return true;
  }
  const [deployment, ...others] = found.deployments;
  if (deployment?.rolloutState === "FAILED") {
    throw new Error(`The deployment of ${found.serviceName} failed: ${deployment.rolloutStateReason}`);
  }
  const isWanted = deployment?.taskDefinition === found.taskDefinition && others.length === 0;
  const isDone = deployment?.rolloutState === "COMPLETED" && found.runningCount === found.desiredCount;
  return (isWanted && isDone) || `${found.runningCount} of ${found.desiredCount} tasks run`;
}

export const ecs: Record<string, AwsType> = {
  "aws:ecs/cluster:Cluster": {
    service,
    create: ["CreateCluster", {}],
    rename: { name: "clusterName", configuration: "configuration" },
    id: "{result.cluster.clusterArn}",
    read: ["DescribeClusters", { clusters: ["{id}"] }, "clusters[0]"],
    gone: { status: "INACTIVE" },
    update: ["UpdateCluster", { cluster: "{id}" }],
    replace: ["name"],
    delete: [["DeleteCluster", { cluster: "{id}" }]],
    named: ["name"],
    outputs: { arn: "clusterArn" },
  },
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {
    service,
    create: ["PutClusterCapacityProviders", { defaultCapacityProviderStrategy: [] }],
    rename: { clusterName: "cluster", defaultCapacityProviderStrategies: "defaultCapacityProviderStrategy" },
    id: "{inputs.clusterName}",
    read: ["DescribeClusters", { clusters: ["{inputs.clusterName}"] }, "clusters[0]"],
    update: ["PutClusterCapacityProviders", { defaultCapacityProviderStrategy: [] }],
    replace: ["clusterName"],
    delete: [
      [
        "PutClusterCapacityProviders",
        { cluster: "{inputs.clusterName}", capacityProviders: [], defaultCapacityProviderStrategy: [] },
      ],
    ],
  },
  "aws:ecs/taskDefinition:TaskDefinition": {
    service,
    create: ["RegisterTaskDefinition", {}],
    ignore: ["skipDestroy", "trackLatest"],
    id: "{inputs.family}",
    created: {
      arn: "taskDefinition.taskDefinitionArn",
      revision: "taskDefinition.revision",
    },
    read: ["DescribeTaskDefinition", { taskDefinition: "{outputs.arn}" }, "taskDefinition"],
    gone: { status: "INACTIVE" },
    delete: [["DeregisterTaskDefinition", { taskDefinition: "{outputs.arn}" }]],
    outputs: { arn: "taskDefinitionArn", revision: "revision" },
    parts: { arnWithoutRevision: ["arn", /^(.*):\d+$/] },
  },
  "aws:ecs/service:Service": {
    service,
    create: ["CreateService", {}],
    rename: {
      name: "serviceName",
      iamRole: "role",
      networkConfiguration: "networkConfiguration.awsvpcConfiguration",
      capacityProviderStrategies: "capacityProviderStrategy",
      deploymentCircuitBreaker: "deploymentConfiguration.deploymentCircuitBreaker",
      deploymentMaximumPercent: "deploymentConfiguration.maximumPercent",
      deploymentMinimumHealthyPercent: "deploymentConfiguration.minimumHealthyPercent",
      alarms: "deploymentConfiguration.alarms",
      "serviceConnectConfiguration.services.clientAlias": "clientAliases",
    },
    ignore: ["waitForSteadyState", "triggers", "forceDelete", "sigintRollback"],
    id: "{result.service.serviceArn}",
    read: ["DescribeServices", { cluster: "{inputs.cluster}", services: ["{id}"] }, "services[0]"],
    gone: { status: "INACTIVE" },
    update: ["UpdateService", { cluster: "{inputs.cluster}", service: "{id}" }],
    onlyChanged: ["desiredCount"],
    replace: ["cluster", "name", "launchType", "schedulingStrategy"],
    delete: [["DeleteService", { cluster: "{inputs.cluster}", service: "{id}", force: true }]],
    named: ["name"],
    outputs: { arn: "serviceArn" },
    ready: isSteady,
  },
};
