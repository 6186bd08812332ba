# What .ci/run and .ci/full share: counting checks, reading the README, installing what a bare machine lacks.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

passed=0 failed=0 failures=()

check() { # NAME COMMAND...: one more thing that passed or failed
  local name=$1 began=$SECONDS; shift
  echo "=== $name"
  if "$@"; then passed=$((passed + 1)); echo "ok: $name ($((SECONDS - began)) s)"; else fail "$name"; fi
}

fail() { # NAME: says so at once, and once more before the closing line
  failed=$((failed + 1)) failures+=("$1")
  echo "FAILED: $1"
}

tests() { # COMMAND: runs tests, and adds what they say to the counts
  local log status p f journal
  log=$(mktemp)
  find . -name test-journal.txt -delete
  bash -c "$1" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  p=$(sed -nE 's/.*Failed: +[0-9]+, Passed: +([0-9]+).*/\1/p' "$log" | awk '{s+=$1} END {print s+0}')
  f=$(sed -nE 's/.*Failed: +([0-9]+), Passed: +[0-9]+.*/\1/p' "$log" | awk '{s+=$1} END {print s+0}')
  passed=$((passed + p)) failed=$((failed + f))
  [ "$f" = 0 ] || failures+=("$(failed_tests "$log")")
  rm -f "$log"
  if [ "$status" != 0 ] && [ "$f" = 0 ]; then
    fail "the test command ended with $status$(find . -name test-journal.txt | while read -r journal; do unended_tests "$journal"; done)"
  fi
  if [ "$p" = 0 ]; then fail "no test ran"; fi
}

unended_tests() { # JOURNAL: the tests that a test process began and did not end, and why it ended itself
  awk '/^note / {printf "\n  %s", substr($0, 6)} /^begin / {running[substr($0, 7)]++} /^end / {running[substr($0, 5)]--}
    END {for (name in running) if (running[name] > 0) printf "\n  running when the process ended: %s", name}' "$1"
}

failed_tests() { # LOG: each failed test of a run of dotnet test, with the first lines of its error
  awk '/^ *Failed [^!-]/ {left = 25} /^ *(Passed|Skipped)[ !]|^\[xUnit/ {left = 0} left-- > 0' "$1"
}

block() { # NAME: the README's code block behind <!-- ci: NAME -->
  awk -v mark="<!-- ci: $1 -->" '$0 == mark {found=1; next} found && /^```/ {if (open) exit; open=1; next} open' README.md
}

install() { # PROGRAM=PACKAGE...: installs the packages whose program is missing, where that is allowed
  local pair missing=()
  for pair in "$@"; do command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}"); done
  [ ${#missing[@]} = 0 ] && return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then echo "missing; install them: apt-get install -y ${missing[*]}"; return 1; fi
  apt-get update -qq >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 || { echo "cannot be installed: ${missing[*]}"; return 1; }
}

processes_of() { # MARK: the processes that were started with CI_MARK=MARK
  grep -lsz "^CI_MARK=$1\$" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
}

wait_for() { # SECONDS COMMAND...: until it succeeds
  local until=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 1
  done
}

chaos() { # ARGUMENTS: faults under load with the program that was built; the first and the last line name the seed
  dotnet bench/Gateway.Bench/bin/Debug/net10.0/Gateway.Bench.dll chaos "$@"
}

finish() { # what failed, the closing line, and the exit code
  [ "$failed" = 0 ] || { echo "What failed:"; printf '%s\n' "${failures[@]}"; }
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
