# The stock gateway:      docker build -t xmtp-gateway .
# The chain watcher:      docker build -t xmtp-chain-watcher --target watcher .
# It runs as a user without rights, has no shell, and has a health check. docs/deploy.md says how to run it.
# Builds with and without BuildKit, on a machine of the image's processor.
# With the linker that native code needs.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble-aot
# Chiseled: no shell, no package manager. The gateway is native code and needs no .NET; the watcher runs on it.
ARG NATIVE_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled

FROM ${SDK_IMAGE} AS source
WORKDIR /source
COPY . .

# For one platform, so that its libsecp256k1 comes along and no other. Only BuildKit sets TARGETARCH.
FROM source AS build
ARG TARGETARCH
# What --version says: a release's version and commit. Without them, the version of the sources.
ARG VERSION=
ARG REVISION=
# The analyzers have seen the sources before; the compiler of native code has warnings of its own, which are errors.
RUN dotnet publish Gateway.Api -c Release ${TARGETARCH:+-a} ${TARGETARCH:---use-current-runtime} -p:PublishAot=true -p:RunAnalyzers=false ${VERSION:+-p:Version=${VERSION}} ${REVISION:+-p:SourceRevisionId=${REVISION}} -o /out/gateway

FROM source AS build-watcher
ARG TARGETARCH
ARG VERSION=
ARG REVISION=
# With ready-to-run code, as each program that is published for one platform.
RUN dotnet publish Gateway.ChainWatcher -c Release ${TARGETARCH:+-a} ${TARGETARCH:---use-current-runtime} --self-contained false -p:UseAppHost=false ${VERSION:+-p:Version=${VERSION}} ${REVISION:+-p:SourceRevisionId=${REVISION}} -o /out/watcher
# Makes the folder, without a program of the image.
WORKDIR /out/watcher-state

FROM ${RUNTIME_IMAGE} AS watcher
WORKDIR /app
# Inside a container the metrics port can be reached by whoever it is published to. The diagnostics port hands out dumps of the memory.
ENV ASPNETCORE_HTTP_PORTS="" XMTPD_METRICS_METRICS_ADDRESS=0.0.0.0 DOTNET_EnableDiagnostics=0
USER 1654
COPY --from=build-watcher /out/watcher .
# Without Redis its checkpoints are there. As a volume of its user it can be written under a read-only root too; a named
# volume outlives the container.
COPY --from=build-watcher --chown=1654:1654 /out/watcher-state /home/app/watcher-state
VOLUME /home/app/watcher-state
ENV XMTPD_METRICS_ENABLE=true XMTPD_WATCHER_STATE_FOLDER=/home/app/watcher-state
EXPOSE 8008
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 CMD ["dotnet", "/app/xmtp-chain-watcher.dll", "healthcheck"]
ENTRYPOINT ["dotnet", "/app/xmtp-chain-watcher.dll"]

FROM ${NATIVE_IMAGE} AS gateway
WORKDIR /app
# The ports are the gateway's own flags.
ENV ASPNETCORE_HTTP_PORTS="" XMTPD_METRICS_METRICS_ADDRESS=0.0.0.0 DOTNET_EnableDiagnostics=0
USER 1654
COPY --from=build /out/gateway/xmtp-gateway /out/gateway/libsecp256k1.so ./
EXPOSE 5050 5055 8008
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 CMD ["/app/xmtp-gateway", "healthcheck"]
ENTRYPOINT ["/app/xmtp-gateway"]
