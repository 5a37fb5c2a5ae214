import { registryStory } from "./story";

registryStory("etcd", 18201);
