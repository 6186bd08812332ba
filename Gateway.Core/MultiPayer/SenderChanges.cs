using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Which changes of senders a changed payers file may not make.</summary>
/// <remarks>
/// An account is in one container of a process at most, whether it pays or sends: two of them would use the same nonces. And a payer
/// that stays keeps its senders, since topics have what they have in flight at them.
/// </remarks>
internal static class SenderChanges
{
    /// <summary>Why an entry cannot be put in force without a restart.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="address">Its payer's address.</param>
    /// <param name="senders">The addresses of its senders.</param>
    /// <param name="users">The payers that serve, and those that finish.</param>
    internal static IEnumerable<string> Faults(
        PayerEntry entry, EthereumAddress address, IReadOnlyCollection<EthereumAddress> senders, IEnumerable<Payer> users)
    {
        foreach (var user in users)
        {
            if (user.Address == address)
            {
                if (!user.Senders.ToHashSet().SetEquals(senders))
                    yield return $"{entry.Place}: senders: other ones than at the start need a restart; expected the same ones";
                continue;
            }

            if (user.Senders.Contains(address))
                yield return $"{entry.Place}: {address} still sends for {user.Name}; expected another key, or a start";
            foreach (var sender in senders.Where(one => one == user.Address || user.Senders.Contains(one)))
                yield return $"{entry.Place}: senders: {sender} is still in use by {user.Name}; expected another key, or a start";
        }
    }
}
