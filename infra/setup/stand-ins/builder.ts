/** Builds stand-ins for third-party images on one daemon, those that it has not yet. */
import * as path from "node:path";
import type Docker from "dockerode";
import type { ImageName } from "../../../components/images";
import { Limit } from "../../engine/providers/docker/limit";
import { buildImage } from "../build-image";
import { type ContextFile, trustContext } from "../certificates";
import { step } from "../steps.js";
import { importDebian } from "./debian";
import type { StandInNames } from "./names";
import { npmPackageFiles } from "./npm-package";
import { recipeFiles, standInRecipes } from "./recipes";

/** On every image that is made here: the name of what it stands in for. */
export const standInLabel = "flotilla.stand-in";

/** On the earlier stages of such images, whose Dockerfiles say it. */
export const stageLabel = "flotilla.stand-in-stage";

/** More builds at once make each of them slower and the machine useless. */
const parallelBuilds = 2;

type Report = (line: string) => void;

export class StandInBuilder {
  private readonly limit = new Limit(parallelBuilds);
  private readonly made = new Map<string, Promise<string>>();

  /** @param present references of the images that the daemon has */
  constructor(
    private readonly docker: Docker,
    private readonly names: StandInNames,
    private readonly present: Set<string>,
  ) {}

  /** Builds a stand-in and what it is made from where the daemon has it not; returns its reference. */
  ensure(name: ImageName): Promise<string> {
    const recipe = standInRecipes[name];
    return this.make(name, this.names.of(name), async () => {
      const images: Record<string, string> = { BASE_IMAGE: await this.base() };
      if (recipe.madeWith !== undefined) {
        images[`${recipe.madeWith.toUpperCase()}_IMAGE`] = await this.ensure(recipe.madeWith);
      }
      return async (report) => {
        const packages = (recipe.npmPackages ?? []).map(async (wanted) => {
          report(`npm pack ${wanted.specification(this.names.npmArchitecture)}`);
          return npmPackageFiles(wanted, this.names.npmArchitecture);
        });
        const context = [...recipeFiles(name), ...(await Promise.all(packages)).flat()];
        await this.build(name, this.names.of(name), context, { ...images, VERSION: recipe.version }, report);
      };
    });
  }

  private base(): Promise<string> {
    if (this.names.base === this.names.debian) {
      return this.debian();
    }
    return this.make("base", this.names.base, async () => {
      const debian = await this.debian();
      const context = trustContext(this.names.certificates);
      return (report) => this.build("base", this.names.base, context, { BASE_IMAGE: debian }, report);
    });
  }

  private debian(): Promise<string> {
    const { debian: reference, architecture } = this.names;
    const filesFolder = path.join(__dirname, "debian");
    const image = { reference, architecture, labels: { [standInLabel]: "debian" }, filesFolder };
    return this.make("debian", reference, async () => (report) => importDebian(this.docker, image, report));
  }

  /** Makes an image once: `prepare` makes what it is made from and returns how it is made itself. */
  private make(
    name: string,
    reference: string,
    prepare: () => Promise<(report: Report) => Promise<void>>,
  ): Promise<string> {
    const made =
      this.made.get(name) ??
      (async () => {
        if (!this.present.has(reference)) {
          const build = await prepare();
          await this.limit.run(() => step(`Build the stand-in ${reference}`, build));
        }
        return reference;
      })();
    this.made.set(name, made);
    return made;
  }

  private build(
    name: string,
    reference: string,
    context: ContextFile[],
    buildArguments: Record<string, string>,
    report: Report,
  ): Promise<void> {
    const labels = { [standInLabel]: name };
    return buildImage(this.docker, { reference, context, arguments: buildArguments, labels }, report);
  }
}
