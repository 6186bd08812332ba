using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Samples;

/// <summary>The service that signs for the wallets of samples/UserFunded: a real server, which hangs and fails as a test says.</summary>
internal sealed class WalletSigningService : IAsyncDisposable
{
    private readonly ConcurrentQueue<int> _requests = new();
    private readonly Dictionary<string, PrivateKeySigner> _wallets;
    private ScriptedRpcServer? _server;

    private WalletSigningService(IEnumerable<PrivateKeySigner> wallets) =>
        _wallets = wallets.ToDictionary(wallet => wallet.Address.ToString(), StringComparer.Ordinal);

    public Uri Url => _server!.HttpUrl;

    /// <summary>The number of hashes of each request, in the order of their arrival.</summary>
    public IReadOnlyCollection<int> Requests => _requests;

    /// <summary>What happens before a request is answered; it may end the call by an exception.</summary>
    public Func<HttpContext, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>What is done to a signature.</summary>
    public Action<byte[]> Change { get; set; } = _ => { };

    public static async Task<WalletSigningService> StartAsync(params PrivateKeySigner[] wallets)
    {
        var service = new WalletSigningService(wallets);
        service._server = await ScriptedRpcServer.OverHttpAsync(service.AnswerAsync);
        return service;
    }

    /// <summary>Requests are not answered until the task completes.</summary>
    public void HangUntil(Task gate) => Before = call => gate.WaitAsync(call.RequestAborted);

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task AnswerAsync(HttpContext call)
    {
        using var request = await JsonDocument.ParseAsync(call.Request.Body, cancellationToken: call.RequestAborted);
        var hashes = request.RootElement.GetProperty("hashes").EnumerateArray().ToList();
        _requests.Enqueue(hashes.Count);
        await Before(call);
        Assert.Equal(("/sign", "Bearer secret"), (call.Request.Path.Value, $"{call.Request.Headers.Authorization}"));
        await call.Response.WriteAsJsonAsync(new { signatures = hashes.Select(Sign) }, call.RequestAborted);
    }

    private string? Sign(JsonElement one)
    {
        if (!_wallets.TryGetValue(one.GetProperty("wallet").GetString()!, out var wallet)) return null;
        var signature = new byte[65];
        wallet.Sign(Convert.FromHexString(one.GetProperty("hash").GetString()!), signature);
        Change(signature);
        return Convert.ToHexStringLower(signature);
    }
}
