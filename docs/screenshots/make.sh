#!/usr/bin/env bash
# Makes the screenshots anew, in the system's Chromium.
#   docs/screenshots/make.sh           the pictures of the README, beside this script: the workshop is started by its one
#                                      command in a home of its own, is given tasks for some minutes, and is pictured. Answers
#                                      come from the stand-in for Ollama that the tests use, with the texts of answers.json.
#   docs/screenshots/make.sh FOLDER    every page in both languages and themes, laptop and phone, for a look: on a scripted
#                                      scheduler, so that moments which cannot be brought about can be looked at as well
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../.."
tests=tests/Koubou.Web.Tests/bin/Debug/net10.0/Koubou.Web.Tests
dotnet build tests/Koubou.Web.Tests -nologo -v quiet
export KOUBOU_SCREENSHOTS="${1:-$here}"
mkdir -p "$KOUBOU_SCREENSHOTS"

if [ $# -gt 0 ]; then
    "$tests" -noColor -explicit only -method '*ScreenshotMaker.Every*' -method '*GatewayScreenshots.Every*'
else
    dotnet build Koubou.AppHost -nologo -v quiet
    dotnet build tests/Koubou.OllamaStandIn -nologo -v quiet
    home="$(mktemp -d)"
    ollama=18434 http=18765
    dotnet run --no-build --project tests/Koubou.OllamaStandIn -- --port $ollama --models gemma2:2b,qwen2.5-coder:7b \
        --piece-delay 110 --load-delay 1500 --parallel 4 --answers "$here/answers.json" >"$home/ollama.txt" 2>&1 &
    ollama_process=$!
    OLLAMA_HOST=http://127.0.0.1:$ollama KOUBOU_HOME="$home" dotnet run --no-build --project Koubou.AppHost -- \
        --Koubou:Profile embedded --Koubou:Ports:Http $http --Koubou:Ports:WebSocket $((http + 1)) --Koubou:Ports:GraphQL $((http + 2)) \
        >"$home/apphost.txt" 2>&1 &
    apphost_process=$!
    # The AppHost ends its services when it is asked to end.
    trap 'kill -TERM $apphost_process $ollama_process 2>/dev/null; wait $apphost_process $ollama_process 2>/dev/null; rm -rf "$home"' EXIT
    for _ in $(seq 120); do
        curl -fs "http://localhost:$http/health" >/dev/null && break
        kill -0 $apphost_process 2>/dev/null || { cat "$home/apphost.txt" >&2; exit 1; }
        sleep 1
    done
    KOUBOU_PICTURED="http://localhost:$http/" "$tests" -noColor -explicit only -method '*ReadmePictures.*'
fi

# A palette of 256 colours is enough for them, and a third of the size.
if command -v pngquant >/dev/null; then
    pngquant --force --skip-if-larger --ext .png "$KOUBOU_SCREENSHOTS"/*.png
fi
