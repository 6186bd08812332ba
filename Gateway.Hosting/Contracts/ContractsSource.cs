using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Contracts;

/// <summary>Loads the deployment that configuration names: an environment, a file or URL, or a JSON text.</summary>
/// <remarks>A document is read once and kept, including its faults: options may be bound more than once.</remarks>
internal sealed class ContractsSource
{
    private const int MaxDocumentSize = 64 * 1024;
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private (string Path, string? Json, string Problem)? _last;

    /// <summary>
    /// Whether the named deployment could not be loaded: missing values are then not reported as faults of their own.
    /// </summary>
    public bool IsBroken { get; private set; }

    /// <summary>Fills chain ids, addresses and deployment blocks. Single settings override them later.</summary>
    public void Load(ContractsOptions options, IConfiguration section, ICollection<string> faults)
    {
        var before = faults.Count;
        LoadFrom(options, section, faults);
        IsBroken = faults.Count > before;
    }

    private void LoadFrom(ContractsOptions options, IConfiguration section, ICollection<string> faults)
    {
        var (environment, path, json) = (Text(section["Environment"]), Text(section["ConfigFilePath"]), Text(section["ConfigJson"]));
        if (new[] { environment, path, json }.Count(given => given is not null) > 1)
        {
            faults.Add(
                "--contracts.environment (XMTPD_CONTRACTS_ENVIRONMENT): expected one of --contracts.environment, " +
                "--contracts.config-file-path and --contracts.config-json, not several");
        }
        else if (environment is not null) ContractsEnvironment.Find(environment)?.ApplyTo(options, _ => { });
        else if (json is not null) Apply(options, json, "--contracts.config-json (XMTPD_CONTRACTS_CONFIG_JSON)", faults);
        else if (path is not null) LoadPath(options, path, faults);
    }

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private static void Apply(ContractsOptions options, string json, string name, ICollection<string> faults)
    {
        if (ContractsFile.TryParse(json, out var file, out var problem)) file.ApplyTo(options, problem => faults.Add($"{name}: {problem}"));
        else faults.Add($"{name}: {problem}");
    }

    private void LoadPath(ContractsOptions options, string path, ICollection<string> faults)
    {
        const string Name = "--contracts.config-file-path (XMTPD_CONTRACTS_CONFIG_FILE_PATH)";
        if (path.StartsWith("config://", StringComparison.OrdinalIgnoreCase))
        {
            var environment = path["config://".Length..];
            options.Environment = environment.ToLowerInvariant();
            if (ContractsEnvironment.Find(environment) is { } known) known.ApplyTo(options, _ => { });
            else
            {
                faults.Add(
                    $"{Name}: there is no environment \"{environment}\"; expected one of {string.Join(", ", ContractsEnvironment.Names)}");
            }
            return;
        }

        var (json, problem) = Read(path);
        if (json is null) faults.Add($"{Name}: {problem}");
        else Apply(options, json, Name, faults);
    }

    private (string? Json, string Problem) Read(string path)
    {
        lock (_gate)
        {
            if (_last is not { } kept || kept.Path != path)
            {
                var (json, problem) = ReadNow(path);
                _last = kept = (path, json, problem);
            }

            return (kept.Json, kept.Problem);
        }
    }

    private static (string? Json, string Problem) ReadNow(string path)
    {
        var isUrl = Uri.TryCreate(path, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
        try
        {
            if (isUrl) return (Fetch(url!), "");
            var file = url is { IsFile: true } ? url.LocalPath : path;
            return new FileInfo(file).Length > MaxDocumentSize
                ? (null, $"the file is larger than {MaxDocumentSize} bytes")
                : (File.ReadAllText(file), "");
        }
        catch (Exception exception)
            when (exception
                is IOException or UnauthorizedAccessException or HttpRequestException or SocketException or TaskCanceledException)
        {
            return (
                null,
                isUrl
                    ? $"{RedactedUrl.Of(url!)} could not be fetched within {FetchTimeout.TotalSeconds} s"
                    : $"the file \"{path}\" could not be read");
        }
    }

    private static string Fetch(Uri url)
    {
        using var client = new HttpClient { Timeout = FetchTimeout, MaxResponseContentBufferSize = MaxDocumentSize };
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        using var response = client.Send(request);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(response.Content.ReadAsStream());
        return reader.ReadToEnd();
    }
}
