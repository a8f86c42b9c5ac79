/** Keeps out of places where R put a link in a directory's stead: nothing behind one is read, published or removed. */
import { basename, dirname, relative } from "node:path";
import type { PlotId } from "../../domain.ts";
import { messageOf } from "../../errors.ts";
import { plotPath } from "../../layout.ts";
import { type AttemptFiles, removeFile } from "../agent/work-directory.ts";
import { impostor } from "./output.ts";

export interface Guard {
  /** Whether the directories that lead to a plot are directories, which R could have replaced by links at any time. */
  isWithin(plot: PlotId): boolean;
  /** What R put in the place of the attempt's directories is removed, not followed: then there is no output. */
  shedLinks(): void;
}

/** @param remark says a thing once, however often it is noticed */
export function guardOutput(files: AttemptFiles, workDirectory: string, remark: (text: string) => void): Guard {
  /** {@link impostor} among the attempt's directories, from the one that all attempts lie in to one of its output's. */
  function impostorIn(path = ""): string | undefined {
    const { directory, output } = files;
    const link = impostor(dirname(directory), `${basename(directory)}/${basename(output)}/${path}`);
    if (link !== undefined) {
      remark(`${relative(workDirectory, link)} is not a directory any more; what R drew there does not count`);
    }
    return link;
  }

  return {
    isWithin: (plot) => impostorIn(dirname(plotPath(plot))) === undefined,
    shedLinks() {
      const link = impostorIn();
      if (link === undefined) return;
      try {
        removeFile(link);
      } catch (error) {
        remark(`cannot remove ${link}: ${messageOf(error)}`);
      }
    },
  };
}
