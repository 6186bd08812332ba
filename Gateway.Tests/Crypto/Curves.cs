using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Crypto;

/// <summary>The curve that signs, and the one that it is checked against.</summary>
internal static class Curves
{
    public static IReadOnlyList<ISecp256k1> All { get; } = [Secp256k1.Default, new ManagedSecp256k1()];

    public static IEnumerable<TheoryDataRow<ISecp256k1>> Rows => All.Select(curve => new TheoryDataRow<ISecp256k1>(curve));
}
