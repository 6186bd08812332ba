using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Queries a node for what it was sent, before another node is paid for the same envelopes.</summary>
/// <remarks>
/// An envelope that is found is the answer. If it is not found, that proves its absence only once the node has
/// inserted a publish that began later, since staged envelopes are not visible (<see cref="NodeProgress"/>), and once its
/// queries show what it inserted: a node may hide a new originator, itself included, for minutes. Until then the query is
/// repeated for as long as the attempt lasts.
/// </remarks>
internal sealed partial class PublishedLookup(PublishMetrics metrics, TimeProvider time, ILogger<PublishedLookup> logger)
{
    private const int Page = 1000;
    private const int AnsweredAfterAnError = 3, QuestionsAfterAnError = 6;
    private static readonly TimeSpan MaxQueryTime = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), MaxPause = TimeSpan.FromSeconds(2);

    private static readonly PublishError NotRead = new(
        PublishErrorKind.Unavailable,
        "a node took the envelope and its answer was lost; it is being published")
    {
        Reason = "PUBLISH_IN_FLIGHT",
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    /// <summary>Settles a failed attempt as far as the node's data allows.</summary>
    /// <param name="connection">The node.</param>
    /// <param name="life">The attempt, with what was sent.</param>
    /// <param name="failed">How it failed.</param>
    /// <param name="since">The last sequence id that was known before it was sent.</param>
    /// <returns>
    /// The answers, or the same failure: without <see cref="AttemptResult.MayBeTaken"/> when the node certainly has
    /// none of the envelopes.
    /// </returns>
    internal async ValueTask<AttemptResult> ResolveAsync(NodeConnection connection, AttemptLifetime life, AttemptResult failed, ulong since)
    {
        if (!failed.MayBeTaken || failed.Doubt == AttemptDoubt.None || life.Publish is not { } publish) return failed;
        var (failedAt, found, answers) = (time.GetTimestamp(), new ReadOnlyMemory<byte>[publish.Count], 0);
        for (var (pause, questions) = (FirstPause, 1); ; pause = DoublingPause.After(pause, MaxPause), questions++)
        {
            var isPast = connection.Progress.IsPast(failedAt);
            var isShown = isPast && await ShowsOwnAsync(connection).ConfigureAwait(false);
            var answered = await AskAsync(connection, publish, since, found).ConfigureAwait(false);
            if (answered) answers++;
            if (Array.TrueForAll(found, envelope => !envelope.IsEmpty)) return Found(connection, found);
            if (answered && isShown && Array.TrueForAll(found, envelope => envelope.IsEmpty)) return NotTaken(connection, failed);
            if (IsLast(failed.Doubt, questions, answers, life)) break;
            await Task.Delay(pause, time, life.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Nodes accept a call entirely, so envelopes that are not visible yet will be.
        if (Array.Exists(found, envelope => !envelope.IsEmpty)) return Found(connection, found) with { Error = NotRead, MayBeTaken = true };
        metrics.NotKnown(connection.Label, "unknown");
        LogUnknown(logger, connection.Node.Id, found.Length);
        return failed;
    }

    // A node that returns an error and then answers no query may be restarting.
    private static bool IsLast(AttemptDoubt doubt, int questions, int answers, AttemptLifetime life) =>
        life.Token.IsCancellationRequested
            || (doubt == AttemptDoubt.AnsweredError && (answers == AnsweredAfterAnError || questions == QuestionsAfterAnError));

    private AttemptResult Found(NodeConnection connection, ReadOnlyMemory<byte>[] found)
    {
        metrics.NotKnown(connection.Label, "published");
        LogFound(logger, connection.Node.Id, found.Length);
        return AttemptResult.Published(found);
    }

    private AttemptResult NotTaken(NodeConnection connection, AttemptResult failed)
    {
        metrics.NotKnown(connection.Label, "not published");
        return failed with { MayBeTaken = false };
    }

    // False when the node did not return all matching envelopes.
    private async ValueTask<bool> AskAsync(NodeConnection connection, NodePublish publish, ulong since, ReadOnlyMemory<byte>[] found)
    {
        using var timeout = new CancellationTokenSource(MaxQueryTime, time);
        try
        {
            while (true)
            {
                var request = publish.Read(envelopes => Question(connection.Node.Id, envelopes, since));
                var page = new List<ReadOnlyMemory<byte>>();
                if (!OriginatorEnvelopeView.TryReadResponse(
                    await connection.Queries.AskAsync(request, timeout.Token).ConfigureAwait(false), page))
                {
                    return false;
                }
                var newest = publish.Read(envelopes => Match(connection, envelopes, publish.Signatures, page, found));
                if (page.Count < Page || newest <= since) return true;
                since = newest;
            }
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException)
        {
            LogUnanswered(logger, connection.Node.Id, exception.Message);
            return false;
        }
    }

    // Asked until the node has shown an envelope of its own once: the newest one that it answered must be there.
    private async ValueTask<bool> ShowsOwnAsync(NodeConnection connection)
    {
        if (connection.Progress.IsShown) return true;
        using var timeout = new CancellationTokenSource(MaxQueryTime, time);
        var (node, last) = (connection.Node.Id, connection.Progress.Last);
        var query = new EnvelopesQuery
        {
            OriginatorNodeIds = { node },
            LastSeen = new Cursor { NodeIdToSequenceId = { [node] = last - Math.Min(last, 1) } },
        };
        try
        {
            var page = new List<ReadOnlyMemory<byte>>();
            var answer = await connection.Queries.AskAsync(
                new QueryEnvelopesRequest { Query = query, Limit = 1 }, timeout.Token).ConfigureAwait(false);
            if (!OriginatorEnvelopeView.TryReadResponse(answer, page) || !page.Exists(envelope => IsOf(node, envelope))) return false;
            connection.Progress.Shown();
            return true;
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException)
        {
            LogUnanswered(logger, node, exception.Message);
            return false;
        }
    }

    private static bool IsOf(uint node, ReadOnlyMemory<byte> envelope) =>
        OriginatorEnvelopeView.TryRead(envelope, out var view) && view.OriginatorNodeId == node;

    private static QueryEnvelopesRequest Question(uint node, IReadOnlyList<ParsedEnvelope> envelopes, ulong since)
    {
        var query = new EnvelopesQuery { LastSeen = new Cursor { NodeIdToSequenceId = { [node] = since } } };
        query.Topics.AddRange(envelopes.Select(envelope => ByteString.CopyFrom(envelope.Topic.Bytes.Span)).Distinct());
        return new QueryEnvelopesRequest { Query = query, Limit = Page };
    }

    // Returns the highest sequence id of the page.
    private static ulong Match(
        NodeConnection connection,
        IReadOnlyList<ParsedEnvelope> sent,
        ReadOnlyMemory<byte> signatures,
        List<ReadOnlyMemory<byte>> page,
        ReadOnlyMemory<byte>[] found)
    {
        var newest = 0UL;
        foreach (var envelope in page)
        {
            if (!OriginatorEnvelopeView.TryRead(envelope, out var view) || view.OriginatorNodeId != connection.Node.Id) continue;
            connection.Progress.Shown();
            newest = Math.Max(newest, view.SequenceId);
            for (var i = 0; i < sent.Count; i++)
            {
                if (!found[i].IsEmpty
                    || !view.ClientEnvelope.Span.SequenceEqual(sent[i].Bytes.Span)
                    || !IsOurs(view, signatures.Slice(i * PayerEnvelopeWriter.SignatureSize, PayerEnvelopeWriter.SignatureSize)))
                {
                    continue;
                }
                if (NodeResponseValidator.Check(connection, sent[i], envelope) is not null) continue;
                found[i] = envelope;
                break;
            }
        }

        return newest;
    }

    // Another payer may have published the same bytes.
    private static bool IsOurs(OriginatorEnvelopeView view, ReadOnlyMemory<byte> signature)
    {
        try
        {
            return PayerEnvelope.Parser.ParseFrom(view.PayerEnvelope.Span).PayerSignature?.Bytes.Span.SequenceEqual(signature.Span) == true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    [LoggerMessage(EventIds.PublishedLookupFound, LogLevel.Information, "node {Node} has {Count} envelopes whose answer was lost")]
    private static partial void LogFound(ILogger logger, uint node, int count);

    [LoggerMessage(
        EventIds.PublishedLookupUnknown,
        LogLevel.Warning,
        "it is unknown whether node {Node} accepted {Count} envelopes; they are sent to another node and may be paid for twice")]
    private static partial void LogUnknown(ILogger logger, uint node, int count);

    [LoggerMessage(
        EventIds.PublishedLookupUnanswered, LogLevel.Information, "looking up published envelopes at node {Node} failed: {Fault}")]
    private static partial void LogUnanswered(ILogger logger, uint node, string fault);
}
