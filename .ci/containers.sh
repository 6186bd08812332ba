# What needs a container engine. A host's own engine is used, with real images; where none answers and this is root, an
# engine is installed and started, and the images that are asked for are made from installed programs.
engine_dir='' engine_pid=''
redis_image=docker.io/library/redis:8.6 caddy_image=docker.io/library/caddy:2.10-alpine
contracts_image=$(sed -nE 's/.*Image = "(xmtp\/contracts)".*/ghcr.io\/\1/p' Gateway.AppHost/Anvil/AnvilBuilder.cs):$(sed -nE 's/.*Tag = "([^"]+)".*/\1/p' Gateway.AppHost/Anvil/AnvilBuilder.cs)

engine_start() {
  docker info >/dev/null 2>&1 && return 0
  install dockerd=docker.io docker=docker.io iptables=iptables || return 1
  engine_dir=$(mktemp -d)
  export DOCKER_HOST=unix://$engine_dir/docker.sock
  dockerd --data-root "$engine_dir/data" --exec-root "$engine_dir/run" --pidfile "$engine_dir/pid" --host "$DOCKER_HOST" >"$engine_dir/log" 2>&1 &
  engine_pid=$!
  wait_for 60 docker info || { tail -n 20 "$engine_dir/log"; echo "the container engine does not start"; return 1; }
}

engine_stop() {
  [ -n "$engine_pid" ] || return 0
  kill -TERM "$engine_pid" 2>/dev/null && wait "$engine_pid"
  unset DOCKER_HOST
  rm -rf "$engine_dir"
  engine_pid=''
}

copy_with_libraries() { # ROOT PROGRAM...: programs of this machine, and what they load
  local root=$1 program; shift
  for program in "$@"; do
    case $program in */*) ;; *) program=$(command -v "$program") || return 1 ;; esac
    mkdir -p "$root$(dirname "$program")"
    cp -L "$program" "$root$program"
    copy_libraries "$root" "$program"
  done
}

copy_libraries() { # ROOT PROGRAM
  local library
  for library in $(ldd "$2" 2>/dev/null | grep -oE '/[^ ]+'); do
    [ -e "$1$library" ] && continue
    mkdir -p "$1$(dirname "$library")"
    cp -L "$library" "$1$library"
  done
}

import() { # NAME ROOT CHANGE...: an image of a folder
  local name=$1 root=$2 change changes=(); shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  mkdir -p "$root/tmp" && chmod 1777 "$root/tmp"
  tar -C "$root" -c . | docker import "${changes[@]}" - "$name" >/dev/null
  rm -rf "$root"
}

make_redis_image() {
  local root; root=$(mktemp -d)
  copy_with_libraries "$root" redis-server redis-cli /bin/sh grep cat || return 1
  mkdir -p "$root/data" "$root/etc"
  echo 'redis:x:999:999::/data:/bin/sh' >"$root/etc/passwd"
  chown 999:999 "$root/data"
  import "$redis_image" "$root" 'WORKDIR /data' 'VOLUME /data' 'CMD ["redis-server"]'
}

make_caddy_image() {
  local root; root=$(mktemp -d)
  copy_with_libraries "$root" caddy || return 1
  mkdir -p "$root/data" "$root/config" "$root/etc/caddy"
  import "$caddy_image" "$root" 'ENV PATH=/usr/bin' 'CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]'
}

make_contracts_image() { # Anvil with a state in which our own contracts are deployed
  local root state log box anvil; root=$(mktemp -d) state=$(mktemp -d) log=$(mktemp)
  dotnet run --no-build --project Gateway.DevNet -- --only chain --chain-port 0 --data "$state" >"$log" 2>&1 &
  box=$!
  wait_for 300 grep -q '^ready ' "$log" || { cat "$log"; kill "$box"; return 1; }
  for pid in $(grep -lsF -- "$state/chain.json" /proc/[0-9]*/cmdline | cut -d/ -f3); do case $(readlink "/proc/$pid/exe") in */anvil) anvil=/proc/$pid/exe ;; esac; done
  mkdir -p "$root/bin" && cp -L "$anvil" "$root/bin/anvil" && copy_libraries "$root" "$anvil"
  # Anvil writes its state when it ends.
  kill -TERM "$box"; wait "$box"
  cp "$state/chain.json" "$root/state.json" || return 1
  import "$contracts_image" "$root" 'ENTRYPOINT ["/bin/anvil", "--host", "0.0.0.0", "--port", "8545", "--load-state", "/state.json"]'
  rm -rf "$state" "$log"
}

