using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>What an RPC provider does instead of an answer.</summary>
internal enum ChaosRpcFault
{
    /// <summary>It answers.</summary>
    None,

    /// <summary>A transaction is accepted, and the connection is closed before the answer.</summary>
    LoseAnswer,

    /// <summary>It answers a second later.</summary>
    Delay,

    /// <summary>It refuses with 429, two of three requests.</summary>
    Limit,

    /// <summary>It answers 503 with a page.</summary>
    Unavailable,
}

/// <summary>The JSON-RPC endpoint of the gateways: a proxy in front of the chain.</summary>
internal sealed class ChaosRpc : IAsyncDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);
    private readonly WebApplication _server;
    private readonly HttpClient _client = new();
    private readonly Uri _chain;
    private readonly ConcurrentDictionary<(EthereumAddress Sender, ulong Nonce), Bytes32> _handedOn = new();
    private int _requests;

    private ChaosRpc(WebApplication server, Uri chain)
    {
        _server = server;
        _chain = chain;
    }

    /// <summary>What it does from now on.</summary>
    public volatile ChaosRpcFault Fault;

    /// <summary>
    /// Whether it says of a transaction that it took it, and keeps it from the chain, where the chain got another one with the
    /// same nonce.
    /// </summary>
    public volatile bool HoldsReplacements;

    /// <summary>The accounts whose transactions it says that it took, and keeps from the chain.</summary>
    public ConcurrentDictionary<EthereumAddress, bool> HoldsSenders { get; } = new();

    /// <summary>
    /// When it first got the transaction of a commit, as a timestamp of the clock, by its sender, its nonce, and the bytes of the client
    /// envelope in hexadecimal.
    /// </summary>
    public ConcurrentDictionary<(EthereumAddress Sender, ulong Nonce, string Key), long> FirstGot { get; } = new();

    /// <summary>The requests that it got.</summary>
    public RpcCounts Counts { get; } = new();

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<ChaosRpc> StartAsync(Uri chain, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var rpc = new ChaosRpc(builder.Build(), chain);
        rpc._server.Run(rpc.AnswerAsync);
        await rpc._server.StartAsync(cancellationToken);
        return rpc;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _client.Dispose();
    }

    private async Task AnswerAsync(HttpContext call)
    {
        using var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body, call.RequestAborted);
        Counts.Add(body.ToArray());
        switch (Fault)
        {
            case ChaosRpcFault.Limit when Interlocked.Increment(ref _requests) % 3 != 0:
                call.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                return;
            case ChaosRpcFault.Unavailable:
                call.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                call.Response.ContentType = "text/html";
                await call.Response.WriteAsync("<html>no server is available</html>", call.RequestAborted);
                return;
            case ChaosRpcFault.Delay:
                await Task.Delay(Delay, TimeProvider.System, call.RequestAborted);
                break;
        }

        var (request, transaction) = (body.ToArray(), TransactionIn(body.ToArray()));
        if (transaction is not null) Note(transaction);
        if (transaction is not null && IsHeld(transaction))
        {
            await call.Response.WriteAsJsonAsync(
                new { jsonrpc = "2.0", id = IdOf(request), result = transaction.Hash.ToString() }, call.RequestAborted);
            return;
        }

        if (transaction is not null) _handedOn[(transaction.Sender, transaction.Transaction.Nonce)] = transaction.Hash;
        using var content = new ByteArrayContent(request);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        // The chain gets the request even if the caller leaves, as behind a provider's queue.
        using var answer = await _client.PostAsync(_chain, content, CancellationToken.None);
        if (Fault == ChaosRpcFault.LoseAnswer && transaction is not null)
        {
            call.Abort();
            return;
        }

        call.Response.StatusCode = (int)answer.StatusCode;
        call.Response.ContentType = "application/json";
        await answer.Content.CopyToAsync(call.Response.Body, call.RequestAborted);
    }

    private void Note(SignedTransaction transaction)
    {
        if (!GroupMessageBroadcasterContract.TryReadAddMessage(transaction.Transaction.Data, out var message)) return;
        var key = (transaction.Sender, transaction.Transaction.Nonce, Convert.ToHexString(message.Message.Span));
        FirstGot.TryAdd(key, TimeProvider.System.GetTimestamp());
    }

    private bool IsHeld(SignedTransaction transaction) => HoldsSenders.ContainsKey(transaction.Sender)
        || (HoldsReplacements
            && _handedOn.TryGetValue((transaction.Sender, transaction.Transaction.Nonce), out var older)
            && older != transaction.Hash);

    private static SignedTransaction? TransactionIn(byte[] request)
    {
        using var json = JsonDocument.Parse(request);
        if (json.RootElement.ValueKind != JsonValueKind.Object
            || !json.RootElement.TryGetProperty("method", out var method)
            || !method.ValueEquals("eth_sendRawTransaction"))
        {
            return null;
        }

        var raw = json.RootElement.GetProperty("params")[0].GetString()!;
        return SignedTransactionReader.TryRead(Convert.FromHexString(raw["0x".Length..]), out var sent) ? sent : null;
    }

    private static JsonElement IdOf(byte[] request)
    {
        using var json = JsonDocument.Parse(request);
        return json.RootElement.GetProperty("id").Clone();
    }
}
