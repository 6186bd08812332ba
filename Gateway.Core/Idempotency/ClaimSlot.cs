using System.Globalization;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Idempotency;

/// <summary>The hash tag of claims and results in Redis: all of them are in one slot, since a script may access many.</summary>
internal static class ClaimSlot
{
    /// <summary>
    /// The slot of the payer's nonces, or where there is a payers file one that all its payers share: an envelope for the App Chain that
    /// one of them publishes is not published by another.
    /// </summary>
    internal static string Of(PayerAddresses payers, ulong chainId) => payers.AreOfFile
        ? string.Create(CultureInfo.InvariantCulture, $"{chainId}:payers")
        : new NonceStream(chainId, payers.All[0].Address).ToString();
}
