import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { expect } from "chai";
import { it } from "mocha";
import { openIndex } from "../../runner/stores/aws/index.ts";
import { type Call, everyFifth } from "../support/faulty-proxy.ts";
import { describeWithMoto } from "../support/moto.ts";
import { city, collect, indexRow, plot, rejection, runId, scenario, sha } from "../support/samples.ts";
import { cloud } from "./cloud.ts";

const isBatch = ({ target }: Call): boolean => target.endsWith(".BatchWriteItem");
const throttled = JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#ThrottlingException", message: "slower" });
const broken = JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message: "oops" });

describeWithMoto("index in DynamoDB", (moto) => {
  const aws = cloud(moto);

  it("gives back what was written, by city and scenario, sorted", async () => {
    const index = openIndex(aws.clients(), await aws.plotsTable());
    const rows = [
      indexRow(plot("C.1", "sex"), sha("a")),
      indexRow(plot("C.1", "age+race"), sha("b")),
      indexRow(plot("C.1", "none", "brief"), sha("c")),
      indexRow(plot("C.10", "none"), sha("d")),
    ];
    await index.write(rows);
    expect(await index.rows(city("C.1"), scenario("cessation"))).to.deep.equal([rows[1], rows[0]]);
    expect(await index.rows(city("C.1"), scenario("brief"))).to.deep.equal([rows[2]]);
    expect(await index.rows(city("C.2"), scenario("brief"))).to.deep.equal([]);
    expect(await collect(index.all())).to.have.deep.members(rows);
  });

  it("replaces a row of the same plot and removes what is asked; what is put wins", async () => {
    const index = openIndex(aws.clients(), await aws.plotsTable());
    const [old, leaving, staying] = ["none", "sex", "age"].map((facet) => indexRow(plot("C.1", facet), sha("a")));
    if (old === undefined || leaving === undefined || staying === undefined) throw new Error("three rows");
    await index.write([old, leaving, staying]);
    const present = { ...old, sha256: sha("b"), run_id: runId(2) };
    await index.write([old, present], [leaving, present]);
    expect(await index.rows(city("C.1"), scenario("cessation"))).to.have.deep.members([present, staying]);
    await index.write([], []);
    await index.write([], [staying]);
    expect(await collect(index.all())).to.deep.equal([present]);
  });

  it("writes nothing at all when one row can't be written", async () => {
    const index = openIndex(aws.clients(), await aws.plotsTable());
    const rows = Array.from({ length: 60 }, (_, n) => indexRow(plot("C.1", `f${n}`), sha("a")));
    await rejection(index.write([...rows, { ...indexRow(plot("C.1"), sha("a")), file_size: Number.NaN }]));
    expect(await collect(index.all())).to.deep.equal([]);
  });

  it("refuses rows that another program spoilt, naming row and field", async () => {
    const clients = aws.clients();
    const table = await aws.plotsTable();
    const row = { ...indexRow(plot("C.1"), sha("a")), sha256: "none" };
    await clients.dynamodb.send(new PutItemCommand({ TableName: table, Item: marshall(row) }));
    for (const read of [
      () => collect(openIndex(clients, table).all()),
      () => openIndex(clients, table).rows(city("C.1"), scenario("cessation")),
    ]) {
      const failed = await rejection(read());
      expect(failed).to.include({ name: "CannotWork" });
      expect(failed.message).to.contain(`table ${table}: row C.1#cessation incidence#mean.and.interval#none: sha256`);
    }
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
    expect(failed).to.include({ name: "CannotWork", exitCode: 3 });
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
      expect(failed).to.include({ name: "CannotWork", exitCode: 3, code: "ResourceNotFoundException" });
      expect(failed.message).to.contain("table replot-nowhere").and.contain("no such table").and.contain("pulumi up");
    }
  });

  it("behind a refusal names action and table", async () => {
    const refusal = { __type: "com.amazon.coral.service#AccessDeniedException", Message: "not authorized" };
    const { clients, proxy } = await aws.faulty(() => ({ status: 400, body: JSON.stringify(refusal) }));
    const failed = await rejection(openIndex(clients, "plots").write([indexRow(plot("C.1"), sha("a"))]));
    expect(failed).to.include({ name: "CannotWork", code: "AccessDeniedException", action: "dynamodb:BatchWriteItem" });
    expect(failed.message).to.contain("dynamodb:BatchWriteItem failed for table plots: access denied");
    expect(proxy.calls).to.have.length(1);
  });
});
