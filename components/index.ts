/** The library: describe an architecture with these classes and run it on any platform. */
export { AutoscalingPolicy, type AutoscalingPolicyArgs } from "./autoscaling-policy";
export type { CallArgs, PortArgs } from "./connections";
export type { BuildArgs, ContainerArgs, FileArgs, NamedContainerArgs, VolumeArgs } from "./container";
export { Gateway, type GatewayArgs } from "./gateway";
export type { HardeningArgs } from "./hardening";
export { type ImageName, imageReference, images } from "./images";
export { Microservice, type MicroserviceArgs, type SidecarArgs } from "./microservice";
export type * from "./platform";
export type { AggregateArgs, AggregatePartArgs } from "./policies/aggregate";
export type { AuthenticationArgs } from "./policies/authentication";
export type { AuthorizationArgs } from "./policies/authorization";
export type { JwksArgs, JwtArgs } from "./policies/jwt";
export type * from "./policy-specs";
export type { ProbeArgs } from "./probe";
export { Registry, type RegistryArgs } from "./registry";
export type { RouteArgs } from "./route";
export type { QueueArgs, ScalingMetrics, ScheduleArgs } from "./scaling-metrics";
