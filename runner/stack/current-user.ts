import { userInfo } from "node:os";

/** The name of the current user, with characters that AWS accepts in tags. */
export function currentUser(): string {
  try {
    return userInfo()
      .username.replaceAll(/[^\w-]/g, "_")
      .slice(0, 60);
  } catch {
    // in containers the user id often has no entry in /etc/passwd
    return "somebody";
  }
}
