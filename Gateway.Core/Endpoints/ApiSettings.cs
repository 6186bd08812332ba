using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Endpoints;

/// <summary>The settings of where the gateway listens, and how much it holds for callers.</summary>
internal sealed class ApiSettings : SettingGroup<ApiOptions>
{
    private const string OnlyNodes = "a setting of nodes";

    private static readonly SettingType<long> Bytes =
        new("bytes", "a number of bytes such as 268435456 or 256MiB", ByteCount.TryParse, text => $"\"{text}\"");

    /// <summary>Creates the settings.</summary>
    public ApiSettings()
        : base("Listening", "Xmtp:Api")
    {
        Amend(Add("api.port", "XMTPD_API_PORT", "Port", SettingTypes.Port, (o, v) => o.Port = v, "5050",
            "port of gRPC, gRPC-Web and Connect; 0 takes a free one") with
        {
            Short = 'p',
        });
        Add("api.http-port", "XMTPD_API_HTTP_PORT", "HttpPort", SettingTypes.OptionalPort, (o, v) => o.HttpPort = v, "5055",
            "second port of the HTTP/1.1 protocols; 0 takes a free one, -1 turns it off");
        Add("api.bind-address", "XMTPD_API_BIND_ADDRESS", "BindAddress", SettingTypes.BindAddress, (o, v) => o.BindAddress = v, "::",
            "address that both ports are bound to; :: is all, IPv4 and IPv6, or IPv4 alone where there is no IPv6");
        Add("api.max-bytes-in-flight", "XMTPD_API_MAX_BYTES_IN_FLIGHT", "MaxBytesInFlight", Bytes, (o, v) => o.MaxBytesInFlight = v, null,
            "max bytes of requests and answers held at a time, at least 104MiB; one client has a quarter. A quarter of the memory " +
            "without it");
        Add(
            "api.max-connections",
            "XMTPD_API_MAX_CONNECTIONS",
            "MaxConnections",
            SettingTypes.Positive,
            (o, v) => o.MaxConnections = v,
            null,
            "max connections of clients at a time; one address has a quarter. One in 32KiB of the bytes in flight without it");
        Add(
            "api.max-streams-per-connection",
            "XMTPD_API_MAX_STREAMS_PER_CONNECTION",
            "MaxStreamsPerConnection",
            SettingTypes.Positive,
            (o, v) => o.MaxStreamsPerConnection = v,
            "256",
            "max calls at a time on one HTTP/2 connection, at most 10000");
        Add("api.cors-origins", "XMTPD_API_CORS_ORIGINS", "CorsOrigins", SettingTypes.List, (o, v) => o.CorsOrigins = v, "*",
            "origins that browsers may call from, such as https://app.example, or https://*.app.example for its subdomains; * is any, " +
            "none is none");
        Add("api.cors-headers", "XMTPD_API_CORS_HEADERS", "CorsHeaders", SettingTypes.List, (o, v) => o.CorsHeaders = v, null,
            "request headers that browsers may send besides those of the SDKs");
        Add("api.shutdown-delay", "XMTPD_API_SHUTDOWN_DELAY", "ShutdownDelay", SettingTypes.Duration, (o, v) => o.ShutdownDelay = v, "2s",
            "how long a stop still accepts calls after the gateway reports not ready");
        Add("api.drain-timeout", "XMTPD_API_DRAIN_TIMEOUT", "DrainTimeout", SettingTypes.Duration, (o, v) => o.DrainTimeout = v, "30s",
            "how long a stop waits for running calls");
        Add(
            "api.stop-on-stdin-close",
            "XMTPD_API_STOP_ON_STDIN_CLOSE",
            "StopOnStandardInputClose",
            SettingTypes.Switch,
            (o, v) => o.StopOnStandardInputClose = v,
            "false",
            "stop when the standard input is closed, as it is when the program that holds its other end has ended");
        Add("reflection.enable", "XMTPD_REFLECTION_ENABLE", "Reflection", SettingTypes.Switch, (o, v) => o.Reflection = v, "false",
            "answer gRPC server reflection");
        AddWithoutEffect("api.enable", "XMTPD_API_ENABLE", SettingTypes.Switch, "the API is always on");
        AddWithoutEffect("api.send-keep-alive-interval", "XMTPD_API_SEND_KEEP_ALIVE_INTERVAL", SettingTypes.Age, OnlyNodes);
        AddWithoutEffect("api.originator-cache-ttl", "XMTPD_API_ORIGINATOR_CACHE_TTL", SettingTypes.Age, OnlyNodes);
        AddWithoutEffect("api.require-payer-positive-balance", "XMTPD_API_REQUIRE_PAYER_POSITIVE_BALANCE", SettingTypes.Switch, OnlyNodes);
        AddWithoutEffect("api.require-replication-node-auth", "XMTPD_API_REQUIRE_REPLICATION_NODE_AUTH", SettingTypes.Switch, OnlyNodes);
    }

    /// <inheritdoc/>
    protected override void Check(ApiOptions options, ICollection<string> faults)
    {
        if (options.Port != 0 && options.Port == options.HttpPort)
        {
            faults.Add(
                $"--api.http-port (XMTPD_API_HTTP_PORT): {options.Port} is the port of --api.port as well; expected another one, or -1 " +
                $"for none");
        }
        if (options.MaxBytesInFlight < ApiOptions.MinBytesInFlight)
        {
            faults.Add(
                $"--api.max-bytes-in-flight (XMTPD_API_MAX_BYTES_IN_FLIGHT): {options.MaxBytesInFlight} is too little; expected at " +
                $"least {ApiOptions.MinBytesInFlight} (104MiB): a quarter of it has to hold a message of 25 MiB");
        }
        foreach (var origin in options.CorsOrigins.Where(origin => !CorsOrigin.TryRead(origin, out _)))
        {
            faults.Add(
                $"--api.cors-origins (XMTPD_API_CORS_ORIGINS): \"{origin}\" is not an origin that a browser sends; expected " +
                $"scheme://host or scheme://host:port and nothing behind it, https://*.host for subdomains, * or none");
        }
        if (options.MaxConnections < 1)
            faults.Add("--api.max-connections (XMTPD_API_MAX_CONNECTIONS): expected at least 1");
        if (options.MaxStreamsPerConnection is < 1 or > 10_000)
            faults.Add("--api.max-streams-per-connection (XMTPD_API_MAX_STREAMS_PER_CONNECTION): expected 1 to 10000");
    }
}
