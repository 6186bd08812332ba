using Grpc.Core;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>Why an attempt failed.</summary>
/// <param name="Code">The status.</param>
/// <param name="Text">The text.</param>
/// <param name="IsAnswer">Whether a gateway answered it; false where the connection broke.</param>
internal sealed record ChaosError(StatusCode Code, string Text, bool IsAnswer)
{
    private const string NoPayer = "the caller belongs to no payer of this gateway";
    private const string NoGas = "the gateway cannot pay for the App Chain now";

    // What a gateway says when it has charged nothing, or has given the charge back.
    private static readonly string[] Unsent =
    [
        "it was not sent", "the envelope was not sent", "limits cannot be checked", "before the network's rates are known",
        "no node of the Broadcast Network can be reached", "no node of the Broadcast Network is known",
        NoPayer,
    ];

    // What the client says when no gateway got the call.
    private static readonly string[] Unheard = ["Error connecting to subchannel", "Connection refused"];

    /// <summary>Whether it is refused since too much was sent at once: the same again, later, is accepted.</summary>
    public bool IsOverLimit =>
        IsAnswer && Code == StatusCode.ResourceExhausted && Text.StartsWith("over the limit", StringComparison.Ordinal);

    /// <summary>Whether it is refused since the budget is spent.</summary>
    public bool IsOverBudget =>
        IsAnswer && Code == StatusCode.ResourceExhausted && Text.StartsWith("over the budget", StringComparison.Ordinal);

    /// <summary>Whether it is refused since the caller belongs to no payer.</summary>
    public bool HasNoPayer => IsAnswer && Text == NoPayer;

    /// <summary>Whether it is refused since nobody can pay its transaction.</summary>
    public bool HasNoGas => IsAnswer && Text == NoGas;

    /// <summary>
    /// Whether the gateway says that the envelope was not sent, or got no call; false where nothing is said about it.
    /// </summary>
    public bool IsSurelyUnsent => IsOverLimit || IsOverBudget
        || (IsAnswer ? Unsent : Unheard).Any(text => Text.Contains(text, StringComparison.Ordinal));

    public override string ToString() => $"{Code}{(IsAnswer ? "" : " (connection)")}: {Text}";

    /// <summary>Of a failed call.</summary>
    public static ChaosError Of(RpcException error) =>
        new(error.StatusCode, error.Status.Detail, error.Status.DebugException is null);
}