copy_linker() { # ROOT: what native code is linked with: clang, binutils, and what they read of the compiler and the C library
  local root=$1 name gcc libraries; libraries=$(dirname "$(clang -print-file-name=crt1.o)") gcc=$(dirname "$(clang -print-libgcc-file-name)")
  libraries=$(readlink -f "$libraries") gcc=$(readlink -f "$gcc")
  copy_with_libraries "$root" clang ld ld.bfd objcopy || return 1
  mkdir -p "$root$gcc" "$root$libraries" "$root/lib/${libraries##*/}"
  cp -L "$gcc"/*.o "$gcc"/libgcc*.a "$gcc"/libgcc_s.so "$root$gcc/"
  for name in crt1.o Scrt1.o crti.o crtn.o libc.so libc_nonshared.a libm.so; do
    [ ! -e "$libraries/$name" ] || cp -L "$libraries/$name" "$root$libraries/"
  done
  # By scripts of the linker, and as -ldl, -lrt and -lpthread.
  for name in c.so.6 m.so.6 mvec.so.1 gcc_s.so.1; do cp -L "$libraries/lib$name" "$root/lib/${libraries##*/}/"; done
  for name in dl rt pthread; do cp -L "$libraries/lib$name.a" "$root$libraries/"; done
}

make_dotnet_images() { # base images for the Dockerfile: the SDK with the packages that the two programs need, and the runtimes
  local root dotnet libraries; dotnet=$(dirname "$(readlink -f /usr/share/dotnet/dotnet || readlink -f "$(command -v dotnet)")")
  libraries=$(find "$dotnet/shared/Microsoft.NETCore.App" "$dotnet/host" -name '*.so')
  root=$(mktemp -d)
  # shellcheck disable=SC2086
  copy_with_libraries "$root" "$dotnet/dotnet" /bin/sh $libraries $(ldconfig -p | grep -oE '/[^ ]*lib(ssl|crypto|stdc\+\+)\.so[.0-9]*$')
  cp -r "$dotnet/shared" "$dotnet/host" "$root$dotnet/"
  mkdir -p "$root/etc" "$root/usr/bin"
  ln -sf "$dotnet/dotnet" "$root/usr/bin/dotnet"
  rm "$root/bin/sh"
  echo 'app:x:1654:1654::/app:' >"$root/etc/passwd"
  cp -r "$root" "$root-sdk"
  import ci-dotnet-runtime "$root" 'ENV PATH=/usr/bin' 'ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1'
  root=$root-native
  # shellcheck disable=SC2046
  copy_with_libraries "$root" $(ldconfig -p | grep -oE '/[^ ]*lib(ssl|crypto|m)\.so[.0-9]*$') || return 1
  mkdir -p "$root/etc" && echo 'app:x:1654:1654::/app:' >"$root/etc/passwd"
  import ci-native-runtime "$root"
  root=${root%-native}-sdk
  copy_linker "$root" || return 1
  cp -L /bin/sh "$root/bin/sh"
  cp -r "$dotnet/sdk" "$dotnet/packs" "$dotnet/sdk-manifests" "$root$dotnet/" 2>/dev/null
  dotnet restore Gateway.Api --use-current-runtime -p:PublishAot=true --packages "$root/packages" -v q || return 1
  dotnet restore Gateway.ChainWatcher --use-current-runtime -p:SelfContained=false -p:UseAppHost=false --packages "$root/packages" -v q || return 1
  # Their own folders were restored for this: put them back as a build without a runtime wants them.
  for program in Gateway.Api Gateway.ChainWatcher; do dotnet restore "$program" -v q || return 1; done
  import ci-dotnet-sdk "$root" 'ENV PATH=/usr/bin:/bin' 'ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1' 'ENV NUGET_PACKAGES=/packages' 'ENV DOTNET_CLI_HOME=/tmp' 'ENV DOTNET_NOLOGO=1' 'ENV UseSharedCompilation=false'
}

