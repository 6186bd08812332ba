using System.Globalization;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.MultiPayer;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>
/// A network whose gateway has one payer, and a program that selects a wallet of the caller by a header. Nodes check balances, as real ones
/// do; a budget lets the payer pay a few messages of a caller.
/// </summary>
public sealed class CallersWalletsFixture : IAsyncLifetime
{
    /// <summary>The seed of the payer.</summary>
    public const byte App = 31;

    /// <summary>The seed of a wallet without money.</summary>
    public const byte Empty = 40;

    /// <summary>The seed of a wallet that signs once <see cref="Release"/> was called.</summary>
    public const byte Slow = 43;

    private static readonly TaskCompletionSource Gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private static int _waiting;
    private readonly PayersFileOnDisk _file =
        new PayersFileOnDisk().With("app", App, """ "callers": [], "budgets": "0.00005/day" """);
    private DevNetwork? _network;

    public DevNetwork Network => _network ?? throw new InvalidOperationException("the network has not started");

    /// <summary>How many signatures of the slow wallet were asked for.</summary>
    public static int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Lets the slow wallet sign.</summary>
    public static void Release() => Gate.SetResult();

    public async ValueTask InitializeAsync()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TestLimit.Max);
        _network = await DevNetwork.StartAsync(
            new DevNetOptions
            {
                EnforceBalance = true,
                // Messages alone cost something.
                GatewayArguments = [.. _file.Flags, "--costs.gas-coin-price=0"],
                ConfigureGateway = gateway => gateway.UsePayerSelector<ByHeader>().UseIdentity(
                    (call, _) => ValueTask.FromResult(IdentityResult.Known(new ClientIdentity("user", $"{call.Request.Headers["user"]}")))),
            },
            timeout.Token);
        foreach (var seed in new byte[] { App, 41, 42, Slow })
            await _network.Chain.DepositAsync(PayersFileOnDisk.SignerOf(seed).Address, new Microdollars(50_000_000), timeout.Token);
        await _network.Chain.SetBalanceAsync(PayersFileOnDisk.SignerOf(App).Address, Wei.FromEther(100), timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_network is not null) await _network.DisposeAsync();
        _file.Dispose();
    }

    private sealed class ByHeader : IPayerSelector
    {
        public ValueTask<PayerSelection> SelectAsync(ClientIdentity caller, HttpContext call, CancellationToken cancellationToken) =>
            ValueTask.FromResult(
                byte.TryParse($"{call.Request.Headers["wallet"]}", CultureInfo.InvariantCulture, out var seed)
                    ? PayerSelection.Of("app", Wallet(seed))
                    : PayerSelection.Of("app"));

        private static ISigner Wallet(byte seed)
        {
            var signer = PayersFileOnDisk.SignerOf(seed);
            return seed != Slow ? signer : new SignerWithHook(signer, _ =>
            {
                Interlocked.Increment(ref _waiting);
                return Gate.Task;
            });
        }
    }
}
