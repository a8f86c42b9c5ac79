import { userInfo } from "node:os";

/** Who is at this machine, in letters that every service takes. */
export function currentUser(): string {
  try {
    return userInfo()
      .username.replaceAll(/[^\w-]/g, "_")
      .slice(0, 60);
  } catch {
    // a user id without an entry, as containers have it
    return "somebody";
  }
}
