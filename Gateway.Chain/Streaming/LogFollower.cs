using System.Runtime.CompilerServices;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>Follows the logs of a chain from any block on, for ever: none is lost, none comes twice, and what the chain takes back is taken back.</summary>
/// <remarks>
/// <para>
/// Blocks are read by queries, in order, each exactly once: there is no hand-over between history and live events at which
/// something could fall through. A subscription beside them says when to query, which logs must be found, and which were
/// taken back. An endpoint whose queries lag is waited for; a subscription that falls silent is made anew; without one the
/// chain is polled. An empty answer is not believed alone: the newest blocks are read by their hashes and held against
/// their blooms, ranges that end without logs are read twice unless they are old, and the newest hundred blocks once more a little later.
/// </para>
/// <para>
/// The head of a reading is fetched before its logs, and its hash remembered. If the chain changes below it, its hash
/// changes: the next reading sees that, goes back to the newest remembered block that still holds, and reads on from there.
/// </para>
/// </remarks>
public sealed class LogFollower
{
    // No endpoint is further behind the head than this, in blocks, and is still asked.
    private const ulong MayLag = 10_000;

    private readonly EthereumRpc rpc;
    private readonly LogFollowerOptions options;
    private readonly TimeProvider time;
    private readonly PushedLogs pushed;
    private readonly LogStream stream;
    private readonly LogPager pager;
    private readonly BlockReader newest;
    private readonly SecondReading second;
    private readonly BlockClock clock;
    private readonly Backoff backoff;
    private ChainMarks marks = new([]);
    private readonly Dictionary<LogKey, ulong> recent = [];
    private ulong begin;
    private ulong undoable;
    private ulong next;
    private ulong? late;

    /// <summary>Will follow a chain; nothing runs yet.</summary>
    /// <param name="transport">What the queries go through. Stays the caller's.</param>
    /// <param name="socket">The same chain over a WebSocket; null to poll. Stays the caller's.</param>
    /// <param name="filter">Which logs, without a range.</param>
    /// <param name="options">Null takes the defaults.</param>
    /// <param name="time">The clock of all waits.</param>
    public LogFollower(IRpcTransport transport, WebSocketRpcTransport? socket, LogFilter filter, LogFollowerOptions? options = null, TimeProvider? time = null)
    {
        (this.options, this.time) = (options ?? new LogFollowerOptions(), time ?? TimeProvider.System);
        rpc = new EthereumRpc(transport);
        pushed = new PushedLogs(this.time);
        stream = new LogStream(socket, filter, pushed, Status, this.time);
        pager = new LogPager(rpc, filter, this.options.PageSize, Status);
        newest = new BlockReader(rpc, filter, pager, pushed.HasOf, this.time);
        second = new SecondReading(rpc, filter, this.options.SecondReadingInterval, this.time);
        clock = new BlockClock(rpc);
        backoff = new Backoff(this.options.FirstBackoff, TimeSpan.FromSeconds(10));
    }

    /// <summary>How it stands.</summary>
    public FollowStatus Status { get; } = new();

