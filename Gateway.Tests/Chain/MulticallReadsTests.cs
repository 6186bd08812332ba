using System.Collections.Concurrent;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

/// <summary>Balances that are read together on a real chain, behind a provider that may fail the call that reads them.</summary>
public sealed class MulticallReadsTests(DevChainFixture chain) : IClassFixture<DevChainFixture>, IAsyncLifetime
{
    private static readonly EthereumAddress[] Accounts = [.. Enumerable.Range(1, 12).Select(Account)];

    private readonly MovedClock _clock = new();
    private readonly ConcurrentQueue<RpcError?> _told = new();
    private RpcProxy? _proxy;
    private HttpRpcTransport? _http;

    /// <summary>What an endpoint may make of the call; a null answer breaks the connection off.</summary>
    public static TheoryData<string, string?> Refusals { get; } = new()
    {
        { "too much gas", RpcFaultModes.Error(-32000, "gas required exceeds allowance (50000000)") },
        { "too large an answer", RpcFaultModes.Error(-32008, "response is too big") },
        { "no code", """{"jsonrpc":"2.0","id":0,"result":"0x"}""" },
        { "a number", $$"""{"jsonrpc":"2.0","id":0,"result":"0x{{new string('0', 63)}}1"}""" },
        { "no results", $$"""{"jsonrpc":"2.0","id":0,"result":"0x{{new string('0', 62)}}20{{new string('0', 64)}}"}""" },
        { "null", """{"jsonrpc":"2.0","id":0,"result":null}""" },
        { "a page", "<html>payload too large</html>" },
        { "nothing", null },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RpcProxy Proxy => _proxy!;

    private HttpRpcTransport Http => _http!;

    public async ValueTask InitializeAsync()
    {
        _proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        _http = new HttpRpcTransport(_proxy.Url);
        for (var i = 0; i < Accounts.Length; i++) await chain.Chain.SetBalanceAsync(Accounts[i], Wei.FromGwei((ulong)i * 7), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_proxy is not null) await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task Balances_that_come_together_are_one_call_and_are_those_that_are_read_one_by_one()
    {
        var together = Together();
        var (registry, alone) = (Registry(together), Registry(chain.Rpc));
        for (var i = 0; i < 4; i++) await chain.Chain.DepositAsync(Accounts[i], new Microdollars(1_000_000 * (i + 1)), Cancel);

        for (var round = 1; round <= 2; round++)
        {
            var (gas, deposits) = (ReadAsync(together), Task.WhenAll(Accounts.Select(one => registry.GetBalanceAsync(one, Cancel))));
            await AssertReadAsync(await gas);
            for (var i = 0; i < Accounts.Length; i++)
                Assert.Equal((await alone.GetBalanceAsync(Accounts[i], Cancel)).OrThrow(), (await deposits)[i].OrThrow());
            Assert.Equal((1, round, 0, 0), (Asked("eth_getCode"), Asked("eth_call"), Asked("eth_getBalance"), Proxy.Batches));
        }
    }

    [Fact]
    public async Task Fewer_than_three_reads_are_what_they_were_and_nothing_looks_for_the_contract()
    {
        var together = Together();

        await AssertReadAsync(await ReadAsync(together, 1));
        Assert.Equal((1, 0), (Asked("eth_getBalance"), Proxy.Batches));
        await AssertReadAsync(await ReadAsync(together, 2));
        Assert.Equal((3, 1, 0, 0), (Asked("eth_getBalance"), Proxy.Batches, Asked("eth_getCode"), Asked("eth_call")));
    }

    [Fact]
    public async Task A_read_that_fails_has_its_own_error_and_fails_no_other()
    {
        var together = Together();
        var call = new CallRequest(ChainAddresses.NodeRegistry, NodeRegistryContract.GetNode.Encode(new AbiWriter().UInt(987)));
        var expected = (await chain.Rpc.CallAsync(call, BlockTag.Latest, Cancel)).Error;

        var (balances, failed) = (ReadAsync(together), together.CallAsync(call, BlockTag.Latest, Cancel));

        await AssertReadAsync(await balances);
        Assert.Equal(RpcErrorKind.Reverted, expected?.Kind);
        Assert.Equal((expected!.Kind, expected.Code, expected.Message), ((await failed).Error!.Kind, (await failed).Error!.Code,
            (await failed).Error!.Message));
        Assert.Equal(expected.Data.ToArray(), (await failed).Error!.Data.ToArray());
        Assert.Equal((2, 0), (Asked("eth_call"), Asked("eth_getBalance")));
        Assert.Empty(_told);
    }

    [Theory]
    [InlineData("")]
    [InlineData("60005260206000f3")]
    public async Task A_chain_without_the_contract_or_with_other_code_there_gets_batches_and_is_asked_again_after_an_hour(string code)
    {
        var together = Together();
        await SetCodeAsync(Convert.FromHexString(code));
        try
        {
            for (var round = 1; round <= 2; round++)
            {
                await AssertReadAsync(await ReadAsync(together));
                Assert.Equal((round, 1, 0), (Proxy.Batches, Asked("eth_getCode"), Asked("eth_call")));
            }
        }
        finally
        {
            await SetCodeAsync(StandInContracts.Code["Multicall3"]);
        }

        _clock.Move(MulticallReads.AbsentFor);
        await AssertReadAsync(await ReadAsync(together));
        Assert.Equal((2, 2, 1), (Proxy.Batches, Asked("eth_getCode"), Asked("eth_call")));
        Assert.Empty(_told);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Balances_are_read_in_batches_while_the_endpoint_fails_the_call_and_in_one_call_when_it_does_not_any_more(
        string refusal, string? answer)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(refusal);
        var together = Together();
        await AssertReadAsync(await ReadAsync(together));
        Assert.Equal(1, Asked("eth_call"));
        var works = Proxy.Fault;
        Proxy.Fault = (method, parameters, forward) =>
            RpcFaultModes.IsCallOf(Multicall3Contract.Address, method, parameters) ? Task.FromResult(answer) : RpcProxy.Pass(forward);

        for (var round = 1; round <= 2; round++)
        {
            await AssertReadAsync(await ReadAsync(together));
            Assert.Equal((2, round), (Asked("eth_call"), Proxy.Batches));
            Assert.NotNull(Assert.Single(_told));
        }

        Proxy.Fault = works;
        _clock.Move(MulticallReads.RefusedFor);
        await AssertReadAsync(await ReadAsync(together));
        Assert.Equal((3, 2, 2), (Asked("eth_call"), Proxy.Batches, Asked("eth_getCode")));
        Assert.Equal(2, _told.Count);
        Assert.Null(_told.Last());
    }

    [Fact]
    public async Task An_endpoint_that_does_not_tell_code_gets_batches_until_it_does()
    {
        var together = Together();
        var works = Proxy.Fault;
        Proxy.Fault = (method, _, forward) =>
            method == "eth_getCode" ? RpcProxy.Error(-32601, "the method does not exist") : RpcProxy.Pass(forward);

        for (var round = 1; round <= 2; round++)
        {
            await AssertReadAsync(await ReadAsync(together));
            Assert.Equal((1, round, 0), (Asked("eth_getCode"), Proxy.Batches, Asked("eth_call")));
            Assert.Equal(RpcErrorKind.MethodNotFound, Assert.Single(_told)?.Kind);
        }

        Proxy.Fault = works;
        _clock.Move(MulticallReads.RefusedFor);
        await AssertReadAsync(await ReadAsync(together));
        Assert.Equal((2, 2, 1), (Asked("eth_getCode"), Proxy.Batches, Asked("eth_call")));
    }

    [Fact]
    public async Task Balances_are_read_in_batches_when_the_call_takes_too_long()
    {
        var hangs = new TaskCompletionSource<string?>();
        Proxy.Fault = (method, _, forward) => method == "eth_call" ? hangs.Task : RpcProxy.Pass(forward);

        await AssertReadAsync(await ReadAsync(Together(TimeSpan.FromMilliseconds(200))));

        Assert.Equal(RpcErrorKind.Transport, Assert.Single(_told)?.Kind);
        Assert.Equal(1, Proxy.Batches);
        hangs.SetResult(null);
    }

    [Fact]
    public async Task An_endpoint_that_limits_its_requests_gets_no_others_for_the_same_balances()
    {
        var together = Together();
        Proxy.Fault = (method, _, forward) =>
            method == "eth_call" ? RpcProxy.Error(-32005, "rate limit exceeded") : RpcProxy.Pass(forward);

        var answers = await Task.WhenAll(Accounts.Select(one => together.GetBalanceAsync(one, BlockTag.Latest, Cancel)));

        Assert.All(answers, one => Assert.Equal(("eth_getBalance", RpcErrorKind.RateLimited), (one.Error!.Method, one.Error.Kind)));
        Assert.Equal(0, Asked("eth_getBalance"));
        Assert.Empty(_told);
    }

    [Fact]
    public async Task More_reads_than_a_call_has_are_several_calls()
    {
        EthereumAddress[] many = [.. Enumerable.Range(1, (2 * MulticallReads.MaxReads) + 1).Select(Account)];
        var together = Together();

        var read = await Task.WhenAll(many.Select(one => together.GetBalanceAsync(one, BlockTag.Latest, Cancel)));

        await AssertReadAsync([.. read.Take(Accounts.Length).Select(one => one.OrThrow())]);
        Assert.All(read.Skip(Accounts.Length), one => Assert.Equal(Wei.Zero, one.OrThrow()));
        Assert.Equal((2, 1), (Asked("eth_call"), Asked("eth_getBalance")));
    }

    [Fact]
    public async Task An_endpoint_that_refuses_batches_gets_calls_all_the_same()
    {
        var together = Together();
        Proxy.Reply = method => method == RpcProxy.Batch ? new RpcReply(400, RpcFaultModes.Error(-32600, "no batches")) : null;

        await AssertReadAsync(await ReadAsync(together, 2));
        await AssertReadAsync(await ReadAsync(together));
        Assert.Equal((1, 4, 0), (Asked("eth_call"), Asked("eth_getBalance"), Proxy.Batches));
    }

    [Fact]
    public async Task Those_who_ask_for_the_newest_block_together_share_one_request()
    {
        var together = Together();

        var blocks = await Task.WhenAll(Accounts.Select(_ => together.GetBlockNumberAsync(Cancel)));

        Assert.All(blocks, block => Assert.Equal(blocks[0].OrThrow(), block.OrThrow()));
        Assert.Equal((1, 0), (Asked("eth_blockNumber"), Proxy.Batches));
    }

    private static EthereumAddress Account(int number) => new([.. new byte[17], 0xac, (byte)(number >> 8), (byte)number]);

    private static PayerRegistryContract Registry(EthereumRpc rpc) => new(rpc, ChainAddresses.PayerRegistry);

    private static async Task<Wei[]> ReadAsync(EthereumRpc rpc, int count = int.MaxValue) => [.. (await Task.WhenAll(
        Accounts.Take(count).Select(one => rpc.GetBalanceAsync(one, BlockTag.Latest, Cancel)))).Select(one => one.OrThrow())];

    private async Task AssertReadAsync(Wei[] balances)
    {
        for (var i = 0; i < balances.Length; i++)
            Assert.Equal((await chain.Rpc.GetBalanceAsync(Accounts[i], BlockTag.Latest, Cancel)).OrThrow(), balances[i]);
    }

    private int Asked(string method) => Proxy.Asked.GetValueOrDefault(method);

    private async Task SetCodeAsync(ReadOnlyMemory<byte> code) =>
        (await chain.Rpc.Transport.SendAsync("anvil_setCode", [Multicall3Contract.Address, code], Cancel)).OrThrow();

    private EthereumRpc Together(TimeSpan? timeout = null) => new(
        new BatchingRpcTransport(Http, TimeSpan.FromMilliseconds(200), TestLimit.Max, _clock)
        {
            Multicall = new MulticallReads(Http, timeout ?? TestLimit.Max, _clock, _told.Enqueue),
        });
}
