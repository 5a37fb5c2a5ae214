import { registryStory } from "./story";

registryStory("consul", 18202);
