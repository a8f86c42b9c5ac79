/** Is an image of a stack in its registry, and one that Fargate can run? */
import { z } from "zod";
import type { Stack } from "../stack/open.ts";
import { awsFailure } from "../stores/aws/failure.ts";
import { type Finding, ok, warn, wrong } from "./check.ts";

const platform = { os: "linux", architecture: "amd64" } as const;
const rebuild = "pulumi up builds and pushes it again; an image of your own: build it with --platform linux/amd64";

const mediaTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

const Platform = z.object({ os: z.string(), architecture: z.string() });
const Manifest = z.union([
  z.object({ manifests: z.array(z.object({ platform: Platform.optional() })) }),
  z.object({ config: z.object({ digest: z.string() }) }),
]);

/** @param image `…@sha256:…` */
export async function checkRegistryImage({ clients }: Stack, what: string, image: string): Promise<Finding> {
  const place = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com[a-z.]*\/([^@]+)@(sha256:[0-9a-f]{64})$/.exec(image);
  if (place === null) {
    return image.includes("@sha256:")
      ? ok(what, `${image} (not in ECR: not looked at)`)
      : warn(what, `${image} is named by a tag, which may become another image`, "name it by its digest: …@sha256:…");
  }
  const [, registryId = "", region = "", repositoryName = "", imageDigest = ""] = place;
  const { BatchGetImageCommand, ECRClient, GetDownloadUrlForLayerCommand } = await import("@aws-sdk/client-ecr");
  const ecr = new ECRClient({ ...clients.settings, region });
  const failed = (action: string) => (thrown: unknown) => {
    throw awsFailure({ action, on: `repository ${repositoryName}` }, thrown);
  };
  try {
    const command = new BatchGetImageCommand({
      registryId,
      repositoryName,
      imageIds: [{ imageDigest }],
      acceptedMediaTypes: mediaTypes,
    });
    const { images = [] } = await ecr.send(command).catch(failed("ecr:BatchGetImage"));
    const text = images[0]?.imageManifest;
    if (text === undefined) {
      return wrong(what, `repository ${repositoryName} has no image ${imageDigest} (any more)`, rebuild);
    }
    const manifest = Manifest.safeParse(JSON.parse(text));
    if (!manifest.success) return wrong(what, `${image} has a manifest of no known kind`, rebuild);
    if ("manifests" in manifest.data) {
      return judge(
        what,
        image,
        manifest.data.manifests.flatMap(({ platform }) => platform ?? []),
      );
    }
    const { digest: layerDigest } = manifest.data.config;
    const { downloadUrl = "" } = await ecr
      .send(new GetDownloadUrlForLayerCommand({ registryId, repositoryName, layerDigest }))
      .catch(failed("ecr:GetDownloadUrlForLayer"));
    const answer = await fetch(downloadUrl, { signal: AbortSignal.timeout(20_000) });
    return judge(what, image, [Platform.parse(await answer.json())]);
  } finally {
    ecr.destroy();
  }
}

function judge(what: string, image: string, platforms: readonly z.infer<typeof Platform>[]): Finding {
  const fits = platforms.some(({ os, architecture }) => os === platform.os && architecture === platform.architecture);
  const named = platforms.map(({ os, architecture }) => `${os}/${architecture}`).join(", ");
  return fits
    ? ok(what, image)
    : wrong(what, `${image} is for ${named || "no platform"}, and Fargate runs it on linux/amd64`, rebuild);
}
