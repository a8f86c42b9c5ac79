/** What AWS would answer to what the program asks. */
import { account, region } from "./place.ts";

const vpc = "vpc-0d1e2f3a4b5c6d7e8";
const zones = ["a", "b", "c"].map((letter) => `${region}${letter}`);

const answers: Readonly<Record<string, (inputs: Readonly<Record<string, unknown>>) => Record<string, unknown>>> = {
  "aws:index/getPartition:getPartition": () => ({ partition: "aws", dnsSuffix: "amazonaws.com" }),
  "aws:index/getRegion:getRegion": () => ({ id: region, region, name: region }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    accountId: account,
    arn: `arn:aws:iam::${account}:user/operator`,
    userId: "AIDAEXAMPLE",
  }),
  "aws:ec2/getVpcs:getVpcs": () => ({ ids: [vpc] }),
  "aws:ec2/getRouteTables:getRouteTables": () => ({ ids: ["rtb-0d1e2f3a4b5c6d7e8"] }),
  "aws:ec2/getSubnets:getSubnets": () => ({ ids: zones.map((_, n) => `subnet-0000000000000000${n}`) }),
  "aws:ec2/getSubnet:getSubnet": ({ id }) => ({
    id,
    vpcId: vpc,
    availabilityZone: zones[Number(String(id).slice(-1))] ?? zones[0],
  }),
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({
    userName: "AWS",
    password: "token",
    proxyEndpoint: `https://${account}.dkr.ecr.${region}.amazonaws.com`,
  }),
};

export function mockCall(token: string, inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const answer = answers[token];
  if (answer === undefined) throw new Error(`the program asks AWS something new: ${token}`);
  return answer(inputs);
}
