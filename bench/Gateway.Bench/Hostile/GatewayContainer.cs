using System.ComponentModel;
using System.Diagnostics;
using Xmtp.Gateway.Bench.Authorize;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Hostile;

/// <summary>The gateway as a container of 512 MiB without swap, on this machine's network.</summary>
internal sealed class GatewayContainer : IAsyncDisposable
{
    private readonly string _name;

    private GatewayContainer(string name, ServerUnderTest server)
    {
        _name = name;
        Server = server;
    }

    /// <summary>The gateway; its process is the one that waits for the container.</summary>
    public ServerUnderTest Server { get; }

    /// <summary>Starts it, and waits until it publishes.</summary>
    public static async Task<GatewayContainer> StartAsync(string image, Uri chain, BenchToken token, CancellationToken cancellationToken)
    {
        var (port, name) = (FreePort.Next(), $"xmtp-hostile-{Environment.ProcessId}");
        var start = new ProcessStartInfo("docker",
        [
            "run",
            "--rm",
            "--name",
            name,
            "-m",
            "512m",
            "--memory-swap",
            "512m",
            "--network",
            "host",
            "-e",
            "XMTPD_PAYER_PRIVATE_KEY",
            image,
            .. GatewayStart.Flags(port, chain, "sampled"), .. token.Flags,
        ]);
        start.Environment["XMTPD_PAYER_PRIVATE_KEY"] = Stage.PayerKey;
        ServerUnderTest server;
        try
        {
            server = new ServerUnderTest(ChildProcess.Start("the container", start), $"http://127.0.0.1:{port}", IsGateway: true, 0);
        }
        catch (Win32Exception)
        {
            throw new BenchFailure("--docker needs the program docker on the PATH");
        }

        var container = new GatewayContainer(name, server);
        try
        {
            _ = server.Process.DrainAsync(CancellationToken.None);
            await GatewayStart.WaitAsync(server, token.Text, cancellationToken);
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var remove = Process.Start(
            new ProcessStartInfo("docker", ["rm", "-f", _name]) { RedirectStandardOutput = true, RedirectStandardError = true });
        if (remove is not null) await remove.WaitForExitAsync();
        await Server.Process.DisposeAsync();
    }
}
