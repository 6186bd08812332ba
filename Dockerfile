# syntax=docker/dockerfile:1
# The stock gateway:      docker build -t xmtp-gateway .
# The chain watcher:      docker build -t xmtp-chain-watcher --target watcher .
# It runs as a user without rights, has no shell, and asks itself for its health. docs/deploy.md says how to run it.
ARG DOTNET=10.0

# bitcoin-core/secp256k1 v0.7.1, by its commit: signatures several times cheaper than the managed fallback's.
FROM ubuntu:24.04 AS secp256k1
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
ADD https://github.com/bitcoin-core/secp256k1.git#1a53f4961f337b4d166c25fce72ef0dc88806618 /secp256k1
RUN cd /secp256k1 \
    && gcc -O2 -fPIC -shared -fvisibility=hidden -DENABLE_MODULE_RECOVERY=1 -Iinclude -o /libsecp256k1.so.6 \
       src/secp256k1.c src/precomputed_ecmult.c src/precomputed_ecmult_gen.c

# Built on the machine's own processor, for the image's: nothing of .NET is emulated.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:${DOTNET}-noble AS build
ARG TARGETARCH
WORKDIR /source
COPY . .
RUN dotnet publish Gateway.Api -c Release -a $TARGETARCH --self-contained false -p:UseAppHost=false -o /out/gateway

FROM build AS build-watcher
ARG TARGETARCH
RUN dotnet publish Gateway.ChainWatcher -c Release -a $TARGETARCH --self-contained false -p:UseAppHost=false -o /out/watcher

# Chiseled: no shell, no package manager, user 1654.
FROM mcr.microsoft.com/dotnet/aspnet:${DOTNET}-noble-chiseled AS runtime
WORKDIR /app
# The ports are the gateway's own flags; inside a container the metrics port can be reached by whoever it is published to.
ENV ASPNETCORE_HTTP_PORTS="" XMTPD_METRICS_METRICS_ADDRESS=0.0.0.0
# The diagnostics port hands out dumps of the memory, with the key in it.
ENV DOTNET_EnableDiagnostics=0
USER $APP_UID

FROM runtime AS watcher
COPY --from=build-watcher /out/watcher .
ENV XMTPD_METRICS_ENABLE=true
EXPOSE 8008
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 CMD ["dotnet", "/app/xmtp-chain-watcher.dll", "healthcheck"]
ENTRYPOINT ["dotnet", "/app/xmtp-chain-watcher.dll"]

FROM runtime AS gateway
COPY --from=secp256k1 /libsecp256k1.so.6 .
COPY --from=build /out/gateway .
EXPOSE 5050 5055 8008
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 CMD ["dotnet", "/app/xmtp-gateway.dll", "healthcheck"]
ENTRYPOINT ["dotnet", "/app/xmtp-gateway.dll"]