images() { # all images, by their real names; ours by the Dockerfile, without BuildKit
  local bases=()
  if [ -n "$engine_pid" ]; then
    install redis-server=redis-server caddy=caddy clang=clang || return 1
    make_redis_image && make_caddy_image && make_contracts_image && make_dotnet_images || return 1
    bases=(--build-arg SDK_IMAGE=ci-dotnet-sdk --build-arg NATIVE_IMAGE=ci-native-runtime --build-arg RUNTIME_IMAGE=ci-dotnet-runtime)
  fi
  DOCKER_BUILDKIT=0 docker build -q "${bases[@]}" -t xmtp-gateway . && DOCKER_BUILDKIT=0 docker build -q "${bases[@]}" -t xmtp-chain-watcher --target watcher .
}

image_runs_without_root() { # a user without rights, no shell, a read-only root; without settings it lists what it misses
  [ "$(docker inspect -f '{{.Config.User}}' xmtp-gateway)" = 1654 ] || return 1
  docker run --rm --read-only --cap-drop ALL xmtp-gateway --version || return 1
  ! docker run --rm --entrypoint /bin/sh xmtp-gateway -c true 2>/dev/null || return 1
  { docker run --rm xmtp-gateway 2>&1 || true; } | grep XMTPD_PAYER_PRIVATE_KEY
}

hostile_container() { # 64 connections of each protocol, none with a credential; a good caller's publishes go on
  dotnet bench/Gateway.Bench/bin/Debug/net10.0/Gateway.Bench.dll hostile --docker xmtp-gateway --quick
}

apphost_with_containers() { # until publishes come back, its commands, and its end with no container left, running or stopped
  local before; before=$(containers)
  XMTP_APPHOST_CONTAINERS=yes dotnet test Gateway.AppHost.Tests --no-build --filter "FullyQualifiedName~RunTests" || return 1
  wait_for 60 no_container_but "$before"
}

containers() { docker ps -aq --no-trunc | sort; }

no_container_but() { # CONTAINERS
  local now; now=$(containers) || return 1
  [ -z "$(comm -13 <(echo "$1") <(echo "$now"))" ]
}

compose() {
  if docker compose version >/dev/null 2>&1; then docker compose "$@"; else install docker-compose=docker-compose && docker-compose "$@"; fi
}

is_healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$(compose ps -q "$1")")" = healthy ]; }

