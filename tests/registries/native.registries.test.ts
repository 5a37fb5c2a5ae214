import { registryStory } from "./story";

registryStory("native", 18204);
