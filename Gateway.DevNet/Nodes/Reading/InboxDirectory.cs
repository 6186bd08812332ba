using Google.Protobuf;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>Maps an identifier to its inbox: the one that it was added to last and not removed from since.</summary>
/// <remarks>
/// Thread-safe. It reads the App Chain's identity updates at each lookup. Like real nodes it trusts them: clients
/// verify their signatures. Addresses are compared without regard to case.
/// </remarks>
internal sealed class InboxDirectory(EnvelopeStore store)
{
    private const uint IdentityUpdates = 1;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<string>> _inboxes = new(StringComparer.OrdinalIgnoreCase);
    private ulong _read;

    /// <summary>The inbox of an identifier, an address or the hex of a passkey; null when there is none.</summary>
    public string? Find(string identifier)
    {
        lock (_gate)
        {
            foreach (var envelope in store.OfOriginator(IdentityUpdates, _read)) Read(envelope);
            return _inboxes.GetValueOrDefault(identifier)?.LastOrDefault();
        }
    }

    private void Read(StoredEnvelope envelope)
    {
        _read = envelope.SequenceId;
        if (UpdateOf(envelope) is not { } update) return;
        foreach (var action in update.Actions)
        {
            if (action.CreateInbox is { } create) Add(create.InitialIdentifier, update.InboxId);
            else if (action.Add is { } add) Add(Identifier(add.NewMemberIdentifier), update.InboxId);
            else if (action.Revoke is { } revoke) Remove(Identifier(revoke.MemberToRevoke), update.InboxId);
        }
    }

    private static IdentityUpdate? UpdateOf(StoredEnvelope envelope)
    {
        if (!OriginatorEnvelopeView.TryRead(envelope.Bytes, out var view)) return null;
        try
        {
            return ClientEnvelope.Parser.ParseFrom(view.ClientEnvelope.Span).IdentityUpdate;
        }
        catch (InvalidProtocolBufferException)
        {
            // Anyone can call the contract with any data.
            return null;
        }
    }

    private static string? Identifier(MemberIdentifier? member) => member?.KindCase switch
    {
        MemberIdentifier.KindOneofCase.EthereumAddress => member.EthereumAddress,
        MemberIdentifier.KindOneofCase.Passkey => Convert.ToHexStringLower(member.Passkey.Key.Span),
        _ => null,
    };

    private void Add(string? identifier, string inbox)
    {
        if (identifier is null) return;
        Remove(identifier, inbox);
        if (!_inboxes.TryGetValue(identifier, out var list)) _inboxes[identifier] = list = [];
        list.Add(inbox);
    }

    private void Remove(string? identifier, string inbox)
    {
        if (identifier is not null && _inboxes.TryGetValue(identifier, out var list)) list.Remove(inbox);
    }
}
