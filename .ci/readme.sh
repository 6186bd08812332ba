# The README's run command and its request, as written; then the end of it by a signal and by a terminal's Ctrl-C.

readme_answers() { # the request of the README is answered with an originator's envelope
  local answer
  answer=$(bash -c "$(block request)")
  echo "$answer"
  case $answer in *originatorEnvelopes*unsignedOriginatorEnvelope*) return 0 ;; esac
  return 1
}

readme_started() { # LOG PID: it is ready, within ten minutes
  for _ in $(seq 600); do
    curl -sf -m 2 http://127.0.0.1:5055/readyz >/dev/null 2>&1 && return 0
    kill -0 "$2" 2>/dev/null || break
    sleep 1
  done
  cat "$1"
  return 1
}

readme_left() { # MARK LOG: fails with what is left of it after a minute
  local left
  for _ in $(seq 60); do
    left=$(processes_of "$1")
    [ -z "$left" ] && return 0
    sleep 1
  done
  tail -n 20 "$2"
  echo "left running:"
  for pid in $left; do tr '\0' ' ' <"/proc/$pid/cmdline"; echo; kill -KILL "$pid" 2>/dev/null; done
  return 1
}

readme_run_until_sigterm() { # the command in the background, and SIGTERM to it alone
  local mark log run status
  mark=$(uuid) log=$(mktemp)
  CI_MARK=$mark XMTP_APPHOST_CONTAINERS=${XMTP_APPHOST_CONTAINERS:-no} setsid bash -c "exec $(block run)" >"$log" 2>&1 &
  run=$!
  readme_started "$log" "$run" && readme_answers
  status=$?
  kill -TERM "$run" 2>/dev/null
  readme_left "$mark" "$log" || status=1
  rm -f "$log"
  return "$status"
}

readme_run_until_ctrl_c() { # the command in a terminal, and the key that everybody presses
  local mark log keys run status
  mark=$(uuid) log=$(mktemp) keys=$(mktemp -u)
  mkfifo "$keys"
  # A shell starts background jobs with SIGINT ignored, and a process that inherits that ignores Ctrl-C.
  CI_MARK=$mark XMTP_APPHOST_CONTAINERS=${XMTP_APPHOST_CONTAINERS:-no} env --default-signal=INT script -qfec "$(block run)" /dev/null <"$keys" >"$log" 2>&1 &
  run=$!
  exec 9>"$keys"
  readme_started "$log" "$run" && readme_answers
  status=$?
  printf '\003' >&9
  readme_left "$mark" "$log" || status=1
  exec 9>&-
  rm -f "$log" "$keys"
  return "$status"
}

uuid() { cat /proc/sys/kernel/random/uuid; }
