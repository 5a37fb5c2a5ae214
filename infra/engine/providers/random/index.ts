/** The embedded provider of package `random`. */
import type { Provider } from "../../provider";
import { generatedProvider } from "../generated";
import { randomPassword, randomString } from "./text";
import { randomBytesKind, randomId, randomInteger, randomUuid } from "./values";

export const createRandomProvider = (): Provider =>
  generatedProvider("random", {
    "random:index/randomBytes:RandomBytes": randomBytesKind,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomInteger:RandomInteger": randomInteger,
    "random:index/randomPassword:RandomPassword": randomPassword,
    "random:index/randomString:RandomString": randomString,
    "random:index/randomUuid:RandomUuid": randomUuid,
  });
