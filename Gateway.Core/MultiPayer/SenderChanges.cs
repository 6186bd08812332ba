using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Which changes of senders a changed payers file may not make.</summary>
/// <remarks>
/// An account is in one container of a process at most, whether it pays or sends: two of them would use the same nonces. And a payer
/// that stays keeps its senders, since topics have what they have in flight at them.
/// </remarks>
/// <param name="users">The payers that serve, and those that finish, by address.</param>
internal sealed class SenderChanges(IReadOnlyDictionary<EthereumAddress, Payer> users)
{
    private readonly ILookup<EthereumAddress, Payer> _senders = users.Values
        .SelectMany(user => user.Senders.Select(sender => (Sender: sender, User: user))).ToLookup(one => one.Sender, one => one.User);

    /// <summary>Why an entry cannot be put in force without a restart.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="address">Its payer's address.</param>
    /// <param name="senders">The addresses of its senders.</param>
    internal IEnumerable<string> Faults(PayerEntry entry, EthereumAddress address, IReadOnlyCollection<EthereumAddress> senders)
    {
        if (users.TryGetValue(address, out var same) && !same.Senders.ToHashSet().SetEquals(senders))
            yield return $"{entry.Place}: senders: other ones than at the start need a restart; expected the same ones";
        foreach (var user in _senders[address].Where(user => user.Address != address))
            yield return $"{entry.Place}: {address} still sends for {user.Name}; expected another key, or a start";
        foreach (var sender in senders)
        {
            foreach (var user in UsersOf(sender).Where(user => user.Address != address))
                yield return $"{entry.Place}: senders: {sender} is still in use by {user.Name}; expected another key, or a start";
        }
    }

    private IEnumerable<Payer> UsersOf(EthereumAddress account) =>
        users.TryGetValue(account, out var user) ? _senders[account].Append(user).Distinct() : _senders[account];
}
