// SPDX-License-Identifier: Apache-2.0
//
// Sends the steps of a sequence with the SDK for JavaScript v3: a task in JSON in, a line of JSON a step out.
// differential/sequence.py says what a task is; differential/drive.py does the same with boto3.

import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import * as signer from "@aws-sdk/client-signer";
import * as signerData from "@aws-sdk/client-signer-data";

const kPollsMax = 600;

const task = JSON.parse(readFileSync(0, "utf8"));
const options = {
  endpoint: task.endpoint,
  region: task.region,
  credentials: { accessKeyId: task.key, secretAccessKey: task.secret },
  maxAttempts: 1,
  disableHostPrefix: true,
};
const services = {
  signer: { sdk: signer, client: new signer.SignerClient(options) },
  "signer-data": { sdk: signerData, client: new signerData.SignerDataClient(options) },
};

function resolve(value) {
  if (typeof value === "string") return value.replace(/\$\{(\w+)\}/g, (_, name) => task.variables[name]);
  if (Array.isArray(value)) return value.map(resolve);
  if (value === null || typeof value !== "object") return value;
  if ("$time" in value) return new Date(value.$time * 1000);
  if ("$bytes" in value) return Buffer.from(value.$bytes, "base64");
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolve(one)]));
}

// As JSON has it: moments in seconds, bytes in base64.
function plain(value) {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

async function poll({ sdk, client }, step, input) {
  for (let i = 0; i < kPollsMax; ++i) {
    const answer = await client.send(new sdk[`${step.operation}Command`](input));
    const unwanted = Object.entries(step.while ?? {});
    if (unwanted.length === 0 || unwanted.some(([name, value]) => answer[name] !== value)) return answer;
    await pause(50);
  }
  throw new Error(`${step.operation} still answers ${JSON.stringify(step.while)}`);
}

// All pages as one, by the client's own paginator.
async function pages({ sdk, client }, step, { maxResults, ...input }) {
  const found = [];
  const paginator = sdk[`paginate${step.operation}`]({ client, pageSize: maxResults }, input);
  for await (const page of paginator) found.push(page);
  return {
    [step.pages]: found.flatMap((page) => page[step.pages]),
    pages: found.map((page) => page[step.pages].length),
    $metadata: found.at(-1).$metadata,
  };
}

async function run(step) {
  const service = services[step.client ?? "signer"];
  if (!(`${step.operation}Command` in service.sdk)) return { absent: true };
  try {
    const { $metadata, ...answer } = await (step.pages ? pages : poll)(service, step, resolve(step.input));
    const output = plain(answer);
    for (const [name, path] of Object.entries(step.save ?? {})) {
      task.variables[name] = path.split(".").reduce((value, word) => value[word], output);
    }
    return { status: $metadata.httpStatusCode, output };
  } catch (error) {
    if (error.$metadata?.httpStatusCode === undefined) throw error;
    return { status: error.$metadata.httpStatusCode, error: error.name, message: error.message, code: error.code };
  }
}

for (const step of task.steps) console.log(JSON.stringify({ name: step.name, ...(await run(step)) }));
