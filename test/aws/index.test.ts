import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { expect } from "chai";
import { it } from "mocha";
import { openIndex } from "../../runner/stores/aws/index.ts";
import { itKeepsAnIndex } from "../support/contracts/index.ts";
import { type Call, everyFifth } from "../support/faulty-proxy.ts";
import { describeWithMoto } from "../support/moto.ts";
import { city, collect, indexRow, plot, rejection, scenario, sha } from "../support/samples.ts";
import { cloud } from "./cloud.ts";

const isBatch = ({ target }: Call): boolean => target.endsWith(".BatchWriteItem");
const throttled = JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#ThrottlingException", message: "slower" });
const broken = JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message: "oops" });

describeWithMoto("index in DynamoDB", (moto) => {
  const aws = cloud(moto);

  itKeepsAnIndex(async () => {
    const clients = aws.clients();
    const table = await aws.plotsTable();
    return {
      index: openIndex(clients, table),
      place: `table ${table}`,
      async spoil(row, sha256) {
        await clients.dynamodb.send(new PutItemCommand({ TableName: table, Item: marshall({ ...row, sha256 }) }));
      },
    };
  });

  it("reads a city and a table of several pages", async () => {
    const table = await aws.plotsTable();
    const index = openIndex(aws.clients(), table);
    // a page is at most 1 MB
    const image = "x".repeat(20_000);
    const rows = Array.from({ length: 130 }, (_, n) => indexRow(plot("C.1", `f${n}`), sha("a"), { image }));
    await index.write(rows);
    const { clients, proxy } = await aws.faulty(() => undefined);
    expect(await openIndex(clients, table).rows(city("C.1"), scenario("cessation"))).to.have.deep.members(rows);
    expect(await collect(openIndex(clients, table).all())).to.have.deep.members(rows);
    const pages = (operation: string) => proxy.calls.filter(({ target }) => target.endsWith(operation)).length;
    expect(pages("Query")).to.be.at.least(3);
    expect(pages("Scan")).to.be.at.least(3);
  });

  it("sends again what DynamoDB left out of a batch, and only that", async () => {
    const table = await aws.plotsTable();
    const rows = Array.from({ length: 25 }, (_, n) => indexRow(plot("C.1", `f${n}`), sha("a")));
    let first = true;
    const { clients, proxy } = await aws.faulty((call) => {
      if (!isBatch(call) || !first) return undefined;
      first = false;
      // the server gets fifteen of the rows, and the SDK hears that ten were left out
      const requests: unknown[] = JSON.parse(call.body).RequestItems[table];
      const send = JSON.stringify({ RequestItems: { [table]: requests.slice(0, 15) } });
      return { send, answer: () => JSON.stringify({ UnprocessedItems: { [table]: requests.slice(15) } }) };
    });
    await openIndex(clients, table).write(rows);
    const batches = proxy.calls.filter(isBatch).map(({ body }) => JSON.parse(body).RequestItems[table].length);
    expect(batches).to.deep.equal([25, 10]);
    expect(clients.repetitions()).to.equal(1);
    expect(await collect(openIndex(aws.clients(), table).all())).to.have.deep.members(rows);
  });

  it("has every row in the end when whole batches are left out at first", async () => {
    const table = await aws.plotsTable();
    const rows = Array.from({ length: 60 }, (_, n) => indexRow(plot("C.1", `f${n}`), sha("a")));
    let refused = 0;
    const { clients } = await aws.faulty((call) => {
      if (!isBatch(call) || refused++ >= 5) return undefined;
      return { status: 200, body: JSON.stringify({ UnprocessedItems: JSON.parse(call.body).RequestItems }) };
    });
    await openIndex(clients, table).write(rows);
    expect(await collect(openIndex(aws.clients(), table).all())).to.have.deep.members(rows);
  });

  it("gives up on items that are left out again and again, and says how many", async () => {
    const { clients, proxy } = await aws.faulty((call) => ({
      status: 200,
      body: JSON.stringify({ UnprocessedItems: JSON.parse(call.body).RequestItems }),
    }));
    const rows = [indexRow(plot("C.1"), sha("a")), indexRow(plot("C.2"), sha("a"))];
    const failed = await rejection(openIndex(clients, "plots").write(rows));
    expect(failed).to.include({ name: "UnavailableError", exitCode: 3 });
    expect(failed.message).to.contain("table plots: 2 items were left out 10 times in a row");
    expect(proxy.calls).to.have.length(10);
  });

  it("loses nothing though a fifth of all calls fails", async () => {
    const table = await aws.plotsTable();
    const { clients, proxy } = await aws.faulty(
      everyFifth([{ status: 500, body: broken }, { status: 400, body: throttled }, "reset", "lost answer"]),
    );
    const index = openIndex(clients, table);
    const rows = Array.from({ length: 200 }, (_, n) => indexRow(plot(`C.${n % 20}`, `f${n}`), sha("a")));
    for (let n = 0; n < 20; n += 1) await index.write(rows.slice(n * 10, n * 10 + 10));
    expect(proxy.faults()).to.be.at.least(5);
    expect(clients.repetitions()).to.be.at.least(proxy.faults());
    expect(await collect(index.all())).to.have.deep.members(rows);
  });

  it("without its table says so, with the remedy", async () => {
    const index = openIndex(aws.clients(), aws.name("nowhere"));
    for (const ask of [
      () => collect(index.all()),
      () => index.rows(city("C.1"), scenario("s")),
      () => index.write([indexRow(plot("C.1"), sha("a"))]),
    ]) {
      const failed = await rejection(ask());
      expect(failed).to.include({ name: "UnavailableError", exitCode: 3, code: "ResourceNotFoundException" });
      expect(failed.message).to.contain("table replot-nowhere").and.contain("no such table").and.contain("pulumi up");
    }
  });

  it("behind a refusal names action and table", async () => {
    const refusal = { __type: "com.amazon.coral.service#AccessDeniedException", Message: "not authorized" };
    const { clients, proxy } = await aws.faulty(() => ({ status: 400, body: JSON.stringify(refusal) }));
    const failed = await rejection(openIndex(clients, "plots").write([indexRow(plot("C.1"), sha("a"))]));
    expect(failed).to.include({
      name: "UnavailableError",
      code: "AccessDeniedException",
      action: "dynamodb:BatchWriteItem",
    });
    expect(failed.message).to.contain("dynamodb:BatchWriteItem failed for table plots: access denied");
    expect(proxy.calls).to.have.length(1);
  });
});
