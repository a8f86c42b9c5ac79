/**
 * How calls that can pass at another time are repeated.
 *
 * The SDK's own strategy keeps a quota: 500 tokens a client, 5 or 14 of which each repetition costs. With dozens of
 * calls under way, an outage of a second uses it up, and what comes then is lost after one attempt. The quota protects
 * a service from thousands of impatient clients; one run with some dozens of connections is none of these, and loses a
 * city's plots by it. So: the same classification of errors, no quota, longer pauses.
 */
import type { S3ClientConfig } from "@aws-sdk/client-s3";

/** As the SDK's clients take it. */
export type RetryStrategy = Exclude<NonNullable<S3ClientConfig["retryStrategy"]>, { retry: unknown }>;

/**
 * Attempts at one call, the first included. Where a fifth of all calls fail, ten fail together once in 10 million
 * (0.2^10); a run makes some 120,000. The pauses between them add up to some 20 s on average, more
 * than an ordinary throttling or failover takes.
 */
export const defaultAttempts = 10;

/** Milliseconds. */
export const defaultPause = 100;

export interface RetryOptions {
  /** Default {@link defaultAttempts}. */
  readonly attempts?: number;
  /** The longest first pause in milliseconds; it doubles from one repetition to the next. Default {@link defaultPause}. */
  readonly firstPause?: number;
  /** Called before each repetition, for the report's count. */
  readonly repeated?: () => void;
}

const longestPause = 20_000;
/** What throttles wants fewer calls, so the first pause is longer. */
const throttledFactor = 5;

/** @returns milliseconds before a repetition, the first being 0: anything up to the limit, so that callers scatter */
export function pause(repetition: number, firstPause: number): number {
  return Math.random() * Math.min(longestPause, firstPause * 2 ** repetition);
}

/** A strategy for the SDK's clients, which may share it. */
export function retryStrategy(options: RetryOptions = {}): RetryStrategy {
  const { attempts = defaultAttempts, firstPause = defaultPause, repeated } = options;
  const token = (count: number, delay: number) => ({ getRetryCount: () => count, getRetryDelay: () => delay });
  return {
    acquireInitialRetryToken: async () => token(0, 0),
    async refreshRetryTokenForRetry(last, { errorType, retryAfterHint }) {
      const made = last.getRetryCount() + 1;
      // the SDK then throws the call's own error, not this one
      if (errorType === "CLIENT_ERROR" || made >= attempts) throw new Error("not repeated");
      repeated?.();
      const computed = pause(made - 1, errorType === "THROTTLING" ? firstPause * throttledFactor : firstPause);
      const asked = retryAfterHint === undefined ? 0 : retryAfterHint.getTime() - Date.now();
      return token(made, Math.max(computed, Math.min(asked, longestPause)));
    },
    recordSuccess() {},
  };
}