# The Compose file with two gateways, on a chain and nodes of this machine: 25 publishes a second while each gateway is
# stopped and started, and none fails; while each is killed, and no call fails but those in flight at that moment.
compose_under_load() {
  local edge host chain port log chain_pid nodes_pid status
  edge=$(free_subnet) host=$edge.1
  port=$(free_port) chain=$(free_port) log=$(mktemp -d)
  export COMPOSE_PROJECT_NAME=xmtp-ci-$$
  cd deploy/compose || return 1
  cat >.env <<END
GATEWAY_HOST=localhost
CADDYFILE=./Caddyfile.plaintext
BIND_ADDRESS=127.0.0.1
HTTP_PORT=$port
HTTPS_PORT=$(free_port)
FRONT_PROXIES=127.0.0.1/32
EDGE_SUBNET=$edge.0/24
CADDY_ADDRESS=$edge.10
XMTPD_CONTRACTS_ENVIRONMENT=anvil
XMTPD_APP_CHAIN_RPC_URL=http://$host:$chain
XMTPD_APP_CHAIN_WSS_URL=ws://$host:$chain
XMTPD_SETTLEMENT_CHAIN_RPC_URL=http://$host:$chain
XMTPD_SETTLEMENT_CHAIN_WSS_URL=ws://$host:$chain
XMTPD_PAYER_PRIVATE_KEY=59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d
XMTPD_WATCHER_PAYER_ADDRESS=0x70997970C51812dc3A010C7d01b50e0d17dc79C8
XMTPD_AUTH_ALLOW_ALL=true
REDIS_PASSWORD=$(uuid | tr -d -)
REDIS_IMAGE=$redis_image
CADDY_IMAGE=$caddy_image
END
  compose up --no-start >/dev/null 2>&1 || { compose up --no-start; status=1; }
  cd - >/dev/null || return 1
  if [ -z "${status:-}" ]; then
    dotnet run --no-build --project Gateway.DevNet -- --only chain --host "$host" --chain-port "$chain" >"$log/chain" 2>&1 &
    chain_pid=$!
    wait_for 120 grep -q '^ready ' "$log/chain" || { cat "$log/chain"; status=1; }
    dotnet run --no-build --project Gateway.DevNet -- --only nodes --host "$host" --node-port 0 --chain "http://$host:$chain" >"$log/nodes" 2>&1 &
    nodes_pid=$!
    wait_for 120 grep -q '^ready ' "$log/nodes" || { cat "$log/nodes"; status=1; }
  fi
  if [ -z "${status:-}" ]; then
    (cd deploy/compose && compose_rounds "http://127.0.0.1:$port" "http://$host:$chain")
    status=$?
  fi
  (cd deploy/compose && { [ "$status" = 0 ] || compose logs --tail 30 2>&1; }; compose down -v --remove-orphans >/dev/null 2>&1; rm -f .env)
  for pid in ${nodes_pid:-} ${chain_pid:-}; do kill -TERM "$pid" 2>/dev/null; wait "$pid"; done
  rm -rf "$log"
  return "$status"
}

compose_rounds() { # URL CHAIN
  local load name
  compose up -d >/dev/null 2>&1
  for name in gateway-1 gateway-2 watcher redis; do wait_for 120 is_healthy "$name" || { echo "$name does not get healthy"; return 1; }; done
  steady "$1" "$2" 0 & load=$!
  for name in gateway-1 gateway-2; do
    sleep 3
    compose stop "$name" >/dev/null 2>&1 && compose start "$name" >/dev/null 2>&1
    wait_for 120 is_healthy "$name" || { echo "$name does not come back"; kill "$load"; return 1; }
  done
  touch "$steady_end"; wait "$load" || return 1
  steady "$1" "$2" 2 & load=$!
  for name in gateway-1 gateway-2; do
    sleep 3
    kill -KILL "$(docker inspect -f '{{.State.Pid}}' "$(compose ps -q "$name")")"
    sleep 2
    wait_for 120 is_healthy "$name" || { echo "$name does not restart"; kill "$load"; return 1; }
  done
  touch "$steady_end"; wait "$load"
}

steady_end=$(mktemp -u)
steady() { # URL CHAIN INTERRUPTIONS: publishes until the file is there
  rm -f "$steady_end"
  dotnet ../../bench/Gateway.Bench/bin/Debug/net10.0/Gateway.Bench.dll steady --url "$1" --chain "$2" --rate 25 --seconds 600 --until "$steady_end" --max-interruptions "$3"
}

free_port() { dotnet_free_port=$(shuf -i 20000-29999 -n 1); while ss -ltn 2>/dev/null | grep -q ":$dotnet_free_port "; do dotnet_free_port=$(shuf -i 20000-29999 -n 1); done; echo "$dotnet_free_port"; }

free_subnet() { # the first three bytes of a /24 in which this machine has no address: an engine that was killed leaves its bridges
  local third
  for third in $(seq 250 -1 200); do
    ip -4 -o addr | grep -qF " 172.31.$third." || { echo "172.31.$third"; return 0; }
  done
}
