using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Servers;

/// <summary>A service that signs hashes with one key. It can be closed, and it can be silent: accept requests and answer none.</summary>
internal sealed class SigningServer(PrivateKeySigner signer) : IAsyncDisposable
{
    /// <summary>The size of a signature.</summary>
    public const int SignatureSize = 65;

    private const int HashSize = 32;
    private const string Path = "/sign";

    private readonly int _port = FreePort.Next();
    private WebApplication? _app;
    private volatile bool _isSilent;

    /// <summary>Where it signs.</summary>
    public Uri Url => new($"http://127.0.0.1:{_port}{Path}");

    /// <summary>Whether it answers no request that comes from now on.</summary>
    public bool IsSilent
    {
        get => _isSilent;
        set => _isSilent = value;
    }

    /// <summary>Listens, unless it does.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (_app is not null) return;
        var builder = LoopbackServer.CreateBuilder(_port);
        builder.Services.AddRouting();
        _app = builder.Build();
        _app.MapPost(Path, SignAsync);
        await _app.StartAsync(cancellationToken);
    }

    /// <summary>Ends its connections, and refuses others.</summary>
    public async Task CloseAsync()
    {
        if (_app is not { } app) return;
        _app = null;
        // Does not wait for the requests that it has not answered.
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task SignAsync(HttpContext call)
    {
        var (hash, signature) = (new byte[HashSize], new byte[SignatureSize]);
        await call.Request.Body.ReadExactlyAsync(hash, call.RequestAborted);
        if (_isSilent)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        signer.Sign(hash, signature);
        await call.Response.Body.WriteAsync(signature, call.RequestAborted);
    }
}
