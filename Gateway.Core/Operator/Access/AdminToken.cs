using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Operator.Access;

/// <summary>The token of the metrics port's pages, read once from its file. A file that cannot be used fails the start.</summary>
internal sealed class AdminToken(UncheckedOptions<OperatorOptions> options) : IStartCheck
{
    /// <summary>The least number of characters: a token that can be guessed protects nothing.</summary>
    internal const int MinLength = 16;

    private const string Setting = "--metrics.admin-token-file (XMTPD_METRICS_ADMIN_TOKEN_FILE)";
    private readonly Lazy<(string? Token, string? Fault)> _read = new(() => Read(options.Value.AdminTokenFile));

    /// <summary>The token; null without one.</summary>
    internal string? Value => _read.Value.Token;

    /// <inheritdoc/>
    public string Subject => "token of the pages";

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken) => Task.Run<IReadOnlyList<string>>(
        () => _read.Value.Fault is { } fault ? [fault] : [], cancellationToken);

    private static (string? Token, string? Fault) Read(string? path)
    {
        if (path is null) return default;
        using var file = SecretFile.Read(Setting, path, out var fault);
        if (file is null) return (null, fault);
        var token = file.Text.Trim();
        return token.Length < MinLength
            ? (null, $"{Setting}: the token is too short; expected at least {MinLength} characters")
            : (token.ToString(), null);
    }
}
