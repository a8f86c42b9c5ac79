/** A file system that is soon full. Takes Linux, and root. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** Mounts one at a directory, which is made. False where we may not. @param size as `1M` */
export function mountSmall(directory: string, size: string): boolean {
  mkdirSync(directory, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", directory], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** At once, whatever has files open there. */
export function unmount(directory: string): void {
  execFileSync("umount", ["--lazy", directory], { stdio: "ignore" });
}
