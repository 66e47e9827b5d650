# SPDX-License-Identifier: Apache-2.0
"""Sends the steps of a sequence with boto3, Debian's or the newest: a task in JSON in, a line of JSON a step out.

sequence.py says what a task is. The same program exists for JavaScript (javascript/sequence.mjs) and Java
(java/.../Sequence.java); nothing here is special to Firmsign.
"""

import base64
import datetime
import json
import re
import sys
import time

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError, UnknownServiceError

POLLS_MAX = 600


def main():
    task = json.load(sys.stdin)
    clients, variables = {}, task["variables"]
    for step in task["steps"]:
        print(json.dumps({"name": step["name"], **run(task, clients, step, variables)}), flush=True)


def client_for(task, clients, service):
    if service not in clients:
        # The server is to judge the input, not the client.
        config = Config(retries={"max_attempts": 0}, parameter_validation=False, inject_host_prefix=False, proxies={})
        clients[service] = boto3.client(service, endpoint_url=task["endpoint"], region_name=task["region"],
                                        aws_access_key_id=task["key"], aws_secret_access_key=task["secret"],
                                        config=config)
    return clients[service]


def run(task, clients, step, variables):
    try:
        client = client_for(task, clients, step.get("client", "signer"))
    except UnknownServiceError:
        return {"absent": True}
    method = xform_name(step["operation"])
    if not hasattr(client, method):
        return {"absent": True}
    arguments = resolve(step["input"], variables)
    try:
        answer = pages(client, method, arguments, step["pages"]) if "pages" in step else poll(client, method, arguments,
                                                                                              step.get("while"))
    except ClientError as error:
        answer = error.response
        refusal = {"error": answer["Error"]["Code"], "message": answer["Error"]["Message"]}
        if answer.get("code"):
            refusal["code"] = answer["code"]
        return {"status": answer["ResponseMetadata"]["HTTPStatusCode"], **refusal}
    status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
    output = plain(answer)
    for name, path in step.get("save", {}).items():
        variables[name] = follow(output, path)
    return {"status": status, "output": output}


def poll(client, method, arguments, unwanted):
    for _ in range(POLLS_MAX):
        answer = getattr(client, method)(**arguments)
        if not unwanted or any(answer[name] != value for name, value in unwanted.items()):
            return answer
        time.sleep(0.05)
    raise RuntimeError(f"{method} still answers {unwanted}")


def pages(client, method, arguments, items):
    """All pages as one, by the client's own paginator."""
    size = arguments.pop("maxResults")
    found = list(client.get_paginator(method).paginate(PaginationConfig={"PageSize": size}, **arguments))
    return {items: [item for page in found for item in page[items]], "pages": [len(page[items]) for page in found],
            "ResponseMetadata": found[-1]["ResponseMetadata"]}


def resolve(value, variables):
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda match: variables[match[1]], value)
    if isinstance(value, list):
        return [resolve(one, variables) for one in value]
    if not isinstance(value, dict):
        return value
    if "$time" in value:
        return datetime.datetime.fromtimestamp(value["$time"], datetime.timezone.utc)
    if "$bytes" in value:
        return base64.b64decode(value["$bytes"])
    return {name: resolve(one, variables) for name, one in value.items()}


def plain(value):
    """As JSON has it: moments in seconds, bytes in base64."""
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value


def follow(value, path):
    for word in path.split("."):
        value = value[word]
    return value


if __name__ == "__main__":
    main()
