using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>The SDKs from npm, installed once into <c>e2e/node_modules</c> whatever number of processes want them.</summary>
public sealed class SdkInstallation : IAsyncLifetime
{
    private const string Done = ".installed";

    /// <summary>The folder of the scripts.</summary>
    public static string Folder { get; } = Path.Combine(
        ToolsFolder.Repository ?? throw new InvalidOperationException("the tests run outside of the repository"), "e2e");

    public async ValueTask InitializeAsync()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TestLimit.Max);
        var cancellationToken = timeout.Token;
        var wanted = await File.ReadAllTextAsync(Path.Combine(Folder, "package-lock.json"), cancellationToken);
        Directory.CreateDirectory(ToolsFolder.Root);
        using var mine = await FileLock.AcquireAsync(Path.Combine(ToolsFolder.Root, "e2e.lock"), cancellationToken);
        var mark = Path.Combine(Folder, "node_modules", Done);
        if (File.Exists(mark) && await File.ReadAllTextAsync(mark, cancellationToken) == wanted) return;
        var fault = await Npm.RunAsync(
            Folder, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cancellationToken);
        Assert.True(fault is null, fault);
        await File.WriteAllTextAsync(mark, wanted, cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One installation for all classes that run scripts.</summary>
[CollectionDefinition(nameof(SdkCollection))]
public sealed class SdkCollection : ICollectionFixture<SdkInstallation>;
