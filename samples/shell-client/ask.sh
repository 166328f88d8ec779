#!/bin/sh
# Asks the workshop one thing and prints the answer, with nothing but curl and sed.
#   samples/shell-client/ask.sh "Name five colours" [TYPE]
# KOUBOU_URL is its address (default http://localhost:8765), KOUBOU_API_KEY a key where one is asked for.
set -eu
url=${KOUBOU_URL:-http://localhost:8765}
url=${url%/}
prompt=${1:?"Usage: ask.sh PROMPT [TYPE]"}
type=${2:-general}

call() {
    if [ -n "${KOUBOU_API_KEY:-}" ]; then
        # By a file and not as an argument: arguments show in the list of processes.
        printf 'header = "Authorization: Bearer %s"\n' "$KOUBOU_API_KEY" | curl -sS --config - "$@"
    else
        curl -sS "$@"
    fi
}

# The value of a field of flat JSON; empty when it is not there.
field() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }

# JSON wants these escaped: backslash, quote, line feed, tab.
quoted=$(printf '%s' "$prompt" | sed 's/\\/\\\\/g; s/"/\\"/g; s/\t/\\t/g' | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n/\\n/g')

reply=$(call -X POST "$url/task/$type" -H 'Content-Type: application/json' -d "{\"prompt\":\"$quoted\"}")
id=$(printf '%s' "$reply" | field task_id)
if [ -z "$id" ]; then
    printf '%s\n' "$reply" >&2
    exit 1
fi

# Each request is held for up to 30 seconds, so this is waiting and not polling.
while :; do
    status=$(call "$url/task/$id/status?wait=30")
    case $(printf '%s' "$status" | field status) in
        completed) call "$url/api/v1/tasks/$id/output"; echo; exit 0 ;;
        failed|cancelled) printf '%s\n' "$status" >&2; exit 1 ;;
    esac
done
