import { expect } from "chai";
import { describe, it } from "mocha";
import { UnavailableError } from "../../runner/errors.ts";
import { openClients } from "../../runner/stores/aws/client.ts";
import { openObjects } from "../../runner/stores/aws/objects.ts";
import { pause, retryStrategy } from "../../runner/stores/aws/retry.ts";
import { useEnvironment, useTestCredentials } from "../support/credentials.ts";
import { rejection } from "../support/samples.ts";

describe("clients of AWS", () => {
  useTestCredentials();

  it("need a region, and say which variable sets it", () => {
    expect(() => openClients({}, {})).to.throw(UnavailableError, "set AWS_REGION");
    for (const environment of [{ AWS_REGION: "eu-west-1" }, { AWS_DEFAULT_REGION: "eu-west-1" }]) {
      const clients = openClients({}, environment);
      expect(clients.region).to.equal("eu-west-1");
      clients.close();
    }
  });

  it("go where AWS_ENDPOINT_URL says, and tell when nobody is there", async () => {
    // nothing listens on port 1
    const environment = { AWS_REGION: "us-east-1", AWS_ENDPOINT_URL: "http://127.0.0.1:1" };
    const clients = openClients({ firstPause: 1, attempts: 3 }, environment);
    try {
      const failed = await rejection(openObjects(clients, "plots").get("k"));
      expect(failed).to.include({ name: "UnavailableError", exitCode: 3, code: "ECONNREFUSED" });
      expect(failed.message).to.contain("bucket plots, key k").and.contain("can't be reached");
    } finally {
      clients.close();
    }
  });

  it("take the first pause from the environment, and refuse one that is no number", async () => {
    const environment = { AWS_REGION: "us-east-1", AWS_ENDPOINT_URL: "http://127.0.0.1:1" };
    const clients = openClients({}, { ...environment, REPLOT_RETRY_PAUSE_MILLISECONDS: "0.001" });
    // ten attempts; with the usual pauses they take half a minute
    await rejection(openObjects(clients, "plots").get("k"));
    clients.close();
    expect(clients.repetitions()).to.equal(9);
    expect(() => openClients({}, { ...environment, REPLOT_RETRY_PAUSE_MILLISECONDS: "soon" })).to.throw(
      UnavailableError,
      'REPLOT_RETRY_PAUSE_MILLISECONDS is "soon": set a number of milliseconds, or unset it',
    );
  });
});

describe("clients of AWS without credentials", () => {
  useEnvironment({
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_PROFILE: undefined,
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
  });

  it("say so at the first call, at once", async () => {
    const clients = openClients({ region: "us-east-1", endpoint: "http://127.0.0.1:1" });
    const failed = await rejection(openObjects(clients, "plots").get("k"));
    clients.close();
    expect(failed).to.include({ name: "UnavailableError", exitCode: 3, code: "CredentialsProviderError" });
    expect(failed.message).to.contain("no AWS credentials were found").and.contain("aws sts get-caller-identity");
    expect(clients.repetitions()).to.equal(0);
  });
});

describe("repetitions of calls", () => {
  it("wait longer from one to the next, at random below a limit", () => {
    for (let repetition = 0; repetition < 20; repetition += 1) {
      const limit = Math.min(20_000, 100 * 2 ** repetition);
      const pauses = Array.from({ length: 200 }, () => pause(repetition, 100));
      expect(Math.max(...pauses)).to.be.within(limit / 2, limit);
      expect(Math.min(...pauses)).to.be.within(0, limit / 2);
    }
  });

  it("end after the last attempt, and never begin for a caller's mistake", async () => {
    let repetitions = 0;
    const repeated = () => {
      repetitions += 1;
    };
    const strategy = retryStrategy({ attempts: 3, repeated });
    let token = await strategy.acquireInitialRetryToken("");
    token = await strategy.refreshRetryTokenForRetry(token, { errorType: "TRANSIENT" });
    token = await strategy.refreshRetryTokenForRetry(token, { errorType: "THROTTLING" });
    await rejection(strategy.refreshRetryTokenForRetry(token, { errorType: "SERVER_ERROR" }));
    const first = await strategy.acquireInitialRetryToken("");
    await rejection(strategy.refreshRetryTokenForRetry(first, { errorType: "CLIENT_ERROR" }));
    expect(repetitions).to.equal(2);
  });

  it("wait as long as the service asks, within the limit", async () => {
    const strategy = retryStrategy({ firstPause: 1 });
    const first = await strategy.acquireInitialRetryToken("");
    const asked = async (milliseconds: number) => {
      const retryAfterHint = new Date(Date.now() + milliseconds);
      return (
        await strategy.refreshRetryTokenForRetry(first, { errorType: "THROTTLING", retryAfterHint })
      ).getRetryDelay();
    };
    expect(await asked(5_000)).to.be.within(4_500, 5_000);
    expect(await asked(900_000)).to.equal(20_000);
  });
});
