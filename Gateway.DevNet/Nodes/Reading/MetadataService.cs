using Grpc.Core;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using static Xmtp.Gateway.Protocol.Wire.GetPayerInfoResponse.Types;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>Reports the progress of a node, and the spending of payers.</summary>
internal sealed class MetadataService(NodeState node, SeenOriginators seen, IHostApplicationLifetime lifetime)
{
    private const string Version = "1.0.0-devnet";
    private const long SecondsPerHour = 3_600;
    private const long SecondsPerDay = 86_400;
    private const long NanosecondsPerSecond = 1_000_000_000;
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>The last sequence id of each originator, as the node has seen it.</summary>
    public GetSyncCursorResponse GetSyncCursor() => Cursor(out _);

    /// <summary>The same, now, at every change, and every 30 s.</summary>
    public async Task SubscribeSyncCursorAsync(IServerStreamWriter<GetSyncCursorResponse> output, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            while (true)
            {
                await output.WriteAsync(Cursor(out var next), linked.Token);
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(linked.Token);
                await Task.WhenAny(next, Task.Delay(KeepAlive, node.Options.Time, waiting.Token));
                await waiting.CancelAsync();
                linked.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            // The reader disconnected, or the node is stopping.
        }
    }

    /// <summary>The version of the node.</summary>
    public static GetVersionResponse GetVersion() => new() { Version = Version };

    /// <summary>The spending and the number of messages of payers at all nodes, by hour or by day.</summary>
    /// <exception cref="RpcException">There are no addresses, or one of them has published nothing
    /// (NOT_FOUND).</exception>
    public GetPayerInfoResponse GetPayerInfo(GetPayerInfoRequest request)
    {
        if (request.PayerAddresses.Count == 0) throw ReadRequests.Refuse("payer_addresses: empty");
        var period = request.Granularity == PayerInfoGranularity.Day ? SecondsPerDay : SecondsPerHour;
        var spent = Spent().ToLookup(entry => entry.Payer);
        var response = new GetPayerInfoResponse();
        foreach (var address in request.PayerAddresses)
        {
            if (!EthereumAddress.TryParse(address, out var payer) || !spent.Contains(payer))
                throw new RpcException(new Grpc.Core.Status(StatusCode.NotFound, $"payer address not found: {address}"));
            response.PayerInfo[address] = new PayerInfo { PeriodSummaries = { Summaries(spent[payer], period) } };
        }

        return response;
    }

    private static IEnumerable<PeriodSummary> Summaries(IEnumerable<Spending> spendings, long period) =>
        spendings.GroupBy(entry => entry.Seconds / period * period).OrderBy(group => group.Key).Select(group => new PeriodSummary
        {
            AmountSpentPicodollars = group.Aggregate(0UL, (sum, entry) => checked(sum + entry.Picodollars)),
            NumMessages = (ulong)group.Count(),
            PeriodStartUnixSeconds = (ulong)group.Key,
        });

    private IEnumerable<Spending> Spent()
    {
        foreach (var originator in node.Store.LastSequenceIds().Keys.Where(id => id >= StoredEnvelope.FirstNodeId))
        {
            foreach (var stored in node.Store.OfOriginator(originator))
            {
                if (!OriginatorEnvelopeView.TryRead(stored.Bytes, out var view)
                    || CheckedPayerEnvelope.Read(view.PayerEnvelope) is not { } envelope)
                {
                    continue;
                }
                var unsigned = UnsignedOriginatorEnvelope.Parser.ParseFrom(view.UnsignedEnvelope.Span);
                yield return new Spending(
                    envelope.Payer,
                    stored.Nanoseconds / NanosecondsPerSecond,
                    unsigned.BaseFeePicodollars + unsigned.CongestionFeePicodollars);
            }
        }
    }

    private GetSyncCursorResponse Cursor(out Task next)
    {
        var cursor = new Cursor();
        foreach (var (originator, last) in seen.Current(out next)) cursor.NodeIdToSequenceId[originator] = last;
        return new GetSyncCursorResponse { LatestSync = cursor };
    }

    private readonly record struct Spending(EthereumAddress Payer, long Seconds, ulong Picodollars);
}
