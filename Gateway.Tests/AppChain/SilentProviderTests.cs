using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>A provider that accepts transactions and does not answer.</summary>
public sealed class SilentProviderTests(DevChainFixture chain) : IClassFixture<DevChainFixture>, IAsyncLifetime
{
    // No call ends by its own timeout.
    private static readonly AppChainTransactionOptions Options = TestFlow.Quick with
    {
        RpcTimeout = TimeSpan.FromHours(1),
        SendTimeout = TimeSpan.FromSeconds(2),
        NonceStore = TestFlow.Quick.NonceStore with { MaxInFlight = 2 },
    };

    private readonly TaskCompletionSource _answer = new();
    private RpcProxy _proxy = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);

    public async ValueTask DisposeAsync()
    {
        _answer.TrySetResult();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task An_unsent_transaction_that_is_withdrawn_after_its_caller_left_is_known_to_be_unsent()
    {
        var signer = Payers.Signer(27);
        await chain.Chain.SetBalanceAsync(signer.Address, Wei.FromEther(1000), Cancel);
        var wire = new TcpFaultProxy(chain.Anvil.HttpUrl.Port);
        await using var gateway = await TestFlow.StartAsync(wire.Through(chain.Anvil.HttpUrl), signer);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(30)));
        await wire.DisposeAsync();

        var outcome = await gateway.PublishAsync(Envelopes.Commit(1), TimeSpan.FromSeconds(3));
        Assert.Equal((false, false), (outcome.IsPublished, outcome.IsUnsent));
        Assert.True((await outcome.Settles!).IsUnsent);
    }

    [Fact]
    public async Task Callers_get_UNAVAILABLE_after_the_send_timeout_and_each_envelope_is_mined_once_when_it_answers()
    {
        var signer = Payers.Signer(26);
        await chain.Chain.SetBalanceAsync(signer.Address, Wei.FromEther(1000), Cancel);
        await using var gateway = await TestFlow.StartAsync(_proxy.Url, signer, options: Options);
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(30)));
        _proxy.Fault = async (method, _, forward) =>
        {
            if (method == "eth_sendRawTransaction") await _answer.Task;
            return await forward();
        };

        // Two are sent, and the others wait for a nonce.
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 4).Select(
            i => gateway.PublishOnceAsync(Envelopes.Commit((byte)i), TimeSpan.FromHours(1))));
        Assert.All(outcomes, outcome => Assert.Equal(PublishErrorKind.Unavailable, outcome.Error!.Kind));
        Assert.Equal(2, outcomes.Count(outcome => outcome.IsUnsent));
        _answer.SetResult();

        foreach (var outcome in await Task.WhenAll(Enumerable.Range(1, 4).Select(
            i => gateway.PublishOnceAsync(Envelopes.Commit((byte)i)))))
        {
            TestFlow.Read(outcome);
        }

        Assert.Equal(5UL, (await chain.Rpc.GetTransactionCountAsync(signer.Address, BlockTag.Latest, Cancel)).OrThrow());
    }
}
