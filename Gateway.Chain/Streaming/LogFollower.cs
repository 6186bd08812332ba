using System.Runtime.CompilerServices;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>
/// Follows the logs of a chain from any block on, without end: no log is lost or delivered twice, and reorganizations
/// are reported.
/// </summary>
/// <remarks>
/// <para>
/// Blocks are read by queries, in order, each exactly once: there is no hand-over between history and live events at
/// which a log could be lost. A subscription in parallel triggers queries and reports the logs that they must find and
/// the blocks that were removed. If the queries of an endpoint lag, the follower waits; a silent subscription is
/// renewed; without a subscription the chain is polled. An empty result alone is not trusted: the newest blocks are
/// read by hash and checked against their blooms, ranges that end without logs are read twice unless they are old, and
/// the newest 128 blocks are read again a little later.
/// </para>
/// <para>
/// The head of a reading is fetched before its logs, and its hash is remembered. If the chain changes below the head,
/// the head's hash changes: the next reading detects that, goes back to the newest remembered block that is still in
/// the chain, and reads on from there.
/// </para>
/// </remarks>
public sealed class LogFollower
{
    // In blocks. An endpoint is assumed not to lag further behind the head than this; older ranges are not read twice.
    private const ulong MayLag = 10_000;

    private readonly EthereumRpc _rpc;
    private readonly LogFollowerOptions _options;
    private readonly TimeProvider _time;
    private readonly PushedLogs _pushed;
    private readonly LogStream _stream;
    private readonly LogPager _pager;
    private readonly BlockReader _newest;
    private readonly SecondReading _second;
    private readonly BlockClock _clock;
    private readonly Backoff _backoff;
    private ChainMarks _marks = new([]);
    private readonly Dictionary<LogKey, ulong> _recent = [];
    private ulong _begin;
    private ulong _undoable;
    private ulong _next;
    private ulong? _late;

    /// <summary>Creates a follower; it starts with <see cref="FollowAsync"/>.</summary>
    /// <param name="transport">The transport of the queries. Not disposed here.</param>
    /// <param name="socket">The same chain over a WebSocket; null to poll. Not disposed here.</param>
    /// <param name="filter">The logs to follow, without a range.</param>
    /// <param name="options">Null takes the defaults.</param>
    /// <param name="time">The clock of all waits.</param>
    public LogFollower(
        IRpcTransport transport,
        WebSocketRpcTransport? socket,
        LogFilter filter,
        LogFollowerOptions? options = null,
        TimeProvider? time = null)
    {
        _options = options ?? new LogFollowerOptions();
        _time = time ?? TimeProvider.System;
        _rpc = new EthereumRpc(transport);
        _pushed = new PushedLogs(_time);
        _stream = new LogStream(socket, filter, _pushed, Status, _time);
        _pager = new LogPager(_rpc, filter, _options.PageSize, Status);
        _newest = new BlockReader(_rpc, filter, _pager, _pushed.HasOf, _time);
        _second = new SecondReading(_pager, _options.SecondReadingInterval, _time);
        _clock = new BlockClock(_rpc);
        _backoff = new Backoff(_options.FirstBackoff, TimeSpan.FromSeconds(10));
    }

    /// <summary>The current state.</summary>
    public FollowStatus Status { get; } = new();

    /// <summary>
    /// Follows from a position until the token is cancelled. The next step is made after the previous one was consumed.
    /// Only one call at a time.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async IAsyncEnumerable<FollowStep> FollowAsync(FollowPosition from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _marks = new ChainMarks(from.Marks);
        _next = from.Next;
        Status.Next = from.Next;
        _begin = from.Next;
        _undoable = 0;
        _second.Begin(_begin);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var streaming = _stream.RunAsync(timeout.Token);
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

