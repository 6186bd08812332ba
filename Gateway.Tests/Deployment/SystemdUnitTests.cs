using System.Diagnostics;
using System.Globalization;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>The unit of deploy/systemd, by systemd's own tool and by what the gateway takes.</summary>
public class SystemdUnitTests
{
    private static readonly string Unit = Path.Combine(ToolsFolder.Repository!, "deploy", "systemd", "xmtp-gateway.service");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Systemd_finds_nothing_wrong_in_it()
    {
        var program = await MachineProgram.FindAsync("systemd-analyze", "systemd");
        var folder = Directory.CreateTempSubdirectory("unit-");
        var file = Path.Combine(folder.FullName, Path.GetFileName(Unit));
        // The runtime may be elsewhere on this machine.
        var text = await File.ReadAllTextAsync(Unit, Cancel);
        await File.WriteAllTextAsync(file, text.Replace("/usr/bin/dotnet", Environment.ProcessPath, StringComparison.Ordinal), Cancel);
        var (exitCode, output, errors) = await TestProcess.RunAsync(new ProcessStartInfo(program, ["verify", file]));
        Assert.Equal((0, "", ""), (exitCode, output, errors));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Its_variables_are_settings_and_a_stop_has_the_time_that_the_gateway_takes()
    {
        var lines = await File.ReadAllLinesAsync(Unit, Cancel);
        var known = GatewaySettings.Table().Settings.SelectMany(setting => setting.Variables).ToHashSet(StringComparer.Ordinal);
        var given = lines.Where(line => line.StartsWith("Environment=", StringComparison.Ordinal))
            .SelectMany(line => line["Environment=".Length..].Split(' ')).Select(pair => pair.Split('=')[0]).ToList();
        Assert.Equal(2, given.Count);
        Assert.All(given, name => Assert.Contains(name, known));
        Assert.Contains("RestartPreventExitStatus=2", lines);
        var stop = lines.Single(line => line.StartsWith("TimeoutStopSec=", StringComparison.Ordinal))["TimeoutStopSec=".Length..];
        var api = new ApiOptions();
        var needed = (api.ShutdownDelay + api.DrainTimeout).TotalSeconds + 5;
        Assert.InRange(double.Parse(stop, CultureInfo.InvariantCulture), needed, 300);
    }
}
