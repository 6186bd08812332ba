using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The payer that pays for a caller, or why none does, or that the rules of the payers file select.</summary>
public sealed class PayerSelection
{
    private PayerSelection(string? payer, string? refusal, string reason)
    {
        Payer = payer;
        Refusal = refusal;
        Reason = reason;
    }

    /// <summary>The payer's name in the payers file; null when the caller is refused, or the rules select.</summary>
    public string? Payer { get; }

    /// <summary>Why nobody pays for the caller, for the caller; null when somebody does, or the rules select.</summary>
    public string? Refusal { get; }

    /// <summary>The wallet that pays the caller's messages in place of the payer's; null where the payer pays.</summary>
    public ISigner? Wallet { get; private init; }

    /// <summary>
    /// The rules of the payers file select, as without a selector: for a program that selects for some callers alone. A caller that matches
    /// none, or those of two payers, is refused.
    /// </summary>
    public static PayerSelection ByRules { get; } = new(null, null, "");

    /// <summary>The caller matches no rule.</summary>
    internal static PayerSelection None { get; } = new(null, "the caller belongs to no payer of this gateway", "NO_PAYER");

    /// <summary>The caller matches rules of several payers.</summary>
    internal static PayerSelection Several { get; } = new(
        null, "the caller belongs to more than one payer of this gateway, and only one may pay", "SEVERAL_PAYERS");

    /// <summary>The reason in the error of a refused caller.</summary>
    internal string Reason { get; }

    /// <summary>A payer pays.</summary>
    /// <param name="payer">Its name in the payers file. A name that is not there ends the call as INTERNAL.</param>
    public static PayerSelection Of(string payer)
    {
        ArgumentException.ThrowIfNullOrEmpty(payer);
        return new(payer, null, "");
    }

    /// <summary>
    /// A payer serves the caller, and another wallet, such as the caller's own, pays the messages: it signs those for nodes. All else is
    /// the payer's: limits, choice of nodes, and the App Chain, whose gas the payer pays. Budgets and spending count what the payer pays.
    /// </summary>
    /// <param name="payer">Its name in the payers file. A name that is not there ends the call as INTERNAL.</param>
    /// <param name="wallet">The wallet. While it does not sign, the calls that it pays are UNAVAILABLE, and no others.</param>
    public static PayerSelection Of(string payer, ISigner wallet)
    {
        ArgumentException.ThrowIfNullOrEmpty(payer);
        ArgumentNullException.ThrowIfNull(wallet);
        return new(payer, null, "") { Wallet = wallet };
    }

    /// <summary>Nobody pays for the caller: PERMISSION_DENIED.</summary>
    /// <param name="message">Why, for the caller.</param>
    public static PayerSelection Refuse(string message)
    {
        ArgumentException.ThrowIfNullOrEmpty(message);
        return new(null, message, "NO_PAYER");
    }
}
