using Google.Protobuf;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// What a <see cref="FaultyNode"/> keeps, as a real node does: what is staged is charged for, and is shown once its
/// worker has inserted it.
/// </summary>
public sealed class NodeStore(uint id, PrivateKeySigner signer)
{
    private readonly Lock _gate = new();
    private readonly List<OriginatorEnvelope> _shown = [];
    private readonly List<Staged> _waiting = [];
    private readonly List<ByteString> _charged = [];
    private ulong _numbered;
    private bool _stuck;

    /// <summary>How many envelopes were staged, and so are charged for.</summary>
    public int Charged
    {
        get
        {
            lock (_gate) return _charged.Count;
        }
    }

    /// <summary>How often an envelope was staged.</summary>
    public int TimesCharged(ClientEnvelope envelope)
    {
        lock (_gate) return _charged.Count(envelope.ToByteString().Equals);
    }

    /// <summary>From now on nothing that is staged is inserted.</summary>
    public void StopWorker()
    {
        lock (_gate) _stuck = true;
    }

    /// <summary>Inserts what was staged, in order, and goes on.</summary>
    public void StartWorker()
    {
        lock (_gate)
        {
            _stuck = false;
            foreach (var staged in _waiting) Insert(staged);
            _waiting.Clear();
        }
    }

    /// <summary>Takes envelopes.</summary>
    public Staged Stage(IEnumerable<PayerEnvelope> envelopes)
    {
        lock (_gate)
        {
            var staged = new Staged([.. envelopes.Select(envelope => OriginatorSigning.Sign(envelope, id, ++_numbered, signer))]);
            _charged.AddRange(envelopes.Select(envelope => envelope.UnsignedClientEnvelope));
            if (_stuck) _waiting.Add(staged);
            else Insert(staged);
            return staged;
        }
    }

    /// <summary>Whether queries show nothing of it, as a node does whose list of originators is older than its first envelope.</summary>
    public bool HidesOwn { get; set; }

    /// <summary>QueryEnvelopes, by topic or originator and from a cursor.</summary>
    public QueryEnvelopesResponse Query(QueryEnvelopesRequest request)
    {
        var after = request.Query.LastSeen?.NodeIdToSequenceId.GetValueOrDefault(id) ?? 0;
        lock (_gate)
        {
            var found = _shown.Where(envelope => !HidesOwn && OriginatorEnvelopeView.TryRead(envelope.ToByteArray(), out var view)
                && view.SequenceId > after
                && (request.Query.OriginatorNodeIds.Contains(id)
                    || request.Query.Topics.Contains(ClientEnvelope.Parser.ParseFrom(view.ClientEnvelope.Span).Aad.TargetTopic)));
            return new QueryEnvelopesResponse { Envelopes = { found.Take((int)request.Limit) } };
        }
    }

    private void Insert(Staged staged)
    {
        _shown.AddRange(staged.Envelopes);
        staged.Inserted.TrySetResult();
    }

    /// <summary>Envelopes that were taken in one call.</summary>
    public sealed record Staged(IReadOnlyList<OriginatorEnvelope> Envelopes)
    {
        /// <summary>Ends when they are inserted.</summary>
        public TaskCompletionSource Inserted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
