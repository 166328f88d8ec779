#!/usr/bin/env bash
# Koubou beside other queues in one run, on servers that it starts: redis-server and rabbitmq-server must be installed, as
# ./test.sh does it. Give the machine nothing else to do meanwhile; it takes about eight minutes.
#
#   bench/run.sh                     all sections, as Markdown tables
#   bench/run.sh sqlite              one: sqlite, redis-everysec, redis-always, rabbitmq
#   TASKS=30000 bench/run.sh …       longer rounds (default: 8,000 tasks)
set -euo pipefail
cd "$(dirname "$0")/.."

[ bench/peers/node_modules/.package-lock.json -nt bench/peers/package-lock.json ] \
    || npm ci --prefix bench/peers --no-fund --no-audit --loglevel=error
[ -n "${NO_BUILD:-}" ] || dotnet build -c Release bench/Koubou.Bench -nologo -v quiet
program=bench/Koubou.Bench/bin/Release/net10.0/Koubou.Bench.dll

sections=("$@")
[ ${#sections[@]} -gt 0 ] || sections=(sqlite redis-everysec redis-always rabbitmq)
for section in "${sections[@]}"; do
    dotnet exec "$program" compare "$section" --tasks "${TASKS:-8000}"
done
