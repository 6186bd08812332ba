using Microsoft.AspNetCore.Http;
using Nethereum.ABI.FunctionEncoding.Attributes;
using Nethereum.Contracts;
using Nethereum.Hex.HexTypes;
using Nethereum.JsonRpc.Client;
using Nethereum.RPC.Eth;
using Nethereum.RPC.Eth.Blocks;
using Nethereum.Web3;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Nethereum;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.NethereumBridge;

/// <summary>Our transport under Nethereum's Web3: what it keeps of our rules, and what Nethereum still finds out by its own.</summary>
public sealed class TransportClientTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Web3_reads_a_chain_through_our_transport()
    {
        var web3 = new Web3(new TransportClient(chain.Rpc.Transport, Cancel));

        Assert.Equal(31337, (await web3.Eth.ChainId.SendRequestAsync()).Value);
        Assert.Equal("0x", await web3.Eth.GetCode.SendRequestAsync(DevAccounts.Payer.ToString()));
        Assert.Null(await web3.Eth.Transactions.GetTransactionReceipt.SendRequestAsync("0x" + new string('1', 64)));
        var block = await web3.Eth.Blocks.GetBlockWithTransactionsHashesByNumber.SendRequestAsync(new HexBigInteger(0));
        Assert.Equal(0, block.Number.Value);
    }

    [Fact]
    public async Task A_contracts_refusal_is_Nethereums_exception_and_our_error()
    {
        var handler = new Web3(new TransportClient(chain.Rpc.Transport, Cancel)).Eth
            .GetContractTransactionHandler<UpdatePauseStatusMessage>();
        var message = new UpdatePauseStatusMessage { FromAddress = DevAccounts.Administrator.ToString() };

        var refusal = await Assert.ThrowsAsync<SmartContractCustomErrorRevertException>(() =>
            handler.SendRequestAndWaitForReceiptAsync(ChainAddresses.GroupMessageBroadcaster.ToString(), message, Cancel));

        Assert.True(refusal.IsCustomErrorFor<NoChangeError>());
        var fault = RpcFault.Of(refusal)!;
        Assert.Equal(
            (RpcErrorKind.Reverted, "NoChange", "the state is the same already"),
            (fault.Kind, RevertReason.Name(fault.Data), RevertReason.Of(fault.Data)));
    }

    [Theory]
    [InlineData(-32000, "nonce too low", RpcErrorKind.NonceTooLow)]
    [InlineData(-32601, "no such method", RpcErrorKind.MethodNotFound)]
    public async Task An_error_with_status_400_keeps_its_code_text_and_class(
        int code, string words, RpcErrorKind kind)
    {
        await using var server = await ScriptedRpcServer.AnsweringAsync(
            "error", $$"""{"code":{{code}},"message":"{{words}}"}""", status: 400);
        using var transport = new HttpRpcTransport(server.HttpUrl);

        var error = await Assert.ThrowsAsync<TransportResponseException>(
            () => new EthBlockNumber(new TransportClient(transport, Cancel)).SendRequestAsync());

        Assert.Equal((code, kind), (error.RpcError.Code, error.Error.Kind));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("too large"), InlineData("no JSON"), InlineData("redirected")]
    public async Task An_answer_that_cannot_be_used_shows_no_more_of_the_URL_than_its_port(string answer)
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
        {
            if (answer == "redirected") context.Response.Redirect("/elsewhere");
            return answer == "redirected"
                ? Task.CompletedTask
                : context.Response.WriteAsync(
                    answer == "no JSON" ? "<html>" : $$"""{"jsonrpc":"2.0","id":1,"result":"0x{{new string('1', 4_000)}}"}""");
        });
        var url = new UriBuilder(server.HttpUrl)
        {
            UserName = "someone",
            Password = "secret-1",
            Path = "secret-2",
            Query = "key=secret-3",
        }.Uri;
        using var transport = new HttpRpcTransport(url) { MaxAnswerBytes = 1_000 };

        var error = await Assert.ThrowsAsync<RpcClientUnknownException>(
            () => new EthBlockNumber(new TransportClient(transport, Cancel)).SendRequestAsync());

        Assert.NotNull(RpcFault.Of(error));
        Assert.Contains($":{server.HttpUrl.Port}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_ends_with_its_clients_token_or_with_its_time()
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(
            context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        using var transport = new HttpRpcTransport(server.HttpUrl);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var client = new TransportClient(transport) { RequestTimeout = Timeout.InfiniteTimeSpan };

        var waiting = new EthBlockNumber(client.WithCancellation(caller.Token)).SendRequestAsync();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        var late = await Assert.ThrowsAsync<RpcClientTimeoutException>(() =>
            new EthBlockNumber(new TransportClient(transport, Cancel) { RequestTimeout = TimeSpan.FromMilliseconds(100) })
                .SendRequestAsync());
        Assert.Equal(RpcErrorKind.Transport, RpcFault.Of(late)!.Kind);
    }

    [Fact]
    public async Task A_batch_is_answered_request_by_request()
    {
        var batch = new RpcRequestResponseBatch();
        var chainId = new EthChainId(new TransportClient(chain.Rpc.Transport, Cancel));
        var items = Enumerable.Range(0, 40)
            .Select(id => new RpcRequestResponseBatchItem<EthChainId, HexBigInteger>(chainId, chainId.BuildRequest(id)))
            .ToList();
        batch.BatchItems.AddRange(items);

        await chainId.Client.SendBatchRequestAsync(batch);

        Assert.All(items, item => Assert.Equal(31337, item.Response.Value));
    }

    [Function("updatePauseStatus")]
    private sealed class UpdatePauseStatusMessage : FunctionMessage;

    [Error("NoChange")]
    private sealed class NoChangeError : IErrorDTO;
}
