using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>Whether the broadcasters are paused, and whether the endpoints are up to date.</summary>
internal static class ContractFindings
{
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Old = TimeSpan.FromMinutes(5);

    internal static async Task AddAsync(DoctorExamination examination, ContractsOptions contracts, CancellationToken cancellationToken)
    {
        if (contracts.AppChain is not { RpcUrl: { } url } chain)
        {
            examination.Add(DoctorFinding.NotChecked("pauses", "the RPC URL of the App Chain is missing"));
            return;
        }

        using var client = new ChainClient(url, MaxAnswerTime);
        BroadcasterContract[] broadcasters =
        [
            new GroupMessageBroadcasterContract(client.Rpc, chain.GroupMessageBroadcaster),
            new IdentityUpdateBroadcasterContract(client.Rpc, chain.IdentityUpdateBroadcaster),
        ];
        foreach (var broadcaster in broadcasters.Where(one => !one.Address.IsZero))
            await AddPauseAsync(examination, broadcaster, cancellationToken).ConfigureAwait(false);
        if (contracts.Environment != ContractsEnvironment.Local)
            await AddAgeAsync(examination, contracts.SettlementChain, cancellationToken).ConfigureAwait(false);
    }

    private static async Task AddPauseAsync(
        DoctorExamination examination, BroadcasterContract broadcaster, CancellationToken cancellationToken)
    {
        var name = broadcaster is GroupMessageBroadcasterContract ? "group messages" : "identity updates";

        // Whether the contract answers at all was checked with the chains.
        if (!(await broadcaster.GetPausedAsync(cancellationToken).ConfigureAwait(false)).TryGet(out var isPaused, out var error))
        {
            examination.Add(DoctorFinding.NotChecked($"{name} pause", $"the contract cannot be read: {error.Kind}"));
            return;
        }

        examination.Add(isPaused
            ? DoctorFinding.Warning(
                $"{name} pause", "the contract is paused: what goes to the App Chain is refused until the network resumes it")
            : DoctorFinding.Ok($"{name} pause", "not paused"));
    }

    // A local chain makes blocks on demand; a head of a public chain that is minutes old means a lagging endpoint or a
    // wrong clock here.
    private static async Task AddAgeAsync(DoctorExamination examination, SettlementChainOptions chain, CancellationToken cancellationToken)
    {
        if (chain.RpcUrl is null) return;
        using var client = new ChainClient(chain.RpcUrl, MaxAnswerTime);
        var read = await client.Rpc.GetBlockAsync(BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        if (read.Value is not { KnownTimestamp: { } time } head)
        {
            examination.Add(DoctorFinding.NotChecked("settlement chain head", "the newest block, or its time, cannot be read"));
            return;
        }

        var age = TimeProvider.System.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds((long)time);
        examination.Add(age > Old
            ? DoctorFinding.Warning(
                "settlement chain head",
                $"block {head.Number} is {(long)age.TotalMinutes} minutes old: the endpoint lags, or this machine's clock is wrong")
            : DoctorFinding.Ok("settlement chain head", $"block {head.Number} is fresh"));
    }
}
