using Xmtp.Gateway.Bench.Sdk;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>Which version of the Node SDK a test runs on.</summary>
public enum Sdk
{
    /// <summary>The release that npm installs, or where it does not load the nightly: the test's output says which.</summary>
    Newest,

    /// <summary>The oldest that is still tested.</summary>
    Oldest,
}

/// <summary>The SDKs from npm, installed once for all tests.</summary>
public sealed class SdkInstallation : IAsyncLifetime
{
    /// <summary>The installed packages.</summary>
    internal static SdkPackages Packages
    {
        get => field ?? throw new InvalidOperationException($"the test's class is not in {nameof(SdkCollection)}");
        private set;
    }

    /// <summary>The version that a test runs on; written to the output of the test.</summary>
    internal static NodeSdk Of(Sdk sdk)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(
            sdk == Sdk.Newest ? Packages.Choice : $"@xmtp/node-sdk {Packages.Oldest.Version}");
        return sdk == Sdk.Newest ? Packages.Newest : Packages.Oldest;
    }

    public async ValueTask InitializeAsync()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TestLimit.Max);
        Packages = await SdkPackages.InstallAsync(timeout.Token);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One installation for all classes that run scripts.</summary>
[CollectionDefinition(nameof(SdkCollection))]
public sealed class SdkCollection : ICollectionFixture<SdkInstallation>;
