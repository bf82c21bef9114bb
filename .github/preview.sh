#!/usr/bin/env bash
# `pulumi preview` of both stacks into one Markdown file: bash .github/preview.sh FILE
# Does both, then fails when one of them did. The second stack reads the first one's outputs as deployed now: an
# output that a pull request adds and uses at once fails here. Add it in one pull request, use it in the next.
set -uo pipefail
file="$1"
log="$(mktemp)"
failed=0
export PATH="$PWD/.venv/bin:$PATH"
: > "$file"
for stack in region1 region2; do
  if pulumi preview --stack "$stack" --diff --non-interactive --suppress-progress --color never > "$log" 2>&1; then
    # The counts below "Resources:", on one line.
    result="$(awk '/^Resources:/ { on = 1; next } on && !/^ / { exit } on { $1 = $1; printf "%s%s", sep, $0; sep = ", " }' "$log")"
  else
    result='FAILED'
    failed=1
  fi
  cat "$log"
  {
    echo "### \`$stack\`: $result"
    echo
    echo '<details><summary>pulumi preview</summary>'
    echo
    # Four tildes: nothing that a preview prints closes the block.
    echo '~~~~text'
    # The end has the summary. Both stacks together fit into one comment. iconv drops a character that was cut.
    tail --bytes=28000 "$log" | iconv --from-code=utf-8 --to-code=utf-8 -c
    echo '~~~~'
    echo
    echo '</details>'
    echo
  } >> "$file"
done
rm -f "$log"
exit "$failed"
