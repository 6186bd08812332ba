using Microsoft.Extensions.Logging;
using Xmtp.Gateway.AppChain.Senders;

namespace Xmtp.Gateway.AppChain;

/// <summary>The payers that follow the chain. Each is told what one subscription delivers for all of them. Thread-safe.</summary>
/// <remarks>
/// After <see cref="Remove"/> has returned a payer is told nothing more. An error of one payer is logged, and the others are told.
/// </remarks>
internal sealed partial class FollowingPayers(ILogger<FollowingPayers> logger)
{
    private readonly Lock _gate = new();
    private readonly List<FollowedAccounts> _all = [];
    private bool _receiveHeads;
    private bool _receiveEvents;

    /// <summary>Whether the contracts' events are delivered.</summary>
    internal bool ReceiveEvents
    {
        get
        {
            lock (_gate) return _receiveEvents;
        }
    }

    /// <summary>Whether one of the payers is in use.</summary>
    internal bool AreInUse
    {
        get
        {
            lock (_gate) return _all.Exists(payer => payer.AreInUse);
        }
    }

    /// <summary>Adds a payer. What is delivered already may have told of something before.</summary>
    /// <returns>Whether it is the first.</returns>
    internal bool Add(FollowedAccounts payer)
    {
        lock (_gate)
        {
            _all.Add(payer);
            if (_receiveHeads) payer.SetHeads(true);
            if (_receiveEvents) payer.SetEvents(true);
            if (_receiveHeads || _receiveEvents) payer.RequestRead();
            return _all.Count == 1;
        }
    }

    /// <summary>Removes a payer.</summary>
    /// <returns>Whether it was the last; false also when it was not there.</returns>
    internal bool Remove(FollowedAccounts payer)
    {
        lock (_gate) return _all.Remove(payer) && _all.Count == 0;
    }

    /// <summary>Tells every payer.</summary>
    internal void Tell(Action<FollowedAccounts> what)
    {
        lock (_gate)
        {
            foreach (var payer in _all) TryTell(payer, what);
        }
    }

    /// <summary>Heads are delivered from now on, or are not; those before may have been missed.</summary>
    internal void SetHeads(bool areLive)
    {
        lock (_gate)
        {
            _receiveHeads = areLive;
            Tell(payer =>
            {
                payer.SetHeads(areLive);
                payer.NoteReorganization();
                if (areLive) payer.RequestRead();
            });
        }
    }

    /// <summary>Events are delivered from now on, or are not; those before may have been missed.</summary>
    internal void SetEvents(bool areLive)
    {
        lock (_gate)
        {
            _receiveEvents = areLive;
            Tell(payer =>
            {
                payer.SetEvents(areLive);
                payer.RequestRead();
            });
        }
    }

    /// <summary>What was not delivered for this long; null when nothing is missing.</summary>
    internal string? FindMissing(TimeSpan after)
    {
        lock (_gate) return _all.Select(payer => payer.FindMissing(after)).FirstOrDefault(what => what is not null);
    }

    private void TryTell(FollowedAccounts payer, Action<FollowedAccounts> what)
    {
        try
        {
            what(payer);
        }
#pragma warning disable CA1031 // The other payers have to be told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(logger, exception);
        }
    }

    [LoggerMessage(EventIds.ChainFollowingFailed, LogLevel.Error, "a payer could not be told what the App Chain delivered; it polls")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