                if (pause > TimeSpan.Zero && Status.Trouble is not null)
                {
                    await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
                }
                else if (pause > TimeSpan.Zero) await _stream.WaitAsync(pause, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await timeout.CancelAsync().ConfigureAwait(false);
            await streaming.ConfigureAwait(false);
        }
    }

    // One read of the head, and all steps that follow from it. The last item's wait is the pause before the next round.
    private async IAsyncEnumerable<(FollowStep? Step, TimeSpan Wait)> RoundAsync([EnumeratorCancellation] CancellationToken stoppingToken)
    {
        var newest = await AskAsync(
            token => _rpc.GetBlockAsync(BlockTag.Latest, token), stoppingToken, _options.HeadTimeout).ConfigureAwait(false);
        if (!newest.TryGet(out var head, out var error)
            || head is null)
        {
            yield return (null, Failed(error ?? RpcError.Malformed("eth_getBlockByNumber", "there is no newest block")));
            yield break;
        }

        _pushed.ObserveHead(head.Number);
        _stream.ReconnectIfSilent(head.Number, _options.SilentAfter);
        var ground = await FindGroundAsync(head, stoppingToken).ConfigureAwait(false);
        if (ground.Error is not null || ground.Lags)
        {
            yield return (null, ground.Error is { } failed ? Failed(failed) : _options.FirstBackoff);
            yield break;
        }

        if (_next > 0) await CompleteAsync(new LogPage(_next - 1, []), stoppingToken).ConfigureAwait(false);
        var rolledBack = Lower(ground.BackTo, _late) is { } back && back < _next ? RollBack(back, head) : null;
        // Set only after the rollback check: a position above this head may belong to the chain before a
        // reorganization.
        Status.HeadTime = head.KnownTimestamp;
        Status.Head = head.Number;
        if (rolledBack is not null) yield return (rolledBack, TimeSpan.Zero);
        _late = null;
        var settled = head.Number > (ulong)_options.Depth ? head.Number - (ulong)_options.Depth : 0;
        var target = _next < settled
            ? await MarkAsync(settled, stoppingToken).ConfigureAwait(false)
            : new BlockMark(head.Number, head.Hash);
        if (target is null)
        {
            yield return (null, Failed(RpcError.Malformed("eth_getBlockByNumber", "a block below the newest one is not available")));
            yield break;
        }

        var (before, wait) = (_next, TimeSpan.Zero);
        await foreach (var result in ReadAsync(target.Value, head, settled, stoppingToken).ConfigureAwait(false))
        {
            if (result.TryGet(out var step, out var broke)) yield return (step, TimeSpan.Zero);
            else wait = Failed(broke);
        }

        if (wait == TimeSpan.Zero && _late is null && _next > head.Number)
            await ReadAgainAsync(settled, stoppingToken).ConfigureAwait(false);
        if (wait == TimeSpan.Zero && _late is null && (_next > head.Number || _next == before)) wait = Rest(head);
        yield return (null, wait);
    }

    // Reads to the target; the next page is requested while the previous one is consumed.
    private async IAsyncEnumerable<RpcResult<FollowStep>> ReadAsync(
        BlockMark target, Block head, ulong settled, [EnumeratorCancellation] CancellationToken stoppingToken)
    {
        var reading = _next <= target.Number ? ReadPageAsync(_next, target, head, stoppingToken) : null;
        while (reading is not null)
        {
            var answer = await reading.ConfigureAwait(false);
            if (!answer.TryGet(out var page, out var error))
            {
                yield return error;
                yield break;
            }

            if (page.Last == target.Number && page.Logs.Any(log => log.BlockNumber == target.Number && log.BlockHash != target.Hash))
                yield break;
            if (await CompleteAsync(page, stoppingToken).ConfigureAwait(false) is not { } logs)
            {
                _pushed.Reopen(_next);
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
            ? await AskAsync(token => _newest.ReadAsync(first, head, token), stoppingToken).ConfigureAwait(false)
            : await AskAsync(
                token => ReadRangeAsync(first, target.Number == head.Number ? witnessed - 1 : target.Number, head, token),
                stoppingToken).ConfigureAwait(false);
        if (!answer.TryGet(out var page, out var error))
        {
            if (error is { Kind: RpcErrorKind.Transport, Code: 0, IsUnsent: false }) _pager.Shrink();
            return error;
        }

        var dated = await AskAsync(token => _clock.DateAsync(page.Logs, token), stoppingToken).ConfigureAwait(false);
        return dated.TryGet(out var logs, out var undated) ? page with { Logs = logs } : undated;
    }

    private async Task<RpcResult<LogPage>> ReadRangeAsync(ulong first, ulong last, Block head, CancellationToken token)
    {
        var answer = await _pager.ReadAsync(first, last, token).ConfigureAwait(false);
        return answer.TryGet(out var page, out _) && page.Last + MayLag > head.Number && SecondReading.MayLack(first, page)
            ? await _second.CompleteAsync(first, page, token).ConfigureAwait(false)
            : answer;
    }

    // A log that only the second reading finds is treated like a log from the subscription.
    private async Task ReadAgainAsync(ulong settled, CancellationToken stoppingToken)
    {
        if (!_second.IsDue(_next)) return;
        var found = await AskAsync(token => _second.ReadAsync(_next, settled, token), stoppingToken).ConfigureAwait(false);
        foreach (var log in found.Value ?? [])
            if (!_recent.ContainsKey(LogKey.Of(log))) _pushed.Add(log);
    }

    // Adds logs that the subscription delivered and the query lacks. Null while the endpoint does not even have the
    // block: then the page is read again. A log that was missing from blocks read before makes the next round roll
    // back.
    private async Task<IReadOnlyList<LogEntry>?> CompleteAsync(LogPage page, CancellationToken stoppingToken)
    {
        var missing = _pushed.Missing(page.Logs, page.Last);
        if (missing.Count == 0) return page.Logs;
        var added = new List<LogEntry>();
        foreach (var log in missing)
        {
            var block = await AskAsync(
                token => _rpc.GetBlockAsync(BlockTag.At(log.BlockNumber), token), stoppingToken).ConfigureAwait(false);
            if (!block.TryGet(out var there, out _) || there is null) return null;
            if (there.Hash != log.BlockHash) _pushed.Forget(log);
            else if (_recent.ContainsKey(LogKey.Of(log))) _pushed.Take(log);
            else if (log.BlockNumber >= _next)
            {
                // The chain has the block but the query lacks the log: the endpoint's log index lags behind its blocks.
                _newest.Distrust(there);
                added.Add(log with { BlockTimestamp = there.KnownTimestamp });
            }
            else if (log.BlockNumber > 0 && _marks.AtOrBelow(log.BlockNumber - 1) is { } ground)
            {
                // The block was read without this log. After the rollback the log is among the missing ones again.
                _newest.Distrust(there);
                _late = Lower(_late, ground.Number + 1);
            }
            else if (_undoable == 0 && log.BlockNumber >= _begin)
            {
                _newest.Distrust(there);
                _late = Lower(_late, _begin);
            }
            else
            {
                // Too far below the head to be undone: it cannot be new.
                _pushed.Forget(log);
            }
        }

        added.ForEach(_pushed.Take);
        return added.Count == 0 ? page.Logs : [.. page.Logs.Concat(added).OrderBy(log => log.BlockNumber).ThenBy(log => log.LogIndex)];
    }

    private FollowStep Advance(ulong last, IReadOnlyList<LogEntry> logs, BlockMark target, Block head, ulong settled)
    {
        foreach (var log in logs.Where(log => log.BlockNumber >= settled))
        {
            _marks.Add(new BlockMark(log.BlockNumber, log.BlockHash));
            _recent[LogKey.Of(log)] = log.BlockNumber;
        }

        if (last == target.Number) _marks.Add(target);
        // Far below the head no block is remembered and none is rolled back.
        var undoableFrom = last < settled ? last + 1 : _marks.Trim(settled);
        _undoable = undoableFrom;
        foreach (var old in _recent.Where(entry => entry.Value < undoableFrom).Select(entry => entry.Key).ToList()) _recent.Remove(old);
        _pushed.Settle(undoableFrom);
        _next = last + 1;
        Status.Next = last + 1;
        Status.Trouble = null;
        _backoff.Reset();
        return Step(FollowStepKind.Read, logs, head, undoableFrom);
    }

    private FollowStep RollBack(ulong to, Block head)
    {
        _marks.DropFrom(to);
        _pushed.Reopen(to);
        foreach (var gone in _recent.Where(entry => entry.Value >= to).Select(entry => entry.Key).ToList()) _recent.Remove(gone);
        _next = to;
        Status.Next = to;
        Status.CountRollback();
        return Step(FollowStepKind.RolledBack, [], head, 0);
    }

    private FollowStep Step(FollowStepKind kind, IReadOnlyList<LogEntry> logs, Block head, ulong settled) =>
        new(kind, new FollowPosition(_next, _marks.All), logs, head, settled);

    // Checks whether the remembered blocks are still in the chain. Returns the block to go back to, or whether the
    // endpoint is behind this follower.
    private async Task<(ulong? BackTo, bool Lags, RpcError? Error)> FindGroundAsync(Block head, CancellationToken stoppingToken)
    {
        if (_marks.Last is not { } last) return default;
        var isNext = head.Hash == last.Hash || (head.ParentHash == last.Hash && head.Number == last.Number + 1);
        for (var top = _marks.AtOrBelow(head.Number);
             !isNext && top is { } mark;
             top = mark.Number == 0 ? null : _marks.AtOrBelow(mark.Number - 1))
        {
            var (holds, error) = await HoldsAsync(mark, stoppingToken).ConfigureAwait(false);
            if (holds is null) return (null, error is null, error);
            if (holds == true && mark == _marks.AtOrBelow(head.Number))
                return mark == last ? await DoubtAsync(stoppingToken).ConfigureAwait(false) : (null, true, null);
            if (holds == true) return (mark.Number + 1, false, null);
            if (mark == _marks.AtOrBelow(0) || _marks.AtOrBelow(mark.Number - 1) is null) return (_options.FirstBlock, false, null);
        }

        return isNext ? await DoubtAsync(stoppingToken).ConfigureAwait(false) : default;
    }

    // The newest remembered block is in the chain. Blocks that the subscription reported as removed must not be in the
    // chain, or not be remembered here.
    private async Task<(ulong? BackTo, bool Lags, RpcError? Error)> DoubtAsync(CancellationToken stoppingToken)
    {
        ulong? back = null;
        foreach (var mark in _pushed.TakeRemoved().Where(mark => _marks.AtOrBelow(mark.Number) == mark))
        {
            var (holds, error) = await HoldsAsync(mark, stoppingToken).ConfigureAwait(false);
            if (error is not null) return (null, false, error);
            if (holds == false) back = Lower(back, GroundBelow(mark.Number));
        }

        return (back, false, null);
    }

    private async Task<(bool? Holds, RpcError? Error)> HoldsAsync(BlockMark mark, CancellationToken stoppingToken)
    {
        var answer = await AskAsync(token => _rpc.GetBlockAsync(BlockTag.At(mark.Number), token), stoppingToken).ConfigureAwait(false);
        return answer.TryGet(out var block, out var error) ? (block is null ? null : block.Hash == mark.Hash, null) : (null, error);
    }

    // The first block after the newest one that is remembered below a height.
    private ulong GroundBelow(ulong number) =>
        number > 0 && _marks.AtOrBelow(number - 1) is { } ground ? ground.Number + 1 : _options.FirstBlock;

    private static ulong? Lower(ulong? one, ulong? other) => one is null || other < one ? other ?? one : one;

    private async Task<BlockMark?> MarkAsync(ulong number, CancellationToken stoppingToken)
    {
        var answer = await AskAsync(token => _rpc.GetBlockAsync(BlockTag.At(number), token), stoppingToken).ConfigureAwait(false);
        return answer.Value is { } block ? new BlockMark(block.Number, block.Hash) : null;
    }

    private async Task<RpcResult<T>> AskAsync<T>(
        Func<CancellationToken, Task<RpcResult<T>>> ask, CancellationToken stoppingToken, TimeSpan? max = null)
    {
        using var timeout = new CancellationTokenSource(max ?? _options.RequestTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stoppingToken);
        try
        {
            var answer = await ask(linked.Token).ConfigureAwait(false);
            if (answer.IsOk)
            {
                // From the first answer after an outage on, a fault is one of answers that are of no use.
                if (Status.Trouble is not null && Status.LastAnswer <= Status.TroubleSince) Status.TroubleSince = _time.GetTimestamp();
                Status.LastAnswer = _time.GetTimestamp();
            }
            return answer;
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return RpcError.Transport("", "no answer came in time");
        }
    }

    private TimeSpan Failed(RpcError error)
    {
        if (Status.Trouble is null) Status.TroubleSince = _time.GetTimestamp();
        Status.Trouble = error;
        var wait = _backoff.Next();
        return error.RetryAfter > wait ? error.RetryAfter.Value : wait;
    }

    // A pushed log above the head that was read: another server of the provider is ahead of the queried one.
    private TimeSpan Rest(Block head)
    {
        Status.Trouble = null;
        if (_pushed.Highest() > head.Number) return _options.FirstBackoff;
        return Status.IsLive ? _options.CheckInterval : _options.PollInterval;
    }
}
