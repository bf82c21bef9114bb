#!/usr/bin/env bash
# Both stacks into the local twin by Pulumi's official command line and its official AWS plugin, then a preview of each,
# which must show no change. What docs/engine.md describes as `--provider official`.
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python

version="$("$python" -c 'from importlib.metadata import version; print(version("pulumi-aws"))')"
pulumi plugin install resource aws "$version"

"$python" -m twin up --detach
trap '"$python" -m twin down' EXIT
"$python" -m twin deploy --engine --provider official

eval "$("$python" -m twin env)"
for stack in region1 region2; do
  pulumi preview --stack "$stack" --expect-no-changes --non-interactive
done
