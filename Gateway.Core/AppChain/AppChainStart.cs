using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.AppChain;

/// <summary>Which kind of chain the App Chain is can be told: nothing can be priced without.</summary>
internal sealed class AppChainKindCheck(IServiceProvider services, TimeProvider time) : IStartCheck
{
    private const int Tries = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var flow = services.GetRequiredService<AppChainFlow>();
            RpcError? error = null;
            for (var left = Tries; left > 0; left--)
            {
                error = await flow.DetectAsync(cancellationToken).ConfigureAwait(false);
                if (error is null) return [];
                if (left > 1) await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }

            return [$"--contracts.app-chain.rpc-url (XMTPD_APP_CHAIN_RPC_URL): the chain does not tell what kind it is: {error}"];
        }
        catch (Exception missing) when (missing is GatewayStartException or OptionsValidationException)
        {
            // The faults of the key and of the options are listed by their own checks.
            return [];
        }
    }
}

/// <summary>Starts and stops flow 2 with the host.</summary>
internal sealed class AppChainService(AppChainFlow flow) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => flow.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
