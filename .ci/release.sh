# The files of a release, as .ci/release makes them for one platform, checked: each is there, and what users install from them runs.
release_version=0.0.0-ci release=artifacts/release

release_files() { # what is expected in the folder, one a line
  local project
  sed -nE 's/.*"(Gateway[^"\\]*)\\\\.*/\1/p' Packages.slnf | while read -r project; do
    release_package "$project"/*.csproj nupkg
    ! grep -q Packing.props "$project"/*.csproj || release_package "$project"/*.csproj snupkg
  done
  release_package templates/*.csproj nupkg
  printf '%s\n' "xmtp-gateway-$release_version-linux-x64.tar.gz" "xmtp-gateway-gateway-$release_version.tgz" \
    "xmtp-gateway-gateway-linux-x64-$release_version.tgz" release-notes.md SHA256SUMS
}

release_package() { # PROJECT EXTENSION
  echo "$(sed -nE 's|.*<PackageId>(.*)</PackageId>.*|\1|p' "$1").$release_version.$2"
}

release_is_complete() {
  rm -rf "$release"
  .ci/release "$release_version" "$release" linux-x64 || return 1
  diff <(release_files | LC_ALL=C sort) <(cd "$release" && LC_ALL=C ls) || { echo "< is expected, > is there"; return 1; }
  (cd "$release" && sha256sum --check --strict --quiet SHA256SUMS) || return 1
  [ "$(wc -l <"$release/SHA256SUMS")" = $(($(release_files | wc -l) - 1)) ] || { echo "SHA256SUMS has not every file"; return 1; }
}

release_program() { # the program of one file says its version; publishes what it was sent, signed by the payer
  local folder status
  folder=$(mktemp -d)
  tar -C "$folder" -xzf "$release/xmtp-gateway-$release_version-linux-x64.tar.gz" &&
    "$folder/xmtp-gateway" --version | grep -F "xmtp-gateway $release_version" &&
    dotnet bench/Gateway.Bench/bin/Debug/net10.0/Gateway.Bench.dll start --quick "one file=$folder/xmtp-gateway"
  status=$?
  rm -rf "$folder"
  return "$status"
}

release_npm() { # from an empty folder to a gateway that publishes, with the packages that npm would have
  local folder file status
  folder=$(mktemp -d)
  for file in key-alone.js network.js; do sed "s|'../index.js'|'@xmtp-gateway/gateway'|" "npm/gateway/fixtures/$file" >"$folder/$file"; done
  echo '{"private":true,"type":"module"}' >"$folder/package.json"
  npm install --prefix "$folder" --offline --no-audit --no-fund \
    "$PWD/$release/xmtp-gateway-gateway-$release_version.tgz" "$PWD/$release/xmtp-gateway-gateway-linux-x64-$release_version.tgz" &&
    (cd "$folder" && unset XMTP_GATEWAY_PROGRAM XMTP_GATEWAY_BINARY_PATH && timeout 120 node key-alone.js)
  status=$?
  rm -rf "$folder"
  return "$status"
}
