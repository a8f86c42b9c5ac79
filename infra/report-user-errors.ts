/** Mistakes of the person at the terminal, without a trace of the program. */
import * as pulumi from "@pulumi/pulumi";
import { ReplotError } from "../runner/errors.ts";

/** Runs it; what a person has to mend is told as Pulumi tells such things, by its message alone. */
export async function reportUserErrors<T>(program: () => Promise<T>): Promise<T> {
  try {
    return await program();
  } catch (thrown) {
    throw thrown instanceof ReplotError ? new pulumi.RunError(thrown.message) : thrown;
  }
}
