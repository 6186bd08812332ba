using System.Net;
using System.Net.Sockets;
using Xmtp.Gateway.AppHost.Tests.TestSupport;

namespace Xmtp.Gateway.AppHost.Tests;

/// <summary>What people hit before anything runs: a line that says what and what to do, and an exit code.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly FakePrograms _programs = new();

    [Theory]
    [InlineData("--target: expected manifest, which is what azd reads, not 'swarm'", "--target", "swarm")]
    [InlineData("--replicas: expected a whole number from 1 to 32, not '0'", "--replicas", "0")]
    [InlineData(
        "--network anvil: the local chain is not deployed; testnet or mainnet",
        "--network",
        "anvil",
        "--publisher",
        "manifest",
        "--output-path",
        "manifest.json")]
    public async Task A_flag_that_cannot_be_is_one_line_and_no_stack_trace(string line, params string[] args)
    {
        await using var run = AppHostProcess.Start([.. args, "--containers", "no"]);
        Assert.Equal(2, await run.EndAsync());
        Assert.Contains(line, run.Output.Split(Environment.NewLine));
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_whose_it_is_and_what_to_do()
    {
        using var holder = Hold(8545);
        await using var run = AppHostProcess.Start(["--containers", "no"]);
        Assert.Equal(2, await run.EndAsync());
        Assert.Contains("port 8545 (anvil, http) is taken", run.Output, StringComparison.Ordinal);
        Assert.Contains("end it. Or let resources take free ports", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_the_dashboard_was_given_is_looked_at_too()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        await using var run = AppHostProcess.Start(["--containers", "no"], programs: null, ("ASPNETCORE_URLS", $"http://localhost:{port}"));
        Assert.Equal(2, await run.EndAsync());
        Assert.Contains($"port {port} (dashboard) is taken", run.Output, StringComparison.Ordinal);
    }

    // A port that is taken ends it once the decision is said.
    [Fact]
    public async Task A_container_runtime_that_answers_late_is_not_waited_for_and_the_reason_is_said()
    {
        _programs.Add("docker", "sleep 600");
        _programs.Add("podman", "echo 'no socket there' >&2; exit 125");
        using var holder = Hold(8545);
        await using var run = AppHostProcess.Start([], _programs.Folder);
        Assert.Equal(2, await run.EndAsync());
        Assert.Contains(
            "Without containers (docker did not answer within 10 s; podman has no engine: no socket there)",
            run.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_runtime_that_answers_is_used_and_said()
    {
        _programs.Add("docker", "exit 0");
        _programs.Add("podman", "exit 125");
        using var holder = Hold(8545);
        await using var run = AppHostProcess.Start([], _programs.Folder);
        Assert.Equal(2, await run.EndAsync());
        Assert.Contains("With containers (docker answers)", run.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _programs.Dispose();

    // Whoever else has it serves as well.
    private static TcpListener Hold(int port)
    {
        var holder = new TcpListener(IPAddress.Loopback, port);
        try
        {
            holder.Start();
        }
        catch (SocketException)
        {
            // It is taken.
        }

        return holder;
    }
}
