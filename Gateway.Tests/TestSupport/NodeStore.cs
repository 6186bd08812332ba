using Google.Protobuf;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>What a <see cref="FaultyNode"/> keeps, as a real node does: what is staged is charged for, and is shown once its worker has inserted it.</summary>
public sealed class NodeStore(uint id, PrivateKeySigner signer)
{
    private readonly Lock gate = new();
    private readonly List<OriginatorEnvelope> shown = [];
    private readonly List<Staged> waiting = [];
    private readonly List<ByteString> charged = [];
    private ulong numbered;
    private bool stuck;

    /// <summary>How many envelopes were staged, and so are charged for.</summary>
    public int Charged
    {
        get
        {
            lock (gate) return charged.Count;
        }
    }

    /// <summary>How often an envelope was staged.</summary>
    public int TimesCharged(ClientEnvelope envelope)
    {
        lock (gate) return charged.Count(envelope.ToByteString().Equals);
    }

    /// <summary>From now on nothing that is staged is inserted.</summary>
    public void StopWorker()
    {
        lock (gate) stuck = true;
    }

    /// <summary>Inserts what was staged, in order, and goes on.</summary>
    public void StartWorker()
    {
        lock (gate)
        {
            stuck = false;
            foreach (var staged in waiting) Insert(staged);
            waiting.Clear();
        }
    }

    /// <summary>Takes envelopes.</summary>
    public Staged Stage(IEnumerable<PayerEnvelope> envelopes)
    {
        lock (gate)
        {
            var staged = new Staged([.. envelopes.Select(envelope => OriginatorSigning.Sign(envelope, id, ++numbered, signer))]);
            charged.AddRange(envelopes.Select(envelope => envelope.UnsignedClientEnvelope));
            if (stuck) waiting.Add(staged);
            else Insert(staged);
            return staged;
        }
    }

    /// <summary>QueryEnvelopes, by topic and from a cursor.</summary>
    public QueryEnvelopesResponse Query(QueryEnvelopesRequest request)
    {
        var after = request.Query.LastSeen?.NodeIdToSequenceId.GetValueOrDefault(id) ?? 0;
        lock (gate)
        {
            var found = shown.Where(envelope => OriginatorEnvelopeView.TryRead(envelope.ToByteArray(), out var view)
                && view.SequenceId > after
                && request.Query.Topics.Contains(ClientEnvelope.Parser.ParseFrom(view.ClientEnvelope.Span).Aad.TargetTopic));
            return new QueryEnvelopesResponse { Envelopes = { found.Take((int)request.Limit) } };
        }
    }

    private void Insert(Staged staged)
    {
        shown.AddRange(staged.Envelopes);
        staged.Inserted.TrySetResult();
    }

    /// <summary>Envelopes that were taken in one call.</summary>
    public sealed record Staged(IReadOnlyList<OriginatorEnvelope> Envelopes)
    {
        /// <summary>Ends when they are inserted.</summary>
        public TaskCompletionSource Inserted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
