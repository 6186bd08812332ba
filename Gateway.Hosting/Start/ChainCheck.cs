using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>Checks that the chains respond, have the configured chain ids, and have a contract at each address.</summary>
/// <remarks>
/// An endpoint that does not respond is retried for <see cref="ContractsOptions.StartTimeout"/>; a wrong result is a
/// fault at once.
/// </remarks>
internal sealed class ChainCheck(UncheckedOptions<ContractsOptions> options, SettingTable table, TimeProvider time) : IStartCheck
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public string Subject => "chains";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        var contracts = options.Value;
        using var timeout = new CancellationTokenSource(contracts.StartTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        ChainEndpoint[] chains = [ChainEndpoint.App(contracts.AppChain), ChainEndpoint.Settlement(contracts.SettlementChain)];
        var found = await Task.WhenAll(chains.Select(chain => CheckAsync(chain, linked.Token))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return [.. found.SelectMany(faults => faults)];
    }

    // Missing settings are reported as faults of the options; an id that may be missing is not compared.
    private async Task<IReadOnlyList<string>> CheckAsync(ChainEndpoint chain, CancellationToken timeoutToken)
    {
        if (chain.Id == 0 && !table.Group<ContractsSettings>().IsChainIdOptional) return [];
        var found = await Task.WhenAll(CheckHttpAsync(chain, timeoutToken), CheckWebSocketAsync(chain, timeoutToken)).ConfigureAwait(false);
        return [.. found.SelectMany(faults => faults)];
    }

    private async Task<IReadOnlyList<string>> CheckWebSocketAsync(ChainEndpoint chain, CancellationToken timeoutToken)
    {
        if (chain.WssUrl is null) return [];
        var transport = new WebSocketRpcTransport(chain.WssUrl, time: time);
        await using var transportScope = transport.ConfigureAwait(false);
        return await WrongChainAsync(chain, "wss-url", new EthereumRpc(transport), timeoutToken).ConfigureAwait(false) is { } fault
            ? [fault]
            : [];
    }

    private async Task<IReadOnlyList<string>> CheckHttpAsync(ChainEndpoint chain, CancellationToken timeoutToken)
    {
        if (chain.RpcUrl is null) return [];
        using var client = new ChainClient(chain.RpcUrl);
        var rpc = client.Rpc;
        if (await WrongChainAsync(chain, "rpc-url", rpc, timeoutToken).ConfigureAwait(false) is { } fault) return [fault];
        var codes = await Task.WhenAll(chain.Contracts.Where(contract => !contract.Address.IsZero).Select(async contract =>
        {
            var code = await AskAsync(token => rpc.GetCodeAsync(contract.Address, token), timeoutToken).ConfigureAwait(false);
            if (!code.TryGet(out var bytes, out var failed)) return Unusable(chain, "rpc-url", rpc.Transport, failed);
            return bytes.IsEmpty
                ? $"{NameOf(chain, contract.Flag)}: there is no contract at {contract.Address} on " +
                    (chain.Id == 0 ? $"the {chain.Name}" : $"chain {chain.Id}")
                : null;
        })).ConfigureAwait(false);
        return [.. codes.OfType<string>().Distinct()];
    }

    private async Task<string?> WrongChainAsync(ChainEndpoint chain, string flag, EthereumRpc rpc, CancellationToken timeoutToken)
    {
        if (!(await AskAsync(rpc.GetChainIdAsync, timeoutToken).ConfigureAwait(false)).TryGet(out var id, out var error))
            return Unusable(chain, flag, rpc.Transport, error);
        return id == chain.Id || chain.Id == 0
            ? null
            : $"{NameOf(chain, flag)}: {rpc.Transport.Endpoint} has chain id {id}; expected {chain.Id}, the {chain.Name} of this " +
                $"deployment";
    }

    private async Task<RpcResult<T>> AskAsync<T>(Func<CancellationToken, Task<RpcResult<T>>> ask, CancellationToken timeoutToken)
    {
        RpcResult<T> last = RpcError.Transport("", "it did not answer in time");
        try
        {
            while (true)
            {
                last = await ask(timeoutToken).ConfigureAwait(false);
                if (last.IsOk || last.Error.Kind is not (RpcErrorKind.Transport or RpcErrorKind.RateLimited)) return last;
                await Task.Delay(
                    last.Error.RetryAfter > Pause ? last.Error.RetryAfter.Value : Pause, time, timeoutToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return last;
        }
    }

    private string Unusable(ChainEndpoint chain, string flag, IRpcTransport transport, RpcError error) =>
        $"{NameOf(chain, flag)}: {transport.Endpoint} cannot be used: {error.Message}; expected the JSON-RPC of the {chain.Name}";

    private string NameOf(ChainEndpoint chain, string flag) => table.Find("--" + chain.FlagPrefix + flag)!.Name;
}
