using Xmtp.Gateway.AppHost.Tests.TestSupport;

namespace Xmtp.Gateway.AppHost.Tests;

/// <summary>
/// What the terminal says when containers do not come, or go. The runtime is a script that the real orchestrator takes
/// for Docker.
/// </summary>
public sealed class ContainerFailureTests : IDisposable
{
    // Answers what the orchestrator asks before it makes a container.
    private const string Docker = """
        id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
        for last; do :; done
        here=$(dirname "$0")
        [ -f "$here/dead" ] && { echo 'Cannot connect to the Docker daemon.' >&2; exit 1; }
        CONTAINERS
        case "$1 $2" in
          "--version "*) echo 'Docker version 27.0.0, build abc' ;;
          "info "*) echo '{"ServerVersion":"27.0.0","OperatingSystem":"linux","OSType":"linux"}' ;;
          "ps "*|*" ls"|"network connect"|"network rm") ;;
          "network create") echo $id ;;
          "network inspect") echo '{"Name":"'"$last"'","Id":"'$id'","Created":"2026-01-01T00:00:00Z","Scope":"local","Driver":"bridge",' \
            '"IPAM":{"Driver":"default","Config":[{"Subnet":"172.18.0.0/16","Gateway":"172.18.0.1"}]},' \
            '"Containers":{},"Options":{},"Labels":{}}' ;;
          "events "*) while [ ! -f "$here/dead" ]; do sleep 1; done ;;
          "container inspect") echo "Error response from daemon: No such container: $last" >&2; exit 1 ;;
          *) echo "there is no $*" >&2; exit 1 ;;
        esac
        """;

    // Makes containers and says that they run. Nothing is in them. Each has a file with its name, and one once it was started.
    private const string Runs = """
        case "$1 $2" in
          "create "*)
            id=$(cat /proc/sys/kernel/random/uuid /proc/sys/kernel/random/uuid | tr -d '\n-')
            touch "$here/$id"; echo $id; exit ;;
          "container start") shift 2; for one; do touch "$here/$one.started"; echo $one; done; exit ;;
          "container stop"|"container rm"|"volume "*) echo $last; exit ;;
          "container cp") cat >/dev/null; exit ;;
          "container logs") while [ ! -f "$here/dead" ]; do sleep 1; done; exit ;;
        esac
        [ "$1 $2" = "container inspect" ] && [ -f "$here/$last" ] && {
          echo '{"Id":"'$last'","Name":"/'$last'","Config":{"Image":"one"},"Created":"2026-01-01T00:00:00Z",' \
            '"State":{"Status":"running","StartedAt":"2026-01-01T00:00:00Z"},' \
            '"NetworkSettings":{"Ports":{},"Networks":{"one":{"NetworkID":"'$id'","IPAddress":"172.18.0.2"}}}}'; exit; }
        """;

    private static readonly string[] Args =
    [
        "--containers", "yes", "--DcpPublisher:RandomizePorts", "true", "--ASPIRE_ALLOW_UNSECURED_TRANSPORT", "true",
    ];

    private readonly FakePrograms _programs = new();

    [Fact]
    public async Task An_image_that_cannot_be_pulled_is_named_and_the_application_ends()
    {
        AddDocker("""[ "$1" = create ] && { echo 'Error response from daemon: pull access denied' >&2; exit 125; }""");
        await using var run = AppHostProcess.Start(Args, _programs.Folder);
        Assert.Equal(1, await run.EndAsync());
        Assert.Matches(@"(anvil|redis) cannot start: its image \S+:\S+ cannot be pulled, or the container cannot run", run.Output);
        Assert.Contains("--containers no` runs without containers", run.Output, StringComparison.Ordinal);
        Assert.Contains("pull access denied", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_runtime_that_dies_while_it_creates_a_container_is_reported_with_a_remedy()
    {
        AddDocker("""[ "$1" = create ] && { while [ ! -f "$here/dead" ]; do sleep 1; done; exit 1; }""");
        await using var run = AppHostProcess.Start(Args, _programs.Folder);
        await run.SaysAsync("Distributed application starting");
        await DieAsync();
        await SaysThatItDiedAsync(run);
    }

    [Fact]
    public async Task A_container_runtime_that_dies_while_its_containers_run_is_reported_with_a_remedy()
    {
        AddDocker(Runs);
        await using var run = AppHostProcess.Start(Args, _programs.Folder);
        await ContainersRunAsync(run);
        await DieAsync();
        await SaysThatItDiedAsync(run);
        Assert.DoesNotContain("cannot start", run.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _programs.Dispose();

    private void AddDocker(string containers)
    {
        _programs.Add("docker", Docker.Replace("CONTAINERS", containers, StringComparison.Ordinal));
        _programs.Add("podman", "echo 'there is no socket' >&2; exit 125");
    }

    private async Task ContainersRunAsync(AppHostProcess run)
    {
        // Redis and Anvil.
        const int containers = 2;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMinutes(5));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (Directory.GetFiles(_programs.Folder, "*.started").Length < containers) await look.WaitForNextTickAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"no container was started:{Environment.NewLine}{run.Output}");
        }
    }

    private Task DieAsync() =>
        File.WriteAllTextAsync(Path.Combine(_programs.Folder, "dead"), string.Empty, TestContext.Current.CancellationToken);

    private static async Task SaysThatItDiedAsync(AppHostProcess run)
    {
        await run.SaysAsync(
            "The container runtime does not answer (docker has no engine: Cannot connect to the Docker daemon.; podman has no engine: " +
            "there is no socket)");
        Assert.Contains("Start it, and this application again", run.Output, StringComparison.Ordinal);
    }
}
