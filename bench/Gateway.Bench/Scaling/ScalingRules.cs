using Xmtp.Gateway.Bench.Authorize;

namespace Xmtp.Gateway.Bench.Scaling;

/// <summary>The rules of gateways under measurement.</summary>
/// <param name="Name">For the tables.</param>
/// <param name="Flags">Their flags.</param>
/// <param name="Token">The token that calls carry; null for none.</param>
internal sealed record ScalingRules(string Name, string[] Flags, string? Token)
{
    /// <summary>None: Redis keeps what was published, and nothing else.</summary>
    public static ScalingRules None { get; } = new("none", [], null);

    /// <summary>What a gateway in production has: a token, a limit of each client, a limit and a budget of the whole gateway.</summary>
    public static ScalingRules Production(BenchToken token) => new("token, two limits, budget", AuthorizeBench.Rules(token), token.Text);

    /// <summary>The same, with what the whole gateway shares in portions.</summary>
    public static ScalingRules Portions(BenchToken token) => new(
        "the same, portions of 1%", [.. Production(token).Flags, "--limits.gateway-portion=1"], token.Text);
}