    /// <summary>Follows from a position until the token ends it. The next step is made when the one before was taken. Once at a time.</summary>
    /// <exception cref="OperationCanceledException">The token ended it.</exception>
    public async IAsyncEnumerable<FollowStep> FollowAsync(FollowPosition from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (marks, next, Status.Next) = (new ChainMarks(from.Marks), from.Next, from.Next);
        (begin, undoable) = (from.Next, 0);
        second.Begin(begin);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var streaming = stream.RunAsync(timeout.Token);
        try
        {
            while (true)
            {
                var pause = TimeSpan.Zero;
                await foreach (var (step, wait) in RoundAsync(cancellationToken).ConfigureAwait(false))
                {
                    if (step is not null) yield return step;
                    pause = wait;
                }

                if (pause > TimeSpan.Zero && Status.Trouble is not null) await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
                else if (pause > TimeSpan.Zero) await stream.WaitAsync(pause, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await timeout.CancelAsync().ConfigureAwait(false);
            await streaming.ConfigureAwait(false);
        }
    }

    // One look at the head, and everything that follows from it; the last wait is how long nothing is expected.
    private async IAsyncEnumerable<(FollowStep? Step, TimeSpan Wait)> RoundAsync([EnumeratorCancellation] CancellationToken stoppingToken)
    {
        if (!(await AskAsync(token => rpc.GetBlockAsync(BlockTag.Latest, token), stoppingToken).ConfigureAwait(false)).TryGet(out var head, out var error) || head is null)
        {
            yield return (null, Failed(error ?? RpcError.Malformed("eth_getBlockByNumber", "there is no newest block")));
            yield break;
        }

        pushed.ObserveHead(head.Number);
        stream.ReconnectIfSilent(head.Number, options.SilentAfter);
        var ground = await FindGroundAsync(head, stoppingToken).ConfigureAwait(false);
        if (ground.Error is not null || ground.Lags)
        {
            yield return (null, ground.Error is { } failed ? Failed(failed) : options.FirstBackoff);
            yield break;
        }

        if (next > 0) await CompleteAsync(new LogPage(next - 1, []), stoppingToken).ConfigureAwait(false);
        var rolledBack = Lower(ground.BackTo, late) is { } back && back < next ? RollBack(back, head) : null;
        // Told only now: a position above this head may have been one of the chain as it was before.
        Status.Head = head.Number;
        if (rolledBack is not null) yield return (rolledBack, TimeSpan.Zero);
        late = null;
        var settled = head.Number > (ulong)options.Depth ? head.Number - (ulong)options.Depth : 0;
        var target = next < settled ? await MarkAsync(settled, stoppingToken).ConfigureAwait(false) : new BlockMark(head.Number, head.Hash);
        if (target is null)
        {
            yield return (null, Failed(RpcError.Malformed("eth_getBlockByNumber", "a block below the newest one could not be had")));
            yield break;
        }

        var (before, wait) = (next, TimeSpan.Zero);
        await foreach (var result in ReadAsync(target.Value, head, settled, stoppingToken).ConfigureAwait(false))
        {
            if (result.TryGet(out var step, out var broke)) yield return (step, TimeSpan.Zero);
            else wait = Failed(broke);
        }

        if (wait == TimeSpan.Zero && late is null && next > head.Number) await ReadAgainAsync(settled, stoppingToken).ConfigureAwait(false);
        if (wait == TimeSpan.Zero && late is null && (next > head.Number || next == before)) wait = Rest(head);
        yield return (null, wait);
    }

    // Reads to the target; the page behind is asked for while the one before is being worked on.
    private async IAsyncEnumerable<RpcResult<FollowStep>> ReadAsync(BlockMark target, Block head, ulong settled, [EnumeratorCancellation] CancellationToken stoppingToken)
    {
        var reading = next <= target.Number ? ReadPageAsync(next, target, head, stoppingToken) : null;
        while (reading is not null)
        {
            var answer = await reading.ConfigureAwait(false);
            if (!answer.TryGet(out var page, out var error))
            {
                yield return error;
                yield break;
            }

            if (page.Last == target.Number && page.Logs.Any(log => log.BlockNumber == target.Number && log.BlockHash != target.Hash)) yield break;
            if (await CompleteAsync(page, stoppingToken).ConfigureAwait(false) is not { } logs)
            {
                pushed.Reopen(next);
                yield break;
            }

            reading = page.Last < target.Number ? ReadPageAsync(page.Last + 1, target, head, stoppingToken) : null;
            yield return Advance(page.Last, logs, target, head, settled);
        }
    }

    private async Task<RpcResult<LogPage>> ReadPageAsync(ulong first, BlockMark target, Block head, CancellationToken stoppingToken)
    {
        var witnessed = head.Number >= BlockReader.MaxBlocks ? head.Number - BlockReader.MaxBlocks + 1 : 0;
        var answer = first >= witnessed && target.Number == head.Number
            ? await AskAsync(token => newest.ReadAsync(first, head, token), stoppingToken).ConfigureAwait(false)
            : await AskAsync(token => ReadRangeAsync(first, target.Number == head.Number ? witnessed - 1 : target.Number, head, token), stoppingToken).ConfigureAwait(false);
        if (!answer.TryGet(out var page, out var error))
        {
            if (error is { Kind: RpcErrorKind.Transport, Code: 0 }) pager.Shrink();
            return error;
        }

        var dated = await AskAsync(token => clock.DateAsync(page.Logs, token), stoppingToken).ConfigureAwait(false);
        return dated.TryGet(out var logs, out var undated) ? page with { Logs = logs } : undated;
    }

    private async Task<RpcResult<LogPage>> ReadRangeAsync(ulong first, ulong last, Block head, CancellationToken token)
    {
        var answer = await pager.ReadAsync(first, last, token).ConfigureAwait(false);
        return answer.TryGet(out var page, out _) && page.Last + MayLag > head.Number && SecondReading.MayLack(first, page) ? await second.CompleteAsync(first, page, token).ConfigureAwait(false) : answer;
    }

    // What the second reading finds and the first did not is looked at as what a subscription brings.
    private async Task ReadAgainAsync(ulong settled, CancellationToken stoppingToken)
    {
        if (!second.IsDue(next)) return;
        var found = await AskAsync(token => second.ReadAsync(next, settled, token), stoppingToken).ConfigureAwait(false);
        foreach (var log in found.Value ?? [])
            if (!recent.ContainsKey(LogKey.Of(log))) pushed.Add(log);
    }

    // Adds what the subscription brought and the query does not show. Null while the endpoint has not even got the block:
    // then it is asked for again. What should have been in blocks that were read before makes the next round go back.
    private async Task<IReadOnlyList<LogEntry>?> CompleteAsync(LogPage page, CancellationToken stoppingToken)
    {
        var missing = pushed.Missing(page.Logs, page.Last);
        if (missing.Count == 0) return page.Logs;
        var added = new List<LogEntry>();
        foreach (var log in missing)
        {
            var block = await AskAsync(token => rpc.GetBlockAsync(BlockTag.At(log.BlockNumber), token), stoppingToken).ConfigureAwait(false);
            if (!block.TryGet(out var there, out _) || there is null) return null;
            if (there.Hash != log.BlockHash) pushed.Forget(log);
            else if (recent.ContainsKey(LogKey.Of(log))) pushed.Take(log);
            else if (log.BlockNumber >= next)
            {
                // The block holds and the query does not show the log: the endpoint's index lags behind its blocks.
                newest.Distrust(there);
                added.Add(log with { BlockTimestamp = there.KnownTimestamp });
            }
            else if (log.BlockNumber > 0 && marks.AtOrBelow(log.BlockNumber - 1) is { } ground)
            {
                // Read before, and it was not there. Gone back for, it is among what is missing once more.
                newest.Distrust(there);
                late = Lower(late, ground.Number + 1);
            }
            else if (undoable == 0 && log.BlockNumber >= begin)
            {
                newest.Distrust(there);
                late = Lower(late, begin);
            }
            else
            {
                // Too far below to be undone: it cannot be new.
                pushed.Forget(log);
            }
        }

        added.ForEach(pushed.Take);
        return added.Count == 0 ? page.Logs : [.. page.Logs.Concat(added).OrderBy(log => log.BlockNumber).ThenBy(log => log.LogIndex)];
    }

    private FollowStep Advance(ulong last, IReadOnlyList<LogEntry> logs, BlockMark target, Block head, ulong settled)
    {
        foreach (var log in logs.Where(log => log.BlockNumber >= settled))
        {
            marks.Add(new BlockMark(log.BlockNumber, log.BlockHash));
            recent[LogKey.Of(log)] = log.BlockNumber;
        }

        if (last == target.Number) marks.Add(target);
        // Far below the head nothing is remembered and nothing is undone.
        var undoableFrom = last < settled ? last + 1 : marks.Trim(settled);
        undoable = undoableFrom;
        foreach (var old in recent.Where(entry => entry.Value < undoableFrom).Select(entry => entry.Key).ToList()) recent.Remove(old);
        pushed.Settle(undoableFrom);
        (next, Status.Next, Status.Trouble) = (last + 1, last + 1, null);
        backoff.Reset();
        return Step(FollowStepKind.Read, logs, head, undoableFrom);
    }

    private FollowStep RollBack(ulong to, Block head)
    {
        marks.DropFrom(to);
        pushed.Reopen(to);
        foreach (var gone in recent.Where(entry => entry.Value >= to).Select(entry => entry.Key).ToList()) recent.Remove(gone);
        (next, Status.Next) = (to, to);
        Status.CountRollback();
        return Step(FollowStepKind.RolledBack, [], head, 0);
    }

    private FollowStep Step(FollowStepKind kind, IReadOnlyList<LogEntry> logs, Block head, ulong settled) => new(kind, new FollowPosition(next, marks.All), logs, head, settled);

    // Whether the remembered blocks still hold: the block to go back to, or that the endpoint is behind us.
    private async Task<(ulong? BackTo, bool Lags, RpcError? Error)> FindGroundAsync(Block head, CancellationToken stoppingToken)
    {
        if (marks.Last is not { } last) return default;
        var isNext = head.Hash == last.Hash || (head.ParentHash == last.Hash && head.Number == last.Number + 1);
        for (var top = marks.AtOrBelow(head.Number); !isNext && top is { } mark; top = mark.Number == 0 ? null : marks.AtOrBelow(mark.Number - 1))
        {
            var (holds, error) = await HoldsAsync(mark, stoppingToken).ConfigureAwait(false);
            if (holds is null) return (null, error is null, error);
            if (holds == true && mark == marks.AtOrBelow(head.Number)) return mark == last ? await DoubtAsync(stoppingToken).ConfigureAwait(false) : (null, true, null);
            if (holds == true) return (mark.Number + 1, false, null);
            if (mark == marks.AtOrBelow(0) || marks.AtOrBelow(mark.Number - 1) is null) return (options.FirstBlock, false, null);
        }

        return isNext ? await DoubtAsync(stoppingToken).ConfigureAwait(false) : default;
    }

    // The newest block holds. What the subscription said was taken back must not hold, or it is not remembered here.
    private async Task<(ulong? BackTo, bool Lags, RpcError? Error)> DoubtAsync(CancellationToken stoppingToken)
    {
        ulong? back = null;
        foreach (var mark in pushed.TakeRemoved().Where(mark => marks.AtOrBelow(mark.Number) == mark))
        {
            var (holds, error) = await HoldsAsync(mark, stoppingToken).ConfigureAwait(false);
            if (error is not null) return (null, false, error);
            if (holds == false) back = Lower(back, GroundBelow(mark.Number));
        }

        return (back, false, null);
    }

    private async Task<(bool? Holds, RpcError? Error)> HoldsAsync(BlockMark mark, CancellationToken stoppingToken)
    {
        var answer = await AskAsync(token => rpc.GetBlockAsync(BlockTag.At(mark.Number), token), stoppingToken).ConfigureAwait(false);
        return answer.TryGet(out var block, out var error) ? (block is null ? null : block.Hash == mark.Hash, null) : (null, error);
    }

    // The first block behind the newest one that is remembered below a height.
    private ulong GroundBelow(ulong number) => number > 0 && marks.AtOrBelow(number - 1) is { } ground ? ground.Number + 1 : options.FirstBlock;

    private static ulong? Lower(ulong? one, ulong? other) => one is null || other < one ? other ?? one : one;

    private async Task<BlockMark?> MarkAsync(ulong number, CancellationToken stoppingToken)
    {
        var answer = await AskAsync(token => rpc.GetBlockAsync(BlockTag.At(number), token), stoppingToken).ConfigureAwait(false);
        return answer.Value is { } block ? new BlockMark(block.Number, block.Hash) : null;
    }

    private async Task<RpcResult<T>> AskAsync<T>(Func<CancellationToken, Task<RpcResult<T>>> ask, CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(options.RequestTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stoppingToken);
        try
        {
            var answer = await ask(linked.Token).ConfigureAwait(false);
            if (answer.IsOk) Status.LastAnswer = time.GetTimestamp();
            return answer;
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return RpcError.Transport("", "no answer came in time");
        }
    }

    private TimeSpan Failed(RpcError error)
    {
        Status.Trouble = error;
        var wait = backoff.Next();
        return error.RetryAfter > wait ? error.RetryAfter.Value : wait;
    }

    // A pushed log above the head that was read: another endpoint of the provider is ahead of the one that was asked.
    private TimeSpan Rest(Block head)
    {
        Status.Trouble = null;
        if (pushed.Highest() > head.Number) return options.FirstBackoff;
        return Status.IsLive ? options.CheckInterval : options.PollInterval;
    }
}
