using Google.Rpc;
using Grpc.Core;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>Two payers of one gateway on Redis, of which one has its key at a remote service.</summary>
public sealed class FailingPayerSignerTests
{
    private const byte Remote = 65, Local = 66;
    private const int Hanging = 40, MaxInFlight = 32;

    private static readonly Uri Anything = new("/", UriKind.Relative);
    private static readonly (string Name, string Value) CallerOfRemote = ChangingPayersFixture.KeyOf("remote"),
        CallerOfLocal = ChangingPayersFixture.KeyOf("local");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signer_that_never_answers_makes_only_its_own_callers_wait_and_nothing_of_them_is_published_or_lost()
    {
        TaskCompletionSource? gate = null;
        await using var service = await ScriptedRpcServer.OverHttpAsync(
            call => gate?.Task.WaitAsync(call.RequestAborted) ?? Task.CompletedTask);
        using var http = new HttpClient { BaseAddress = service.HttpUrl };
        // It does not look at the token of the gateway either.
        var signer = new SignerWithHook(PayersFileOnDisk.SignerOf(Remote), _ => http.GetAsync(Anything, CancellationToken.None));
        await using var redis = await RedisServer.StartAsync();
        using var file = NewFile();
        await using var network = await StartAsync(file, redis, signer);
        await AssertPublishesAsync(network, CallerOfRemote, Remote, 1);

        var (closed, before) = (new TaskCompletionSource(), signer.Count);
        gate = closed;
        var messages = Enumerable.Range(0, Hanging).Select(i => Envelopes.Welcome((byte)(100 + i))).ToList();
        var commits = Enumerable.Range(0, Hanging).Select(i => Envelopes.Commit((byte)(100 + i))).ToList();
        List<Task<Answer>> hanging = [.. messages.Concat(commits).Select(
            envelope => PublishAsync(network, envelope, CallerOfRemote, ("connect-timeout-ms", "10000")))];
        await Eventually.IsAsync(
            () => signer.Count - before >= Hanging + MaxInFlight || hanging.All(publish => publish.IsCompleted), "all are being signed");
        for (byte i = 0; i < 5; i++) await AssertPublishesAsync(network, CallerOfLocal, Local, (byte)(10 + i));

        foreach (var answer in await Task.WhenAll(hanging)) Assert.Equal(StatusCode.DeadlineExceeded, answer.Code);
        Assert.Equal(1ul, await NonceAsync(network, Remote));

        gate = null;
        closed.SetResult();
        // The first of them, and more than have a nonce at a time.
        foreach (var envelope in messages.Take(3).Concat(commits))
        {
            var answer = await PublishAsync(network, envelope, CallerOfRemote);
            Assert.Equal((StatusCode.OK, ""), (answer.Code, answer.Message));
        }

        Assert.Equal(1ul + Hanging, await NonceAsync(network, Remote));
        Assert.Equal(1 + 5 + 3, network.Nodes.Sum(node => node.Store.OfOriginator(node.Id).Count));
    }

    [Fact]
    public async Task A_signer_that_cannot_be_reached_refuses_its_own_callers_at_once_and_nobody_else()
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{RedisServer.FreePort()}") };
        var signer = new SignerWithHook(PayersFileOnDisk.SignerOf(Remote), _ => http.GetAsync(Anything, CancellationToken.None));
        await using var redis = await RedisServer.StartAsync();
        using var file = NewFile();
        await using var network = await StartAsync(file, redis, signer);

        for (byte i = 0; i < 5; i++)
        {
            var message = await PublishAsync(network, Envelopes.Welcome((byte)(20 + i)), CallerOfRemote);
            Assert.Equal((StatusCode.Unavailable, "the payer's key cannot sign now"), (message.Code, message.Message));
            var commit = await PublishAsync(network, Envelopes.Commit((byte)(20 + i)), CallerOfRemote);
            Assert.Equal((StatusCode.Unavailable, "APP_CHAIN_UNAVAILABLE"), (commit.Code, commit.Detail<ErrorInfo>().Reason));
            await AssertPublishesAsync(network, CallerOfLocal, Local, (byte)(10 + i));
        }

        Assert.Equal((0ul, 5ul), (await NonceAsync(network, Remote), await NonceAsync(network, Local)));
        Assert.Equal(5, network.Nodes.Sum(node => node.Store.OfOriginator(node.Id).Count));
    }

    private static PayersFileOnDisk NewFile() => new PayersFileOnDisk()
        .With("remote", null, ChangingPayersFixture.ByKey("remote"))
        .With("local", Local, ChangingPayersFixture.ByKey("local"));

    private static async Task<DevNetwork> StartAsync(PayersFileOnDisk file, RedisServer redis, SignerWithHook signer)
    {
        var network = await DevNetwork.StartAsync(
            new DevNetOptions
            {
                GatewayArguments = [.. file.Flags, "--redis.redis-url", $"redis://127.0.0.1:{redis.Port}"],
                ConfigureGateway = gateway => gateway.UsePayerSigner("remote", _ => signer),
            },
            Cancel);
        foreach (var seed in new[] { Remote, Local })
            await network.Chain.SetBalanceAsync(PayersFileOnDisk.SignerOf(seed).Address, Wei.FromEther(100), Cancel);
        return network;
    }

    // A message that the payer signed, and a commit.
    private static async Task AssertPublishesAsync(DevNetwork network, (string Name, string Value) caller, byte payer, byte seed)
    {
        var message = Envelopes.Welcome(seed);
        OriginatorProof.CheckAnswer(
            network, await PublishAsync(network, message, caller), PayersFileOnDisk.SignerOf(payer).Address, message);
        var commit = await PublishAsync(network, Envelopes.Commit(seed), caller);
        Assert.Equal((StatusCode.OK, ""), (commit.Code, commit.Message));
    }

    private static async Task<Answer> PublishAsync(
        DevNetwork network, ClientEnvelope envelope, params (string Name, string Value)[] headers)
    {
        using var client = new ProtocolClient(network.Gateway, Form.ConnectProto);
        return await client.PublishAsync(Envelopes.Request(envelope), headers);
    }

    private static async Task<ulong> NonceAsync(DevNetwork network, byte seed) =>
        (await network.Chain.Rpc.GetTransactionCountAsync(PayersFileOnDisk.SignerOf(seed).Address, BlockTag.Latest, Cancel)).OrThrow();
}
