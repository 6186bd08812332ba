namespace Xmtp.Gateway.MultiPayer;

/// <summary>The key of a sender of a payer, as the payers file names it.</summary>
/// <param name="Place">Where it is, for faults: such as <c>payers[0] (app-a): senders[1]</c>.</param>
/// <param name="PrivateKeyFile">The path of the key; null for a keystore.</param>
/// <param name="KeystoreFile">The path of an encrypted key file; null for none.</param>
/// <param name="KeystorePasswordFile">The path of the password of that file; null for none.</param>
internal sealed record SenderEntry(string Place, string? PrivateKeyFile, string? KeystoreFile, string? KeystorePasswordFile)
{
    /// <summary>The most senders of a payer.</summary>
    internal const int Max = 64;

    private static readonly string[] Members = ["privateKeyFile", "keystoreFile", "keystorePasswordFile"];

    /// <summary>Reads the member <c>senders</c> of a payer; none when it is not there.</summary>
    internal static IReadOnlyList<SenderEntry> ListOf(string place, JsonMembers payer, ICollection<string> faults)
    {
        if (!payer.Has("senders")) return [];
        var senders = payer.List("senders");
        if (senders.Count is 0 or > Max) payer.Fault($"senders: expected a list of 1 to {Max} keys");
        return
        [
            .. senders.Select((one, i) =>
            {
                var members = new JsonMembers($"{place}: senders[{i}]", one, Members, faults);
                return new SenderEntry(
                    $"{place}: senders[{i}]",
                    members.Text("privateKeyFile"),
                    members.Text("keystoreFile"),
                    members.Text("keystorePasswordFile"));
            }),
        ];
    }
}
