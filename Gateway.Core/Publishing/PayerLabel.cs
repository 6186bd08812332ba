namespace Xmtp.Gateway.Publishing;

/// <summary>The payer's name in metrics and keys; not registered where a gateway has one payer, whose metrics have no such label.</summary>
/// <param name="name">As in the payers file.</param>
internal sealed class PayerLabel(string name)
{
    private readonly KeyValuePair<string, object?>[] _tags = [new("payer", name)];

    internal string Name => name;

    /// <summary>The labels that the payer's metrics have besides their own: none without a payer.</summary>
    internal static KeyValuePair<string, object?>[] TagsOf(PayerLabel? payer) => payer?._tags ?? [];
}
