import { registryStory } from "./story";

registryStory("zookeeper", 18203);
