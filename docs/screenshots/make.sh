#!/usr/bin/env bash
# Makes the screenshots of the README anew: the real dashboard in the system's Chromium, with the tasks of
# tests/Koubou.Web.Tests/Screenshots/SampleWorkshop.cs.
#   docs/screenshots/make.sh           the pictures of the README, beside this script
#   docs/screenshots/make.sh FOLDER    every page in both languages and themes, laptop and phone, for a look
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../.."
dotnet build tests/Koubou.Web.Tests -nologo -v quiet
methods=(-method '*ScreenshotMaker.Readme')
if [ $# -gt 0 ]; then methods=(-method '*ScreenshotMaker.Every*' -method '*GatewayScreenshots.Every*'); fi
export KOUBOU_SCREENSHOTS="${1:-$here}"
mkdir -p "$KOUBOU_SCREENSHOTS"
tests/Koubou.Web.Tests/bin/Debug/net10.0/Koubou.Web.Tests -noColor -explicit only "${methods[@]}"
# A palette of 256 colours is enough for them, and a third of the size.
if command -v pngquant >/dev/null; then
    pngquant --force --skip-if-larger --ext .png "$KOUBOU_SCREENSHOTS"/*.png
fi
