/** What the runner reads of ECS's answers, as ECS writes it. */

export interface ContainerDefinition {
  name: string;
  image: string;
  essential?: boolean;
  entryPoint?: string[];
  command?: string[];
  workingDirectory?: string;
  environment?: { name: string; value: string }[];
  secrets?: { name: string; valueFrom: string }[];
  mountPoints?: { sourceVolume: string; containerPath: string; readOnly?: boolean }[];
  portMappings?: { containerPort: number; name?: string }[];
  dependsOn?: Dependency[];
  healthCheck?: {
    command: string[];
    interval?: number;
    timeout?: number;
    retries?: number;
    startPeriod?: number;
  };
  user?: string;
  readonlyRootFilesystem?: boolean;
  linuxParameters?: { capabilities?: { add?: string[]; drop?: string[] }; initProcessEnabled?: boolean };
  systemControls?: { namespace: string; value: string }[];
  ulimits?: { name: string; softLimit: number; hardLimit: number }[];
  cpu?: number;
  memory?: number;
  memoryReservation?: number;
  stopTimeout?: number;
  restartPolicy?: { enabled: boolean; restartAttemptPeriod?: number; ignoredExitCodes?: number[] };
  logConfiguration?: { logDriver: string; options?: Record<string, string> };
}

export interface Dependency {
  containerName: string;
  condition: "START" | "COMPLETE" | "SUCCESS" | "HEALTHY";
}

export interface TaskDefinition {
  taskDefinitionArn: string;
  family: string;
  networkMode?: string;
  requiresCompatibilities?: string[];
  cpu?: string;
  memory?: string;
  executionRoleArn?: string;
  taskRoleArn?: string;
  containerDefinitions: ContainerDefinition[];
  volumes?: TaskVolume[];
}

export interface TaskVolume {
  name: string;
  host?: { sourcePath?: string };
  efsVolumeConfiguration?: {
    fileSystemId: string;
    authorizationConfig?: { accessPointId?: string; iam?: string };
  };
}

export interface Service {
  serviceArn: string;
  serviceName: string;
  clusterArn: string;
  status: string;
  desiredCount: number;
  taskDefinition: string;
  loadBalancers?: { targetGroupArn: string; containerName: string; containerPort: number }[];
  serviceRegistries?: { registryArn: string }[];
  networkConfiguration?: { awsvpcConfiguration: { subnets: string[]; securityGroups?: string[] } };
  healthCheckGracePeriodSeconds?: number;
  deploymentConfiguration?: {
    maximumPercent?: number;
    minimumHealthyPercent?: number;
    deploymentCircuitBreaker?: { enable: boolean; rollback: boolean };
  };
}
