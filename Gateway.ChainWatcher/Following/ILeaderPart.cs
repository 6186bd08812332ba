namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>What only the leader does, besides following the chains.</summary>
internal interface ILeaderPart
{
    /// <summary>Runs until the token is cancelled, and does not throw before that.</summary>
    Task RunAsync(CancellationToken stoppingToken);
}
