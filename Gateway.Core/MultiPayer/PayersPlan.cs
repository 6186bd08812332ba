namespace Xmtp.Gateway.MultiPayer;

/// <summary>What a changed payers file means for the payers that serve.</summary>
/// <param name="Staying">The payers that stay, by name.</param>
/// <param name="Coming">The payers to build.</param>
/// <param name="Faults">Why the file cannot be put in force now.</param>
internal sealed record PayersPlan(
    IReadOnlyDictionary<string, Payer> Staying,
    IReadOnlyList<PayerEntry> Coming,
    IReadOnlyList<string> Faults)
{
    /// <summary>Compares a file without faults with the payers that serve, and with those that finish.</summary>
    internal static PayersPlan Of(PayersReading reading, IReadOnlyCollection<Payer> serving, IReadOnlyCollection<Payer> leaving)
    {
        // An address is in one container at most.
        var users = serving.Concat(leaving).ToDictionary(payer => payer.Address);
        var changes = new SenderChanges(users);
        var staying = new Dictionary<string, Payer>(StringComparer.Ordinal);
        List<PayerEntry> coming = [];
        List<string> faults = [];
        foreach (var entry in reading.Document.Payers)
        {
            var address = reading.Signers[entry].Address;
            var senders = reading.Senders.GetValueOrDefault(entry.Name)?.All.Select(signer => signer.Address).ToList() ?? [];
            faults.AddRange(changes.Faults(entry, address, senders));
            if (!users.TryGetValue(address, out var user)) coming.Add(entry);
            else if (user.Name == entry.Name) staying.Add(entry.Name, user);
            else faults.Add(InUse(entry, user, serving.Contains(user) ? "serves" : "finishes"));
        }

        return new PayersPlan(staying, coming, faults);
    }

    private static string InUse(PayerEntry entry, Payer other, string does) =>
        $"{entry.Place}: {other.Address} still {does} as {other.Name}, and a wallet has one name at a time; " +
        "expected the file without it until it has finished, or a start";
}
