#!/bin/sh
# A craftsman that needs no model: reads the prompt from standard input, says on standard error what goes on, and answers
# on standard output. An exit code other than 0 fails the attempt, with what standard error said.
set -eu
words=$(wc -w)
echo "counted" >&2
echo "The prompt has $((words)) words."
