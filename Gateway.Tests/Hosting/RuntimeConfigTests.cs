using System.Text.Json;
using Xmtp.Gateway.Tests.Deployment;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>What the runtime is told for the stock gateway, and for one made from the template.</summary>
public sealed class RuntimeConfigTests
{
    private const string SpinLimit = "System.Threading.ThreadPool.UnfairSemaphoreSpinLimit";

    [Fact]
    public void Worker_threads_do_not_spin_while_they_wait_for_work()
    {
        using var config = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "xmtp-gateway.runtimeconfig.json")));
        var properties = config.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
        Assert.Equal(0, properties.GetProperty(SpinLimit).GetInt32());
        Assert.Contains(
            $"<RuntimeHostConfigurationOption Include=\"{SpinLimit}\" Value=\"0\" />",
            DeploymentFiles.Read("templates/xmtp-gateway/XmtpGateway1/XmtpGateway1.csproj"),
            StringComparison.Ordinal);
    }
}
